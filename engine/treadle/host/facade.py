"""LocalEngine: a project's engine in this process. The host serves one to its clients, the command line holds one.

It composes; rules are elsewhere: `trust` says whether a project's code may run, `preparing` what is to run,
`run/` how it goes, `holding` who goes on with it, `following` what a subscriber is told.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from treadle.execute.protocol import Executor
from treadle.execute.this_machine import this_machine, why_none
from treadle.host.api import Collected, Preview, Rules, RunRefused, RunRequest, RunSummary
from treadle.host.following import JournalFollower, follow
from treadle.host.garbage import set_apart
from treadle.host.holding import Hold, hold, is_held, use_store
from treadle.host.intervening import answering, breaking, changing, continuing, places, stepping
from treadle.host.live import LiveRun
from treadle.host.preparing import prepare
from treadle.host.records import Records
from treadle.host.requesting import leave_request
from treadle.host.sharing import SharedExecutor
from treadle.host.trust import Gate, is_trusted, require, trust
from treadle.run.events import Event, Recorded
from treadle.run.interventions import Breakpoint, BreakpointSet, CancelRequested, Intervention, RunPaused, When
from treadle.run.ledger import Ledger
from treadle.run.loop import RunLoop
from treadle.run.plan_codec import UnreadablePlan
from treadle.run.resolve import Unresolvable
from treadle.run.selecting import Opening
from treadle.run.start import NothingToResume, Options, begin, go_on, new_run_id
from treadle.run.state import RunState, RunStatus
from treadle.spec.problems import Problem
from treadle.spec.values import Value
from treadle.store.board import Board
from treadle.store.project import Project

if TYPE_CHECKING:
    from treadle.run.why import Why

__all__ = ["LocalEngine"]


class LocalEngine:
    """Implements `host.api.Engine`. It must be closed, on the event loop that it was used on.

    `gate` is asked before anything of the project is executed. Without an `executor` attempts run on this machine.
    """

    def __init__(self, project: Project, executor: Executor | None = None, gate: Gate = require) -> None:
        self._project = project
        self._gate = gate
        self._executor = SharedExecutor(executor or this_machine(project.artifacts, project.state))
        self._refusal = why_none() if executor is None else ""
        self._records = Records(project)
        self._live: dict[str, LiveRun] = {}
        self._ledger = Ledger(Board(project.state / "engines"))

    @property
    def is_running(self) -> bool:
        """Whether this process is going on with a run."""
        return bool(self._live)

    async def start(self, request: RunRequest) -> str:
        self._admit("run")
        now = time.time()
        run = new_run_id(now, max(self._project.run_ids(), default=""))
        opening, store = await asyncio.to_thread(self._prepare, request, run, now)
        folder = self._project.run_folder(run)
        options = Options(
            request.by,
            request.use_cache,
            opening.anew,
            _opening(request, opening),
            pipelines=opening.pipelines,
            ledger=self._ledger,
        )
        try:
            folder.mkdir(parents=True)
            await self._go_on(
                run,
                store,
                lambda live, executor: begin(
                    self._project, opening.plan, request.text, executor, live.publish, options
                ),
            )
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)  # nothing was told of it
            if isinstance(error, Unresolvable):
                raise RunRefused(error.problems) from None
            raise
        return run

    def _admit(self, action: str) -> None:
        """Raises NotTrusted where the project's code may not run, and RunRefused where this machine can run none."""
        self._gate(self._project, action)
        if self._refusal:
            raise RunRefused((Problem("no-executor", self._refusal),))

    def _prepare(self, request: RunRequest, run: str, now: float) -> tuple[Opening, Hold]:
        """What is to run, and the right to count on the artifacts that it begins with."""
        if not (request.start_from or request.only or request.failed):
            opening = prepare(self._project, request, run, now)  # what is refused leaves nothing behind
            return opening, use_store(self._project.state)
        store = use_store(self._project.state)
        try:
            return prepare(self._project, request, run, now), store
        except BaseException:
            store.release()
            raise

    async def resume(self, run: str) -> str:
        return await self._resume(run, None)

    async def retry(self, run: str, task: str) -> str:
        return await self._resume(run, task)

    async def _resume(self, run: str, task: str | None) -> str:
        self._admit("resume" if task is None else "retry")
        run = await self._find(run)
        try:
            options = Options(ledger=self._ledger)
            store = await asyncio.to_thread(use_store, self._project.state)
            await self._go_on(
                run, store, lambda live, executor: go_on(self._project, run, executor, live.publish, options, task)
            )
        except (NothingToResume, UnreadablePlan) as error:
            raise RunRefused((Problem("not-resumable", str(error), hint="start a new run"),)) from None
        except Unresolvable as error:
            raise RunRefused(error.problems) from None
        return run

    async def cancel(self, run: str, task: str | None = None) -> None:
        run = await self._find(run)
        self._ask(run, CancelRequested("user", task))

    async def answer(self, run: str, task: str, *, approved: bool, note: str = "", by: str = "user") -> None:
        run = await self._find(run)
        state = await asyncio.to_thread(self._records.state, run)
        wish = answering(state, task, approved, note, by)  # one that was answered says so, also when all is over
        self._require_going_on(run, state)
        self._ask(run, wish)

    async def pause(self, run: str, by: str = "user") -> None:
        run, _ = await self._going_on(run)
        self._ask(run, RunPaused(by))

    async def go_on(self, run: str, by: str = "user") -> None:
        run, state = await self._going_on(run)
        self._ask(run, continuing(state, by))

    async def step(self, run: str, task: str | None = None, by: str = "user") -> None:
        run, _ = await self._going_on(run)
        self._ask(run, await asyncio.to_thread(stepping, self._project, run, task, by))

    async def set_breakpoint(self, run: str, task: str, when: When, on: bool, by: str = "user") -> None:
        run, _ = await self._going_on(run)
        for wish in await asyncio.to_thread(breaking, self._project, run, Breakpoint(task, when), on, by):
            self._ask(run, wish)

    async def change_params(self, run: str, task: str, values: Mapping[str, Value], by: str = "user") -> None:
        run, _ = await self._going_on(run)
        self._ask(run, await asyncio.to_thread(changing, self._project, run, task, values, by))

    async def _going_on(self, run: str) -> tuple[str, RunState]:
        """The run and its state. Raises UnknownRun, and RunRefused where nobody goes on with it."""
        run = await self._find(run)
        state = await asyncio.to_thread(self._records.state, run)
        self._require_going_on(run, state)
        return run, state

    def _require_going_on(self, run: str, state: RunState) -> None:
        """Raises RunRefused where nobody goes on with it."""
        if run not in self._live and not is_held(self._project.run_folder(run)):
            hint = f"`treadle resume {run}` first" if state.status is RunStatus.INTERRUPTED else ""
            raise RunRefused((Problem("not-going-on", f"run {run} does not go on: it {_is(state)}", hint=hint),))

    def _ask(self, run: str, wish: Intervention) -> None:
        """Of whoever goes on with the run; nothing where nobody does."""
        live = self._live.get(run)
        if live is not None:
            live.ask(wish)
        elif is_held(folder := self._project.run_folder(run)):
            leave_request(folder, wish)

    async def subscribe(self, run: str, since: int = 0) -> AsyncIterator[Recorded]:
        async with aclosing(self.follow(run, since)) as batches:
            async for batch in batches:
                for recorded in batch:
                    yield recorded

    async def follow(self, run: str, since: int = 0) -> AsyncGenerator[list[Recorded], None]:
        """As `subscribe`, in batches as they come from the journal."""
        run = await self._find(run)
        folder = self._project.run_folder(run)
        journal = JournalFollower(self._project.run(run).events, since)
        live = self._live.get(run)
        tail = live.listen() if live is not None else None
        try:
            async for batch in follow(journal, tail, lambda: is_held(folder)):
                yield batch
            if not journal.has_ended and self._records.settle(run) and (events := journal.fresh()):
                yield events
        finally:
            if live is not None and tail is not None:
                live.forget(tail)

    async def runs(self, limit: int = 50) -> tuple[RunSummary, ...]:
        return tuple(map(self._troubled, await asyncio.to_thread(self._records.newest, limit)))

    async def summary(self, run: str) -> RunSummary:
        return self._troubled(await asyncio.to_thread(self._records.summary, await self._find(run)))

    async def state(self, run: str) -> RunState:
        """What a run has come to so far. Raises UnknownRun."""
        return await asyncio.to_thread(self._records.state, await self._find(run))

    async def why(self, run: str, task: str) -> Why:
        from treadle.run.why import explain  # not before: a run's first node waits for what is imported

        return await asyncio.to_thread(explain, self._project, await self._find(run), task)

    async def collect(self, rules: Rules, dry_run: bool = False) -> Collected:
        from treadle.host.collecting import collect

        return await asyncio.to_thread(collect, self._project, rules, dry_run)

    async def preview(self, digest: str, offset: int = 0, limit: int = 200) -> Preview:
        return await asyncio.to_thread(self._records.preview, digest, offset, limit)

    async def trusted(self) -> bool:
        return is_trusted(self._project)

    async def trust(self) -> None:
        trust(self._project)

    async def recover(self) -> None:
        """Says of every run that was going on and is held by nobody that it was interrupted."""
        await asyncio.to_thread(self._records.recover)

    async def close(self) -> None:
        """Stops going on with this process's runs, which are left interrupted, and leaves no process of theirs."""
        for live in list(self._live.values()):
            await live.end_now()
        await self._executor.close()
        self._ledger.close()

    def trouble(self, run: str) -> str:
        """Why a run of this process stands still, for a person; empty where it doesn't."""
        live = self._live.get(run)
        return live.trouble if live is not None else ""

    def _troubled(self, summary: RunSummary) -> RunSummary:
        trouble = self.trouble(summary.run)
        return replace(summary, trouble=trouble) if trouble else summary

    async def _find(self, run: str) -> str:
        return await asyncio.to_thread(self._records.find, run)

    async def _go_on(self, run: str, store: Hold, make: Callable[[LiveRun, Executor], RunLoop]) -> None:
        """Takes the run and sets the loop that `make` makes going; lets go of `store` when that ends, or here where it
        raises RunBusy, or what `make` raises."""
        folder = self._project.run_folder(run)
        try:
            live = LiveRun(folder, hold(folder).joined(store))
        except BaseException:
            store.release()
            raise
        try:
            loop = await asyncio.to_thread(make, live, self._executor.share(run))
        except BaseException:
            live.release()
            raise
        set_apart(len(loop.state.tasks))
        self._live[run] = live
        live.begin(loop, ended=lambda: self._forget(run))

    def _forget(self, run: str) -> None:
        del self._live[run]


def _is(state: RunState) -> str:
    return "was interrupted" if state.status is RunStatus.INTERRUPTED else f"has {state.status}"


def _opening(request: RunRequest, opening: Opening) -> tuple[Event, ...]:
    """Breakpoints at what is no part of the run are left out."""
    here = [place for each in request.breakpoints for place in places(opening.plan.tasks, each)]
    breakpoints = [BreakpointSet(each.task, each.when, True, request.by) for each in here]
    return (*opening.events, *breakpoints, *([RunPaused(request.by)] if request.paused else []))
