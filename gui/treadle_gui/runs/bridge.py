"""RunBridge: the app's side of a project's engine.

Its coroutines run on the window's own loop, so what they do between two waits is kept short. The run that is shown is
followed by a Follower. Whatever goes wrong reaches a person through `failed`, as a sentence.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from treadle.host.api import (
    Collected,
    Engine,
    EngineFailed,
    EngineLost,
    NotTrusted,
    Preview,
    Rules,
    RunBusy,
    RunRefused,
    RunRequest,
    RunSummary,
    UnknownRun,
    Why,
)
from treadle.host.client import connect
from treadle.store.project import Project
from treadle_gui.runs.follower import Follower
from treadle_gui.runs.line import Connect, Line
from treadle_gui.runs.sentences import sentence
from treadle_gui.runs.session import RunSession

__all__ = ["Connect", "RunBridge"]


class RunBridge(QObject):
    """The engine of a pipeline's project, and the run that the app shows.

    A pipeline saved into another project takes the bridge with it (`move_to`); the run that is shown stays what it is,
    with its own engine, until another is.

    `session_changed(RunSession | None)`: another run is shown; `failed(str)`: something went wrong, in a sentence;
    `lost(bool)`: the engine cannot be reached now, or can again.
    """

    session_changed = Signal(object)
    failed = Signal(str)
    lost = Signal(bool)
    runs_changed = Signal()

    def __init__(self, project: Project, connect: Connect = connect, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._connect = connect
        self._line = Line(project, connect)
        self._shown = self._line
        """Where the run that is shown is, or was: its artifacts are there."""
        self._session: RunSession | None = None
        self._follower: asyncio.Task[None] | None = None
        self._is_lost = False
        self._is_closed = False
        self._launched: set[asyncio.Task[None]] = set()

    @property
    def session(self) -> RunSession | None:
        """The run that is shown."""
        return self._session

    @property
    def is_running(self) -> bool:
        return self._session is not None and self._follower is not None and not self._session.state.status.is_done

    async def move_to(self, project: Project) -> None:
        """From now on runs start in, and are listed from, `project`."""
        before, self._line = self._line, Line(project, self._connect)
        if self._session is None:
            self._shown = self._line
        self.runs_changed.emit()
        if before is not self._shown:
            await before.let_go()

    # What can be asked; each raises what `treadle.host.api` says

    async def start(self, request: RunRequest) -> RunSession:
        """Starts a run and shows it. Raises NotTrusted, RunRefused, EngineLost, EngineFailed."""
        line = self._line
        run = await (await line.reach()).start(request)
        return await self._follow(line, run, line.project.run_folder(run))

    async def resume(self, run: str) -> RunSession:
        """Goes on with a run and shows it. Raises NotTrusted, UnknownRun, RunBusy, EngineLost."""
        line = self._line
        resumed = await (await line.reach()).resume(run)
        return await self._follow(line, resumed, line.project.run_folder(resumed))

    async def retry(self, task: str) -> RunSession | None:
        """Tries a task of the shown run again, and shows how it goes. Raises NotTrusted, UnknownTask, RunRefused."""
        if self._session is None or self.is_running:
            return None
        line = self._shown
        run = await (await line.reach()).retry(self._session.run, task)
        return await self._follow(line, run, line.project.run_folder(run))

    async def attach(self, run: str) -> RunSession:
        """Shows a run, going on or long finished. Raises NotTrusted, UnknownRun, EngineLost."""
        line = self._line
        summary = await (await line.reach()).summary(run)
        return await self._follow(line, summary.run, Path(summary.folder))

    async def attach_to_unfinished(self, file: str | None = None) -> RunSession | None:
        """Shows the run that is still going, of `file` if given; None where there is none."""
        line = self._line
        going = [summary for summary in await self.runs() if summary.state in ("queued", "running")]
        wanted = [summary for summary in going if file is None or summary.file == file]
        return await self._follow(line, wanted[0].run, Path(wanted[0].folder)) if wanted else None

    async def cancel(self, task: str | None = None) -> None:
        """Asks the shown run, or one task of it, to stop; nothing where it has."""
        if self._session is not None and self.is_running:
            await (await self._shown.reach()).cancel(self._session.run, task)

    async def ask(self, wish: Callable[[Engine, str, str], Awaitable[None]]) -> None:
        """Asks something of the shown run: `wish(engine, run, by)`, `by` the person; nothing where it has ended."""
        if self._session is not None and self.is_running:
            await wish(await self._shown.reach(), self._session.run, getpass.getuser())

    async def answer(self, task: str, approved: bool, note: str = "") -> None:
        """Answers a node of the shown run that asks for approval. Raises RunRefused where it asks no more."""
        if self._session is not None:
            engine = await self._shown.reach()
            await engine.answer(self._session.run, task, approved=approved, note=note, by=getpass.getuser())

    async def runs(self, limit: int = 50) -> tuple[RunSummary, ...]:
        """Newest first; none where the project is restricted."""
        return await (await self._line.reach()).runs(limit) if self.is_trusted else ()

    async def preview(self, digest: str, offset: int = 0, limit: int = 200) -> Preview:
        """As `Engine.preview`, of what the run that is shown made. Raises KeyError."""
        return await (await self._shown.reach()).preview(digest, offset, limit)

    async def why(self, run: str, task: str) -> Why:
        """As `Engine.why`, of the run that is shown. Raises UnknownRun, UnknownTask."""
        return await (await self._shown.reach()).why(run, task)

    async def collect(self, rules: Rules, *, dry_run: bool = False) -> Collected:
        """As `Engine.collect`, of the project in which runs start. Raises RunBusy while one goes on."""
        return await (await self._line.reach()).collect(rules, dry_run)

    @property
    def is_trusted(self) -> bool:
        """Whether a person lets this project's code run."""
        return self._line.is_trusted

    def trust(self) -> None:
        """Remembers that a person trusts the project's folder. Raises OSError where that can't be written."""
        self._line.trust()

    def restrict(self) -> None:
        """Nothing more of the project may begin; what runs goes on. Raises OSError where that can't be written."""
        self._line.restrict()

    async def close(self) -> None:
        """Lets go of the engine, which goes on with what it runs."""
        self._is_closed = True
        await self._stop_following()
        for task in tuple(self._launched):
            task.cancel()
        await self._shown.let_go()
        await self._line.let_go()

    def launch(self, work: Coroutine[Any, Any, Any]) -> None:
        """Runs `work` for a click: held until it ends, its error told by `failed`. Needs a running loop."""
        task = asyncio.get_running_loop().create_task(self._told(work))
        self._launched.add(task)
        task.add_done_callback(self._launched.discard)
        task.add_done_callback(lambda _: work.close())  # one that was cancelled before it began

    async def _told(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except (NotTrusted, UnknownRun, RunRefused, RunBusy, EngineLost, EngineFailed, OSError) as error:
            self.tell(error)

    def tell(self, error: Exception) -> None:
        """Says by `failed` what `error` means for a person."""
        self.failed.emit(sentence(error))

    # Inside

    async def _follow(self, line: Line, run: str, folder: Path) -> RunSession:
        if self._is_closed:
            # Its pipeline was closed while the engine was asked: the run goes on there, and nobody is left to see it.
            await line.let_go()
            raise asyncio.CancelledError
        if self._follower is not None:
            self._follower.cancel()
        before, self._session = self._session, RunSession(run, folder, parent=self)
        left, self._shown = self._shown, line
        self._follower = asyncio.get_running_loop().create_task(
            Follower(self._session, line, self.failed.emit, self._tell_loss).follow(), name=f"follow {run}"
        )
        self._session.run_changed.connect(self.runs_changed)
        self.session_changed.emit(self._session)
        if before is not None:
            before.deleteLater()
        shown = self._session
        if left not in (line, self._line):
            await left.let_go()
        return shown

    async def _stop_following(self) -> None:
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)
            self._follower = None

    def _tell_loss(self, lost: bool) -> None:
        if lost != self._is_lost:
            self._is_lost = lost
            self.lost.emit(lost)
