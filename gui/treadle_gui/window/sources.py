"""Showing where a component is written, and writing what was exported: small errands with files, off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

import treadle
from treadle.spec.component import Component
from treadle.store.atomic import write_atomic
from treadle_gui.panels.fields.highlighting import Highlighter
from treadle_gui.style.apply import mono_font
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["SourceDialog", "show_source", "source_path", "write_export"]

_LARGEST: Final = 2**20


class SourceDialog(QDialog):
    """A source file at a line, to read."""

    def __init__(self, path: Path, text: str, line: int | None, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(path.name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setProperty("role", "code")
        self.text.setFont(mono_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setPlainText(text)
        self._colours = Highlighter(self.text.document(), "python" if path.suffix == ".py" else "yaml", theme)
        place = PlainLabel(f"{path}:{line}" if line else str(path), "small")
        place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.addWidget(place)
        column.addWidget(self.text, 1)
        self.resize(760, 620)
        if line:
            self.text.setTextCursor(QTextCursor(self.text.document().findBlockByNumber(line - 1)))
            self.text.centerCursor()


def source_path(component: Component, project: Path) -> Path:
    """Where the file of a component's function lies: in the project at `project`, or with our own."""
    root = Path(treadle.__file__).parent.parent if component.builtin else project
    return root / component.source.file


async def show_source(parent: QWidget, path: Path, line: int | None, theme: Theme, tell: Callable[[str], None]) -> None:
    """Opens the file's text beside the window; what keeps it from being read is told."""
    try:
        text = await asyncio.to_thread(_read, path)
    except OSError as error:
        tell(f"{path} can't be read: {error.strerror or error}")
        return
    SourceDialog(path, text, line, theme, parent).show()


def _read(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_LARGEST).decode("utf-8", "replace")


async def write_export(path: Path, text: str, tell: Callable[[str], None]) -> None:
    """Writes the file whole or not at all."""
    try:
        await asyncio.to_thread(write_atomic, path, text.encode())
    except OSError as error:
        tell(f"{path} can't be written: {error.strerror or error}")
        return
    tell(f"Exported to {path}")
