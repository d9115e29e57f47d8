"""A run in a world of its own: the pure core, a journal that is a list, and chance in place of an executor.

`World.run` goes on until the run has finished or the engine "crashes", which it does when the journal has as
many events as it was told. What it leaves is the journal alone, as a real crash would.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Cancelled, Crashed, Failed, Output, Succeeded, TimedOut, Usage
from treadle.run.commands import (
    CancelAttempt,
    Command,
    Defer,
    Expand,
    FinishRun,
    Gather,
    Launch,
    LookUpCache,
    MarkCancelled,
    MarkSkipped,
    MarkUpstreamFailed,
    PauseRun,
    ScheduleRetry,
    TimeOutRun,
)
from treadle.run.decide import next_commands
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CacheMissed,
    CancelRequested,
    Event,
    MapEnded,
    Recorded,
    RetryScheduled,
    RunContinued,
    RunFinished,
    RunInterrupted,
    RunPaused,
    RunResumed,
    RunStarted,
    RunTimedOut,
    TaskCached,
    TaskCancelled,
    TaskDeferred,
    TaskExpanded,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.expansion import Item, body_ids, expand
from treadle.run.gathering import lists_of, mishap_of
from treadle.run.interventions import FULL_DISK
from treadle.run.order import needs_of
from treadle.run.plan import Plan, PlanTask, TaskInput
from treadle.run.resuming import resumed, tasks_to_try_again
from treadle.run.room import Capacity, demand_of
from treadle.run.roster import roster_of
from treadle.run.schedule import Schedule
from treadle.run.state import RunStatus, TaskStatus, fold
from treadle.spec.environments import Isolation
from treadle.spec.flow import Trigger
from treadle.spec.pipeline import Resources
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

SLICE = Slice("def f(): ...", "f", "d" * 64)
USAGE = Usage()
NO_ROOM = Failed("StoreFull", "no space left", kinds=("_treadle_store.blobs.StoreFull", "OSError"))


class EngineCrashed(Exception):
    """The engine is gone; only the journal is left."""


def task(name: str, needs: tuple[str, ...] = (), **settings: object) -> PlanTask:
    inputs = {"data": tuple(TaskInput(need, "value") for need in needs)} if needs else {}
    given = {"inputs": inputs, "params": {}, "outputs": (Output("value", "Any"),), **settings}
    return PlanTask(id=name, node=name, uses="m.f", slice=SLICE.digest, **given)


def plan_of(*tasks: PlanTask, parallel: int | None = None, timeout: float | None = None) -> Plan:
    return Plan("run", "p", None, {}, {each.id: each for each in tasks}, {SLICE.digest: SLICE}, parallel, timeout)


def ref(text: str) -> ArtifactRef:
    return ArtifactRef(text, "Any", "json", 1)


def source_of(items: int) -> ArtifactRef:
    return ref(f"{items}")


def items_in(source: ArtifactRef) -> list[Item]:
    return [Item(values={"x": number}) for number in range(int(source.digest))]


def random_plan(chance: random.Random, size: int) -> Plan:
    tasks = []
    for number in range(size):
        needs = tuple(f"t{each}" for each in sorted(chance.sample(range(number), min(number, chance.randrange(4)))))
        half = len(needs) // 2
        tasks.append(
            PlanTask(
                f"t{number}", f"t{number}", "m.f", SLICE.digest,
                {"data": tuple(TaskInput(need, "value") for need in needs[:half])} if half else {},
                {}, (Output("value", "Any"),),
                after=needs[half:],
                retries=chance.randrange(3),
                retry_delay=chance.choice([0.0, 0.0, 5.0]),
                isolation=chance.choice([Isolation.FRESH, Isolation.REUSE]),
                resources=Resources(chance.choice([None, None, 2, 9]), chance.choice([None, 40, 60, 1000])),
            )
        )  # fmt: skip
    return plan_of(*tasks)


@dataclass
class World:
    """`bad` tasks fail always, `flaky` ones the given number of times. `known` are in the cache.

    `taken` are the outputs that a task gives where those are not all; `lasting` ones go on until they are cancelled.
    `items` says over how many a mapped one is mapped; two where it says nothing. `say` is an event and when it is
    to be told. With `resume_with` the run goes on with that, not with what has to be tried again.
    """

    plan: Plan
    chance: random.Random
    bad: frozenset[str] = frozenset()
    flaky: dict[str, int] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    taken: dict[str, frozenset[str]] = field(default_factory=dict)
    lasting: frozenset[str] = frozenset()
    roomless: frozenset[str] = frozenset()
    """Those whose next attempt finds the disk full."""
    items: dict[str, int] = field(default_factory=dict)
    say: tuple[Callable[[World], bool], Event] | None = None
    resume_with: RunResumed | None = None
    capacity: Capacity = Capacity(3.0, 100, lines=2)
    journal: list[Recorded] = field(default_factory=list)
    crash_at: int | None = None
    cancel_at: int | None = None
    now: float = 0.0
    person: Callable[[World], None] | None = None
    """Is let in before each decision, to do something to the run."""

    def run(self) -> RunStatus:
        """Begins or goes on. Raises EngineCrashed."""
        self.state = fold(self.journal)
        self.open: dict[str, int] = {}
        self.early: list[str] = []
        self.most_early = 0
        self.waiting: dict[str, int] = {}
        self.looking: list[tuple[str, Mapping[str, Value]]] = []
        self.cancelling: set[str] = set()
        self.asked: list[Expand | Gather] = []
        self._begin()
        self.roster = roster_of(self.plan, self.state, items_in)
        self.schedule = Schedule(self.roster, self.state)
        for _ in range(100_000):
            if self.state.status.is_done:
                return self.state.status
            if self.say is not None and self.say[0](self):
                (_, event), self.say = self.say, None
                self.emit(event)
            if self.cancel_at is not None and len(self.journal) >= self.cancel_at:
                self.cancel_at = None
                self.emit(CancelRequested("user"))
            if self.person is not None:
                self.person(self)
            if self.state.paused is not None and self.state.paused.by == FULL_DISK and self.chance.random() < 0.3:
                self.emit(RunContinued("room on the disk"))
            commands = next_commands(
                self.schedule, self.state, self.capacity, self.now, self.chance.choice([None, 1, 3])
            )
            for command in commands:
                self._obey(command)
            self._something_happens(bool(commands))
        raise AssertionError("the run does not end")

    def emit(self, event: Event) -> None:
        if self.crash_at is not None and len(self.journal) >= self.crash_at:
            raise EngineCrashed
        recorded = Recorded(len(self.journal) + 1, self.now, event)
        self.journal.append(recorded)
        changed = self.state.advance(recorded)
        if hasattr(self, "schedule"):
            self.schedule.follow(changed)

    def _begin(self) -> None:
        self.__dict__.pop("schedule", None)
        if not self.journal:
            self.emit(RunStarted("run", "p", tuple(self.plan.tasks), {}))
            return
        if self.state.status is RunStatus.RUNNING:
            self.emit(RunInterrupted("gone"))
        if self.resume_with is not None:
            self.emit(self.resume_with)
            return
        roster = roster_of(self.plan, self.state, items_in)
        self.emit(resumed(roster, self.state, tasks_to_try_again(roster, self.state, lambda _: True), "user"))

    def _obey(self, command: Command) -> None:
        match command:
            case LookUpCache(name):
                self.looking.append((name, self.state.tasks[name].params))
            case Expand() | Gather():
                self.asked.append(command)
            case Launch(name, number, together=together):
                self._check_may_begin(self.roster.tasks[name])
                self.emit(AttemptQueued(name, number))
                assert name not in self.open
                at_work = [each for each in self.open if each not in self.early and self._are_alike(name, each)]
                self.open[name] = number
                if together is not None and len(at_work) >= together > 0:
                    self.early.append(name)
                    self.most_early = max(self.most_early, len(self.early))
                self._check_room()
            case Defer(name, number):
                task = self.roster.tasks[name]
                assert task.kind.waits
                self._check_may_begin(task)
                self.emit(TaskDeferred(name, number, "waiting"))
                assert name not in self.waiting
                self.waiting[name] = number
            case ScheduleRetry(name, number, at):
                self.emit(RetryScheduled(name, number, at))
            case MarkUpstreamFailed(name, cause):
                assert not self.state.tasks[cause].status.is_success
                self.emit(TaskUpstreamFailed(name, cause))
            case MarkSkipped(name, reason):
                assert reason
                self.emit(TaskSkipped(name, reason))
            case TimeOutRun(limit):
                self.emit(RunTimedOut(limit))
            case PauseRun(None):
                self.emit(RunPaused(FULL_DISK))
            case PauseRun(here):
                self.emit(RunPaused("breakpoint", *here))
            case MarkCancelled(name):
                self.emit(TaskCancelled(name))
            case CancelAttempt(name, number):
                assert (self.open | self.waiting)[name] == number
                self.cancelling.add(name)
            case FinishRun(status, reason):
                assert not self.open
                assert not self.waiting
                self.emit(RunFinished(status.value, reason))

    def _check_may_begin(self, task: PlanTask) -> None:
        tasks = self.state.tasks
        if task.trigger is Trigger.ALL_SUCCESS and task.at_end is None:
            assert all(tasks[need].status.is_success for need in needs_of(task))
        assert all(tasks[need].status.is_done for need in task.settled)
        assert all(tasks[need].status is TaskStatus.SUCCEEDED for need in task.setups)

    def _check_room(self) -> None:
        wanted = [self.roster.tasks[name].resources for name in self.open if name not in self.early]
        assert len(wanted) <= self.capacity.attempts
        if len(wanted) > 1:
            assert sum(each.cpu or 1 for each in wanted) <= self.capacity.cpu
            assert sum(each.memory or 0 for each in wanted) <= self.capacity.memory
        for pool, size in self.capacity.pools.items():
            assert sum(each.pools.get(pool, 0) for each in wanted) <= size
        for pool, size in self._pool_sizes().items():
            assert sum(pool in self.roster.tasks[name].pools for name in self.open) <= size

    def _are_alike(self, one: str, other: str) -> bool:
        """Whether the one may take the room of the other."""
        return demand_of(self.roster.tasks[one]) == demand_of(self.roster.tasks[other])

    def _pool_sizes(self) -> dict[str, int]:
        return {pool: size for task in self.roster.tasks.values() for pool, size in task.pools.items()}

    def _something_happens(self, busy: bool) -> None:
        self.now += self.chance.random()
        if self.asked and self.chance.random() < 0.7:
            self._answer_map(self.asked.pop(self.chance.randrange(len(self.asked))))
        elif self.looking and self.chance.random() < 0.7:
            self._answer(*self.looking.pop(self.chance.randrange(len(self.looking))))
        elif self.waiting and (not self.open or self.chance.random() < 0.3):
            self._end_wait(self.chance.choice(sorted(self.waiting)))
        elif self.open:
            begun = sorted(name for name in self.open if name not in self.early or name in self.cancelling)
            self._advance_attempt(self.chance.choice(begun))
        elif not busy and not self.looking and not self.asked and (due := self.schedule.next_delay()) is not None:
            self.now = max(self.now, due)

    def _answer_map(self, asked: Expand | Gather) -> None:
        task, state = self.roster.tasks[asked.task], self.state
        if state.tasks[task.id].status.is_done:
            return
        if isinstance(asked, Expand):
            items = self.items.get(task.id, 2)
            self.roster.admit(task.id, expand(task, items_in(source_of(items))))
            self.emit(TaskExpanded(task.id, items, source_of(items), body_ids(task)))
            return
        items = state.maps[task.id].items
        assert all(state.tasks[each.id].status.is_done for each in self.roster.bodies[task.id])
        mishap = mishap_of(task, items, state.tasks)
        lists = lists_of(task, items, state.tasks)
        self.emit(MapEnded(task.id, mishap or Succeeded({port: ref(str(lists[port])) for port in lists})))

    def _answer(self, name: str, params: Mapping[str, Value]) -> None:
        if self.state.tasks[name].status != "pending" or self.state.tasks[name].params is not params:
            return
        if name in self.known:
            self.emit(TaskCached(name, "key", self._outputs(name), "earlier"))
        else:
            self.emit(CacheMissed(name, "key", "never ran before"))

    def _advance_attempt(self, name: str) -> None:
        number = self.open[name]
        if self.state.tasks[name].status == "queued" and self.chance.random() < 0.8:
            self.emit(AttemptLaunched(name, number, 4711))
            return
        if name in self.lasting and name not in self.cancelling:
            return
        self.emit(AttemptEnded(name, number, self._outcome(name, number), USAGE))
        del self.open[name]
        heir = name if name in self.early else next((each for each in self.early if self._are_alike(each, name)), None)
        if heir is not None:
            self.early.remove(heir)

    def _end_wait(self, name: str) -> None:
        number = self.waiting.pop(name)
        self.emit(AttemptEnded(name, number, self._outcome(name, number), USAGE))

    def _outcome(self, name: str, number: int) -> object:
        if name in self.cancelling:
            return Cancelled("run")
        if name in self.roomless:
            self.roomless = self.roomless - {name}
            return NO_ROOM
        if name in self.bad or number <= self.flaky.get(name, 0):
            return self.chance.choice([Failed("ValueError", "no"), Crashed("SIGKILL"), TimedOut(1.0)])
        return Succeeded(self._outputs(name))

    def _outputs(self, name: str) -> dict[str, ArtifactRef]:
        declared = [output.name for output in self.roster.tasks[name].outputs]
        return {port: ref(name) for port in declared if port in self.taken.get(name, declared)}
