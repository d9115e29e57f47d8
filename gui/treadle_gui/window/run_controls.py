"""RunControls: Run and Stop, and what a person is asked before: trust, parameters.

Whether a pipeline can run is the engine's to say; its refusal is shown as problems.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import Final, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle.host.api import (
    Breakpoint,
    Engine,
    EngineFailed,
    EngineLost,
    NotTrusted,
    RunBusy,
    RunRefused,
    RunRequest,
    UnknownRun,
    UnknownTask,
)
from treadle.run.selecting import Selection
from treadle.spec.values import Value
from treadle_gui.dialogs.asking import ask
from treadle_gui.dialogs.question import put
from treadle_gui.dialogs.questions import trust
from treadle_gui.dialogs.run_parameters import RunParameters, fitting, missing
from treadle_gui.runs.sentences import sentence
from treadle_gui.window.page import Page
from treadle_gui.window.services import Services
from treadle_gui.window.theming import HasTheme
from treadle_gui.window.unsaved_parts import UnsavedParts

__all__ = ["RunControls"]


_ALL: Final = Selection()


class RunControls(QObject):
    """`refused(problems)`: why the pipeline can't run. `changed`: something about running is different now."""

    refused = Signal(object)
    told = Signal(str)
    changed = Signal()

    def __init__(self, window: QWidget, look: HasTheme, services: Services, parts: UnsavedParts) -> None:
        super().__init__(window)
        self._parts = parts
        self._window = window
        self._look = look
        self._services = services
        self._starting: set[Page] = set()

    def is_running(self, page: Page) -> bool:
        return page.bridge.is_running

    def can_run(self, page: Page) -> bool:
        return page not in self._starting and bool(page.document.pipeline.nodes) and not page.bridge.is_running

    def is_paused(self, page: Page) -> bool:
        return page.bridge.is_running and page.session is not None and bool(page.session.state.paused)

    def attend(self, page: Page) -> None:
        """Keeps a page that was opened in step with its runs: its breakpoints, and what its banner offers."""
        settings = self._services.settings
        page.breakpoints.restore(settings.breakpoints(_key(page)))
        page.breakpoints.changed.connect(lambda: settings.remember_breakpoints(_key(page), page.breakpoints.active))
        page.breakpoints.toggled.connect(lambda here, on: self._tell_breakpoint(page, here, on))
        page.paused.continue_requested.connect(lambda: page.bridge.launch(self.go_on(page)))
        page.paused.step_requested.connect(lambda: page.bridge.launch(self.step(page)))
        page.paused.apply_requested.connect(lambda: page.bridge.launch(self.apply(page)))

    def _tell_breakpoint(self, page: Page, here: Breakpoint, on: bool) -> None:
        if self.is_running(page):
            page.bridge.launch(
                self._guard(page.bridge.ask(lambda engine, run, by: engine.set_breakpoint(run, *here, on, by)))
            )
        self.changed.emit()

    async def pause(self, page: Page) -> None:
        await self._guard(page.bridge.ask(lambda engine, run, by: engine.pause(run, by)))

    async def go_on(self, page: Page) -> None:
        await self._guard(page.bridge.ask(lambda engine, run, by: engine.go_on(run, by)))

    async def step(self, page: Page, task: str | None = None) -> None:
        await self._guard(page.bridge.ask(lambda engine, run, by: engine.step(run, task, by)))

    async def apply(self, page: Page) -> None:
        """The paused run takes up the values that were changed since it began."""
        for node, values in page.changes.items():
            await self._guard(page.bridge.ask(partial(_change, node, values)))

    async def retry(self, page: Page, task: str | None) -> None:
        """Tries one node of the finished run again."""
        if task is not None and await self.settle_trust(page):
            await self._guard(page.bridge.retry(task))

    async def run(self, page: Page, part: Selection = _ALL, *, use_cache: bool = True, ask_first: bool = False) -> None:
        """Starts a run of the pipeline as it stands, saved or not, or of a part of it."""
        if not self.can_run(page):
            return
        self._starting.add(page)
        self.changed.emit()
        try:
            if await self.settle_trust(page) and await self._parts.settle(page):
                params = await self._parameters(page, ask_first)
                if params is not None:
                    request = RunRequest(
                        page.document.text(),
                        _file(page),
                        params,
                        part.to,
                        use_cache,
                        start_from=part.start_from,
                        only=part.only,
                        failed=part.failed,
                        environment=dict(os.environ),
                        breakpoints=page.breakpoints.active,
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
        except RunRefused as refusal:
            self.told.emit("; ".join(problem.message for problem in refusal.problems))
        except (NotTrusted, UnknownRun, UnknownTask, RunBusy, EngineLost, EngineFailed, OSError) as error:
            self.told.emit(sentence(error))
        self.changed.emit()

    async def _parameters(self, page: Page, ask_first: bool) -> Mapping[str, Value] | None:
        """What to run with, or None where a person thought better of it."""
        declared = page.document.pipeline.params
        if not declared:
            return {}
        key = _key(page)
        remembered = cast("dict[str, Value]", self._services.settings.run_parameters(key))
        given = fitting(declared, remembered)
        if not ask_first and not missing(declared, given):
            return given
        dialog = RunParameters(declared, given, self._look.theme, page.project.root, self._window)
        if not await ask(dialog):
            return None
        self._services.settings.remember_run_parameters(key, cast("dict[str, object]", dialog.values))
        return dialog.values


def _change(node: str, values: Mapping[str, Value], engine: Engine, run: str, by: str) -> Awaitable[None]:
    return engine.change_params(run, node, values, by)


def _key(page: Page) -> str:
    """What a pipeline's settings are remembered by."""
    return _file(page) or page.document.title


def _file(page: Page) -> str | None:
    path = page.document.path
    return str(path.absolute()) if path is not None else None
