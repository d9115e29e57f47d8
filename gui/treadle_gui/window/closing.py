"""Closing: the way out. First what is unsaved, then what is running; staying is always possible."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle_gui.dialogs.question import put
from treadle_gui.dialogs.questions import close_during_run
from treadle_gui.window.filing import Filing
from treadle_gui.window.page import Page
from treadle_gui.window.run_controls import RunControls
from treadle_gui.window.saving import Saving
from treadle_gui.window.tabs import AnyPage
from treadle_gui.window.theming import HasTheme

__all__ = ["Closing"]


class Closing(QObject):
    """`settled`: everything was asked and let go of; the window may close now."""

    settled = Signal()

    def __init__(self, window: QWidget, look: HasTheme, filing: Filing, saving: Saving, controls: RunControls) -> None:
        super().__init__(window)
        self._window = window
        self._look = look
        self._filing = filing
        self._saving = saving
        self._controls = controls
        self._is_asking = False

    async def close_tab(self, page: AnyPage) -> None:
        if not isinstance(page, Page):
            self._filing.take_out(page)
        elif await self._settle_runs([page]) and await self._saving.settle_unsaved([page]):
            await self._filing.drop(page)

    async def close_all(self) -> None:
        """Asks once for all pages. A second try while a question is open changes nothing."""
        if self._is_asking:
            return
        self._is_asking = True
        try:
            pages = self._filing.pages()
            if not await self._saving.settle_unsaved(pages) or not await self._settle_runs(pages):
                return
            for page in pages:
                await self._filing.drop(page)
        finally:
            self._is_asking = False
        self.settled.emit()

    async def _settle_runs(self, pages: list[Page]) -> bool:
        """False where a person stayed."""
        running = [page for page in pages if self._controls.is_running(page)]
        if not running:
            return True
        question = close_during_run(self._look.theme, [page.document.title for page in running], self._window)
        answer = await put(question)
        if answer == "cancel":
            for page in running:
                await self._controls.stop(page)
        return answer in ("keep", "cancel")
