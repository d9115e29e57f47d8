"""Opens the settings of the project in front, and carries out what is decided there about the project itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from treadle.store.pools_writing import NotWritable, write_pools
from treadle.store.project_settings import read_settings
from treadle_gui.dialogs.project_settings import ProjectSettingsDialog
from treadle_gui.window.page import Page
from treadle_gui.window.run_controls import RunControls
from treadle_gui.window.tasks import Tasks

__all__ = ["ProjectSettings"]


class ProjectSettings(QObject):
    """`told(words)`; `changed`: the project is trusted, or is so no more."""

    told = Signal(str)
    changed = Signal()

    def __init__(self, window: QWidget, tasks: Tasks, controls: RunControls) -> None:
        super().__init__(window)
        self._window = window
        self._tasks = tasks
        self._controls = controls

    def open(self, page: Page) -> None:
        dialog = ProjectSettingsDialog(page.project.root, page.document, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show_trust(trusted=page.bridge.is_trusted)
        self._show_pools(page, dialog)
        dialog.pools_changed.connect(lambda pools: self._tasks.start("keeping pools", self._write(page, dialog, pools)))
        dialog.trust_changed.connect(lambda on: self._tasks.start("deciding on trust", self._decide(page, dialog, on)))
        dialog.open()

    def _show_pools(self, page: Page, dialog: ProjectSettingsDialog) -> None:
        settings = read_settings(page.project.root)
        dialog.show_pools(settings.pools, "; ".join(problem.message for problem in settings.problems))

    async def _write(self, page: Page, dialog: ProjectSettingsDialog, pools: Mapping[str, int]) -> None:
        try:
            await asyncio.to_thread(write_pools, page.project.root, pools)
        except (NotWritable, OSError) as error:
            words = f"The pools can't be kept: {error}"
            self.told.emit(words)
            if dialog.isVisible():
                dialog.show_pools(read_settings(page.project.root).pools, words)
            return
        page.document.check_again()
        if dialog.isVisible():
            dialog.show_pools(pools)

    async def _decide(self, page: Page, dialog: ProjectSettingsDialog, on: bool) -> None:
        if on:
            await self._controls.settle_trust(page)
        else:
            try:
                page.bridge.restrict()
            except OSError as error:
                self.told.emit(f"Your answer can't be remembered: {error.strerror or error}")
        dialog.show_trust(trusted=page.bridge.is_trusted)
        self.changed.emit()
