"""Collecting: a person frees disk space: asked what may go, shown what would, and then it goes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle.host.api import EngineFailed, EngineLost, NotTrusted, Rules, RunBusy
from treadle_gui.dialogs.asking import ask
from treadle_gui.dialogs.collecting import CollectDialog, counted
from treadle_gui.runs.sentences import sentence
from treadle_gui.window.page import Page
from treadle_gui.window.tasks import Tasks

__all__ = ["Collecting"]

_TROUBLES = (NotTrusted, RunBusy, EngineLost, EngineFailed, OSError)


class Collecting(QObject):
    """`told(words)`: what came of it."""

    told = Signal(str)

    def __init__(self, window: QWidget, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._tasks = tasks

    async def collect(self, page: Page) -> None:
        """Of the project of `page`."""
        dialog = CollectDialog(self._window)
        dialog.looked.connect(lambda rules: self._tasks.start("looking what may go", self._look(page, dialog, rules)))
        dialog.look()
        if not await ask(dialog):
            return
        try:
            self.told.emit(f"Freed {counted(await page.bridge.collect(dialog.rules))}")
        except _TROUBLES as error:
            self.told.emit(sentence(error))

    async def _look(self, page: Page, dialog: CollectDialog, rules: Rules) -> None:
        try:
            dialog.show_collected(rules, await page.bridge.collect(rules, dry_run=True))
        except _TROUBLES as error:
            dialog.show_trouble(sentence(error))
