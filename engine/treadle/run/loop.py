"""RunLoop: the thin shell around the pure core. It carries messages in and commands out, and decides nothing.

    executor ───────────┐                                 ┌─ submit, cancel ─► executor
    deferrals ──────────┤                                 ├─ begin, answer ──► deferrals
    cancel()  ──────────┼─► inbox ─► note ─► commit ─► next_commands ─► note ─► commit ─► effects
    look-ups, samples ──┘                    (journal first, then published)  └─ look up, keep ─► cache's thread

What messages mean stands in `arrivals.py`, what commands do in `obeying.py`. An effect begins only after its event is
in the journal. While the journal takes nothing the run stands still, with the attempts that are open going on and their
messages waiting in the inbox.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from treadle.run import decide
from treadle.run.arrivals import Arrivals, Inward
from treadle.run.attempts import REPORTS, OpenAttempts
from treadle.run.commands import Command, Launch, LookUpCache
from treadle.run.committer import Committer
from treadle.run.deferrals import Deferrals
from treadle.run.disk_room import DiskRoom
from treadle.run.durations import keep_durations
from treadle.run.events import ApprovalAnswered, ParamsChanged, RunContinued, RunInterrupted
from treadle.run.heeding import applies
from treadle.run.interventions import FULL_DISK, Intervention
from treadle.run.items import ItemStore
from treadle.run.look_ups import LookUps
from treadle.run.map_work import MapWork
from treadle.run.means import Means
from treadle.run.obeying import Beside, Obeying
from treadle.run.recorder import Recorder
from treadle.run.requests import Workplace
from treadle.run.roster import Roster
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus
from treadle.run.submitting import Submitting
from treadle.store.artifacts import ArtifactStore
from treadle.store.project import Project

__all__ = ["RunLoop"]

_COMMANDS_A_TURN: Final = 64
_MESSAGES_A_TURN: Final = 256
_ANSWERED: Final = (LookUpCache, Launch)
"""Commands after which nothing else can be decided before an answer comes."""
_AT_ONCE: Final = 8
"""After a turn of so few commands another begins without letting anybody else go first."""
_IN_A_ROW: Final = 3
"""Turns that may begin so: a task's end, that the next one isn't in the cache, and that it has begun."""
_LOOK_AGAIN: Final = 0.2
"""Seconds between looks at what other processes hold, while something waits for it."""


class RunLoop:
    """Sees one run through. All methods are for the event loop that `run` goes on."""

    def __init__(self, roster: Roster, recorder: Recorder, means: Means, place: Workplace) -> None:
        self._roster = roster
        self._recorder = recorder
        self._executor = means.executor
        self._machine = means.machine
        self._clock = means.clock
        self._committer = Committer(recorder, means.clock, means.timing)
        self._sample_every = means.timing.sample
        self._place = place
        self._open = OpenAttempts(roster)
        self._inbox: deque[Inward] = deque()
        self._news = asyncio.Event()
        self._row = 0
        self._is_booked = True
        self._must_decide = True
        """Whether something has come since the last decision that could make another one."""
        self._beside = Beside(
            Submitting(roster, recorder, means, place, self._put),
            LookUps(means.cache, self._put),
            Deferrals(Project(place.cwd), means.clock, self._put),
            MapWork(ItemStore(ArtifactStore(Project(place.cwd).artifacts), place.cwd), self._put),
        )
        self._arrivals = Arrivals(roster, recorder, self._open, self._beside.look_ups)
        self._obeying = Obeying(roster, recorder, self._open, self._beside)
        self._room = DiskRoom(place.cwd)
        self._wishes: deque[Intervention] = deque()
        self._schedule = Schedule(roster, recorder.state)
        self._share = means.ledger.share(roster.plan, means.machine.capacity(), self._wake)

    @property
    def state(self) -> RunState:
        """What the run has come to. To be read only."""
        return self._recorder.state

    @property
    def trouble(self) -> str:
        """Why the run stands still, for a person; empty while it doesn't."""
        return self._committer.trouble

    @property
    def folder(self) -> Path:
        return self._place.folder.path

    def ask(self, wish: Intervention) -> None:
        """Somebody wants this of the run; harmless where it has nothing to change."""
        self._wishes.append(wish)
        self._must_decide = True
        self._news.set()

    async def run(self) -> RunStatus:
        """Goes on until the run has finished, from the executor's start to its close.

        Raises ExecutorUnavailable, and JournalUnwritable where patience ends. Where it raises, or is cancelled because
        the engine closes, it ends its attempts and leaves the run interrupted.
        """
        background: list[asyncio.Task[None]] = []
        self._share.open()
        try:
            await self._executor.start(self._put)
            self._warm()
            background = [
                asyncio.create_task(self._committer.keep_synced()),
                asyncio.create_task(self._beside.look_ups.keep_flushed()),
                asyncio.create_task(self._keep_sampling()),
            ]
            while not self.state.status.is_done:
                await self._turn()
                _raise_failed(background)
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            try:
                await self._close()
            finally:
                self._share.close()
        return self.state.status

    async def _turn(self) -> None:
        for _ in range(min(len(self._inbox), _MESSAGES_A_TURN)):
            message = self._inbox.popleft()
            self._must_decide = self._must_decide or not isinstance(message, REPORTS)
            self._arrivals.take(message)
        await self._commit()
        while self._wishes:
            await self._heed(self._wishes.popleft())
        commands = self._decide() if self._must_decide else []
        effects = [effect for command in commands if (effect := self._obeying.obey(command)) is not None]
        await self._commit()
        for effect in effects:
            effect()
        self._beside.look_ups.ask()
        self._row += 1
        if self._inbox and len(commands) <= _AT_ONCE and self._row < _IN_A_ROW:
            return  # it was answered at once
        self._row = 0
        if self._inbox or self._wishes or self._must_decide:
            await asyncio.sleep(0)
        else:
            await self._wait_for_news()

    def _decide(self) -> list[Command]:
        can_book = self._schedule.beginnings.can_launch
        with self._share.turn(can_book) as room:
            commands = decide.next_commands(self._schedule, self.state, room, self._clock.now(), _COMMANDS_A_TURN)
            self._is_booked = can_book and not _are_look_ups(commands)  # else the next decision is at hand
            if self._is_booked:
                self._share.book(self._schedule.beginnings)
        if self._schedule.lacks_room:
            self._room.want()
        leads_on = len(commands) >= _COMMANDS_A_TURN or not all(isinstance(each, _ANSWERED) for each in commands)
        self._must_decide = leads_on or self._schedule.is_growing
        return commands

    async def _heed(self, wish: Intervention) -> None:
        """Each sees what came of the one before, and is acted on once it is written: a crash in between is made good by
        who goes on with the run."""
        if not applies(wish, self.state, self._schedule):
            return
        self._recorder.note(wish)
        await self._commit()
        match wish:
            case ApprovalAnswered(task=task):
                self._beside.deferrals.answer(self._obeying.id_of(task, self.state.tasks[task].number), wish)
            case ParamsChanged(task=task, params=params):
                self._roster.change(task, params)
                self._beside.look_ups.forget(task)
            case _:
                pass

    def _put(self, message: Inward) -> None:
        self._inbox.append(message)
        self._news.set()

    def _wake(self) -> None:
        """There may be more room than there was."""
        self._must_decide = True
        self._news.set()

    def _book(self) -> None:
        """What was let go of, others may have while we wait."""
        if not self._is_booked:
            with self._share.turn():
                self._share.book(self._schedule.beginnings)
            self._is_booked = True

    async def _wait_for_news(self) -> None:
        self._book()
        due = self._schedule.next_delay()
        if self._share.must_look_again:
            soon = self._clock.now() + _LOOK_AGAIN
            due = soon if due is None else min(due, soon)
        self._news.clear()
        if due is None:
            await self._news.wait()
            return
        try:
            async with asyncio.timeout(max(0.0, due - self._clock.now())):
                await self._news.wait()
        except TimeoutError:
            self._must_decide = True

    async def _commit(self) -> None:
        if not self._recorder.has_noted:
            return
        for task in await self._committer.commit():
            self._schedule.follow(task)

    async def _keep_sampling(self) -> None:
        while True:
            sample = self._machine.sample()
            if sample is not None:
                self._put(sample)
            paused = self.state.paused
            if paused is not None and paused.by == FULL_DISK and self._room.has_come():
                self.ask(RunContinued("room on the disk"))
            await asyncio.sleep(self._sample_every)

    def _warm(self) -> None:
        waiting = (task for id_, task in self._roster.tasks.items() if not self.state.tasks[id_].status.is_success)
        for imports in dict.fromkeys(frozenset(self._roster.plan.slices[task.slice].imports) for task in waiting):
            self._executor.warm(imports)

    async def _close(self) -> None:
        if not self.state.status.is_done:
            for attempt in self._open.all():
                self._obeying.end(attempt, "engine")
            self._recorder.note(RunInterrupted("the engine was closed"))
        await self._beside.deferrals.close()
        await self._executor.close()
        await self._beside.look_ups.close(unasked=not self.state.status.is_done)
        with contextlib.suppress(OSError):  # nothing that was told is lost: at worst the run is found interrupted
            self._recorder.commit()
            await asyncio.to_thread(self._recorder.sync)
        self._recorder.close()
        with contextlib.suppress(OSError):  # the next run finds its longest path by counting
            project, roster = Project(self._place.cwd), self._roster
            await asyncio.to_thread(keep_durations, project, roster.plan, roster.tasks, self.state)


def _are_look_ups(commands: Sequence[Command]) -> bool:
    return bool(commands) and all(isinstance(each, LookUpCache) for each in commands)


def _raise_failed(background: Iterable[asyncio.Task[None]]) -> None:
    for task in background:
        if task.done():
            task.result()
