"""RunControls: Run and Stop, and what a person is asked before: trust, parameters.

Whether a pipeline can run is the engine's to say; its refusal is shown as problems.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Mapping
from typing import Protocol, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle.host.api import EngineFailed, EngineLost, NotTrusted, RunBusy, RunRefused, RunRequest, UnknownRun
from treadle.spec.values import Value
from treadle_gui.dialogs.asking import ask
from treadle_gui.dialogs.question import put
from treadle_gui.dialogs.questions import trust
from treadle_gui.dialogs.run_parameters import RunParameters, fitting, missing
from treadle_gui.runs.bridge import sentence
from treadle_gui.style.tokens import Theme
from treadle_gui.window.page import Page
from treadle_gui.window.services import Services

__all__ = ["RunControls"]


class _Look(Protocol):
    @property
    def theme(self) -> Theme: ...


class RunControls(QObject):
    """`refused(problems)`: why the pipeline can't run. `changed`: something about running is different now."""

    refused = Signal(object)
    told = Signal(str)
    changed = Signal()

    def __init__(self, window: QWidget, look: _Look, services: Services) -> None:
        super().__init__(window)
        self._window = window
        self._look = look
        self._services = services
        self._starting: set[Page] = set()

    def is_running(self, page: Page | None) -> bool:
        return page is not None and page.bridge.is_running

    def can_run(self, page: Page | None) -> bool:
        if page is None or page in self._starting or not page.document.pipeline.nodes:
            return False
        return not page.bridge.is_running

    async def run(self, page: Page, *, to: str | None = None, use_cache: bool = True, ask_first: bool = False) -> None:
        """Starts a run of the pipeline as it stands, saved or not."""
        if not self.can_run(page):
            return
        self._starting.add(page)
        self.changed.emit()
        try:
            if await self.settle_trust(page):
                params = await self._parameters(page, ask_first)
                if params is not None:
                    request = RunRequest(
                        page.document.text(), _file(page), params, to, use_cache, environment=dict(os.environ)
                    )
                    await self._start(page, request)
        finally:
            self._starting.discard(page)
            self.changed.emit()

    async def resume(self, page: Page, run: str) -> None:
        if await self.settle_trust(page):
            await self._guard(page.bridge.resume(run))

    async def show(self, page: Page, run: str) -> None:
        """Shows an earlier run on the page."""
        await self._guard(page.bridge.attach(run))

    async def stop(self, page: Page, task: str | None = None) -> None:
        await self._guard(page.bridge.cancel(task))

    async def find_unfinished(self, page: Page) -> None:
        """Shows the run that is going on for this file, after the app was closed during it."""
        if page.document.path is not None and page.bridge.is_trusted:
            await self._guard(page.bridge.attach_to_unfinished(_file(page)))

    async def settle_trust(self, page: Page) -> bool:
        """Whether the project is trusted, having asked where it was not."""
        if page.bridge.is_trusted:
            return True
        answer = await put(trust(self._look.theme, page.project.root, self._window))
        if answer != "trust":
            return False
        try:
            page.bridge.trust()
        except OSError as error:
            self.told.emit(f"Your answer can't be remembered: {error.strerror or error}")
            return False
        self.changed.emit()
        return True

    async def _start(self, page: Page, request: RunRequest) -> None:
        try:
            await page.bridge.start(request)
            self.refused.emit(())
        except RunRefused as refusal:
            self.refused.emit(refusal.problems)
            count = len(refusal.problems)
            self.told.emit(f"The pipeline can't run: {count} problem{'' if count == 1 else 's'}")
        except (NotTrusted, UnknownRun, RunBusy, EngineLost, EngineFailed, OSError) as error:
            self.told.emit(sentence(error))

    async def _guard(self, work: Awaitable[object]) -> None:
        try:
            await work
        except (NotTrusted, UnknownRun, RunBusy, EngineLost, EngineFailed, OSError) as error:
            self.told.emit(sentence(error))
        self.changed.emit()

    async def _parameters(self, page: Page, ask_first: bool) -> Mapping[str, Value] | None:
        """What to run with, or None where a person thought better of it."""
        declared = page.document.pipeline.params
        if not declared:
            return {}
        key = _file(page) or page.document.title
        remembered = cast("dict[str, Value]", self._services.settings.run_parameters(key))
        given = fitting(declared, remembered)
        if not ask_first and not missing(declared, given):
            return given
        dialog = RunParameters(declared, given, self._look.theme, page.project.root, self._window)
        if not await ask(dialog):
            return None
        self._services.settings.remember_run_parameters(key, cast("dict[str, object]", dialog.values))
        return dialog.values


def _file(page: Page) -> str | None:
    path = page.document.path
    return str(path.absolute()) if path is not None else None
