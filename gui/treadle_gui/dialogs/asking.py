"""Asking a person and waiting for the answer without stopping the loop: `answer = await ask(dialog)`.

A dialog is opened, never executed: `exec` inside a coroutine would enter a second loop and hang every other task.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

__all__ = ["ask", "ask_open", "ask_save"]


async def ask(dialog: QDialog) -> bool:
    """Opens `dialog` over its window; True where it was accepted. It is deleted afterwards, on the loop's next turn."""
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def settle(result: int) -> None:
        if not answer.done():
            answer.set_result(result == QDialog.DialogCode.Accepted)

    dialog.finished.connect(settle)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.open()
    try:
        return await answer
    finally:
        dialog.deleteLater()


async def ask_open(parent: QWidget, title: str, folder: str, filters: list[str]) -> str | None:
    """A file that exists, or None."""
    dialog = QFileDialog(parent, title, folder)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(filters)
    return dialog.selectedFiles()[0] if await ask(dialog) else None


async def ask_save(parent: QWidget, title: str, place: str, filters: list[str], suffix: str) -> str | None:
    """Where to write, with `suffix` appended where it is missing; the dialog itself asks before replacing a file."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilters(filters)
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    dialog.selectFile(place)
    return dialog.selectedFiles()[0] if await ask(dialog) else None
