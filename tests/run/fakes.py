"""Fakes for a run's edges: an executor that runs nothing, a machine that never changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from treadle.catalog.slices import Slice
from treadle.execute.protocol import (
    AttemptFinished,
    AttemptId,
    AttemptRequest,
    AttemptStarted,
    Cancelled,
    Failed,
    OnMessage,
    Outcome,
    Output,
    Succeeded,
    Usage,
)
from treadle.run.committer import Timing
from treadle.run.events import MachineSampled, Recorded
from treadle.run.loop import RunLoop
from treadle.run.plan import Plan, PlanTask, TaskInput
from treadle.run.room import Capacity
from treadle.run.start import Options, begin
from treadle.store.artifacts import ArtifactStore
from treadle.store.project import Project
from treadle.store.references import ArtifactRef

SLICE = Slice("def f(): ...", "f", "d" * 64)

Work = Callable[[AttemptRequest], Outcome | None]
"""What an attempt comes to; None for one that goes on until it is cancelled."""


def task(name: str, needs: tuple[str, ...] = (), **settings: object) -> PlanTask:
    given: dict[str, object] = {"params": {}, "inputs": {}, **settings}
    if needs:
        given["inputs"] = {"data": tuple(TaskInput(need, "value") for need in needs)}
    return PlanTask(id=name, node=name, uses="m.f", slice=SLICE.digest, outputs=(Output("value", "Any"),), **given)


def plan_of(*tasks: PlanTask, run: str = "run-1", parallel: int | None = None) -> Plan:
    return Plan(run, "p", None, {}, {each.id: each for each in tasks}, {SLICE.digest: SLICE}, parallel)


@dataclass
class FakeExecutor:
    """Ends each attempt in the next turn of the loop, as `work` says; by default well, with its name as its output."""

    artifacts: Path
    work: Mapping[str, Work] = field(default_factory=dict)
    submitted: list[AttemptId] = field(default_factory=list)
    requests: dict[AttemptId, AttemptRequest] = field(default_factory=dict)
    cancelled: list[tuple[AttemptId, str]] = field(default_factory=list)
    open: set[AttemptId] = field(default_factory=set)
    warmed: list[frozenset[str]] = field(default_factory=list)
    closed: bool = False

    async def start(self, on_message: OnMessage) -> None:
        self.tell = on_message

    def submit(self, request: AttemptRequest) -> None:
        attempt = request.attempt
        self.submitted.append(attempt)
        self.requests[attempt] = request
        self.open.add(attempt)
        asyncio.get_running_loop().call_soon(self._go, request)

    def cancel(self, attempt: AttemptId, by: str = "user") -> None:
        self.cancelled.append((attempt, by))
        self.end(attempt, Cancelled(by))

    def warm(self, imports: frozenset[str]) -> None:
        self.warmed.append(imports)

    async def close(self) -> None:
        self.closed = True

    def end(self, attempt: AttemptId, outcome: Outcome) -> None:
        if attempt in self.open:
            self.open.remove(attempt)
            self.tell(AttemptFinished(attempt, outcome, Usage(wall=0.1)))

    def success(self, text: str) -> Succeeded:
        return Succeeded({"value": self.artifact(text)})

    def artifact(self, text: str) -> ArtifactRef:
        digest, size = ArtifactStore(self.artifacts).put_bytes(text.encode())
        return ArtifactRef(digest, "Any", "json", size)

    def tasks(self) -> list[str]:
        return [attempt.task for attempt in self.submitted]

    def _go(self, request: AttemptRequest) -> None:
        attempt = request.attempt
        self.tell(AttemptStarted(attempt, 4711))
        outcome = self.work[attempt.task](request) if attempt.task in self.work else self.success(attempt.task)
        if outcome is not None:
            self.end(attempt, outcome)


@dataclass
class FakeMachine:
    cores: float = 4.0

    def capacity(self) -> Capacity:
        return Capacity(self.cores, 1 << 30)

    def sample(self) -> MachineSampled | None:
        return MachineSampled(50.0, 1, 2)


FAILED = Failed("ValueError", "no")
FAST = Timing(sync=0.005, sample=10.0, journal_retry=0.01, patience=5.0)


@dataclass
class Bench:
    """A project with one executor, and what was published."""

    project: Project
    executor: FakeExecutor
    published: list[Recorded] = field(default_factory=list)
    options: Options = field(default_factory=lambda: Options(timing=FAST, machine=FakeMachine()))

    def begin(self, plan: Plan) -> RunLoop:
        return begin(self.project, plan, "treadle: 1\n", self.executor, self.published.append, self.options)

    def failing_before(self, number: int, outcome: Outcome | None = FAILED) -> Work:
        """Work that succeeds from attempt `number` on."""
        return lambda request: outcome if request.attempt.number < number else self.executor.success("x")
