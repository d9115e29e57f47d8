"""Recovering: work that a crash left is offered and opened as unsaved, and kept until a person says otherwise."""

from __future__ import annotations

import asyncio

from PySide6.QtWidgets import QWidget

from treadle_gui.dialogs.asking import ask
from treadle_gui.dialogs.recovery import RecoveryDialog
from treadle_gui.document.recovery import RecoveryFolder
from treadle_gui.window.filing import Filing

__all__ = ["Recovering"]


class Recovering:
    def __init__(self, window: QWidget, folder: RecoveryFolder, filing: Filing) -> None:
        self._window = window
        self._folder = folder
        self._filing = filing

    async def offer(self) -> None:
        """Asks about work that a crash left behind, and opens what is wanted."""
        notes = await asyncio.to_thread(self._folder.left_behind)
        if not notes:
            return
        dialog = RecoveryDialog(notes, self._window)
        if not await ask(dialog):
            return
        wanted, discards = dialog.chosen, dialog.discards
        for note in wanted:
            self._filing.open_recovered(note)
        for note in notes:
            if discards or note in wanted:
                await asyncio.to_thread(self._folder.discard, note.id)
