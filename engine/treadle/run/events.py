"""Everything that can happen in a run: one closed union of frozen facts in the past tense.

A run *is* its list of events. Each is written once, to the journal first, with a sequence number and a
wall-clock time (seconds since the epoch) in its envelope, `Recorded`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec

from treadle.execute.protocol import Outcome, Usage
from treadle.run.interventions import (
    ApprovalAnswered,
    BreakpointSet,
    CancelRequested,
    ParamsChanged,
    RunContinued,
    RunPaused,
    TaskStepped,
)
from treadle.spec.facts import Fact
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = [
    "ApprovalAnswered", "ArtifactReported", "AttemptEnded", "AttemptLaunched", "AttemptQueued", "BreakpointSet",
    "CacheMissed", "CancelRequested", "CheckpointSaved", "Event", "MachineSampled", "MapEnded", "MetricReported",
    "ParamsChanged", "ProgressReported", "Recorded", "ResourcesSampled", "RetryScheduled", "RunAdmitted",
    "RunContinued", "RunFinished", "RunInterrupted", "RunPaused", "RunQueued", "RunResumed", "RunStarted",
    "RunTimedOut", "SensorPoked", "TaskCached", "TaskCancelled", "TaskDeferred", "TaskExpanded", "TaskSkipped",
    "TaskStepped", "TaskUpstreamFailed", "UnknownEvent",
]  # fmt: skip


class RunStarted(Fact, frozen=True):
    run: str
    pipeline: str
    tasks: tuple[str, ...]
    params: Mapping[str, Value]
    by: str = "user"
    anew: tuple[str, ...] = ()
    """Tasks that run whatever the cache has."""


class RunQueued(Fact, frozen=True):
    """It waits for others of its pipeline; `reason` says for a person for which."""

    reason: str


class RunAdmitted(Fact, frozen=True):
    """It waits no longer."""


class CacheMissed(Fact, frozen=True):
    """Why a task has to run: `reason` is a sentence for a person, `key` the cache key that was not found."""

    task: str
    key: str
    reason: str


class TaskCached(Fact, frozen=True):
    """An earlier success stands in; `run` is where it ran, `kept` what its code kept besides its outputs."""

    task: str
    key: str
    outputs: Mapping[str, ArtifactRef]
    run: str
    kept: Mapping[str, ArtifactRef] = {}


class TaskExpanded(Fact, frozen=True):
    """A mapped task became `items` times its body; `source` is the list of what each item gets.

    `body` are the tasks of an item, by what follows the item's id in theirs: `("",)`, or `("/clean", "/split")`.
    """

    task: str
    items: int
    source: ArtifactRef
    body: tuple[str, ...] = ("",)


class MapEnded(Fact, frozen=True):
    """All tasks that a mapped one became have ended, or it could not be said what they are; `outcome` sums them up."""

    task: str
    outcome: Outcome


class AttemptQueued(Fact, frozen=True):
    """The loop handed attempt `number` (from 1) to the executor."""

    task: str
    number: int


class AttemptLaunched(Fact, frozen=True):
    """Its process runs."""

    task: str
    number: int
    pid: int


class TaskDeferred(Fact, frozen=True):
    """The engine itself waits, as attempt `number`, and no process does; `message` says for a person what for.

    It `asks` where a person is to decide.
    """

    task: str
    number: int
    message: str
    asks: bool = False


class SensorPoked(Fact, frozen=True):
    """It was looked again, and what was found reads otherwise than before. Not told of every look."""

    task: str
    number: int
    message: str


class ProgressReported(Fact, frozen=True):
    task: str
    number: int
    fraction: float
    message: str = ""


class MetricReported(Fact, frozen=True):
    task: str
    number: int
    name: str
    value: float
    step: int | None = None


class ArtifactReported(Fact, frozen=True):
    """The code kept a value besides its declared outputs; a later one of the same name stands in its place."""

    task: str
    number: int
    name: str
    artifact: ArtifactRef


class CheckpointSaved(Fact, frozen=True):
    """Where the task's next attempt may go on from."""

    task: str
    number: int
    artifact: ArtifactRef


class ResourcesSampled(Fact, frozen=True):
    """Units as in `execute.protocol.Sample`."""

    task: str
    number: int
    cpu: float
    memory: int
    read_bytes: int
    write_bytes: int
    threads: int
    processes: int
    gpu: float | None = None
    gpu_memory: int | None = None


class MachineSampled(Fact, frozen=True):
    """The whole machine: `cpu` in percent of all cores (0..100), memory in bytes."""

    cpu: float
    memory_used: int
    memory_total: int


class AttemptEnded(Fact, frozen=True):
    task: str
    number: int
    outcome: Outcome
    usage: Usage


class RetryScheduled(Fact, frozen=True, rename={"at": "due"}):
    """The next attempt, which is `number`, may start at `at` (seconds since the epoch)."""

    task: str
    number: int
    at: float


class TaskSkipped(Fact, frozen=True):
    task: str
    reason: str


class TaskUpstreamFailed(Fact, frozen=True):
    """Will never run, because `cause` did not succeed."""

    task: str
    cause: str


class TaskCancelled(Fact, frozen=True):
    """Cancelled before it had an attempt running."""

    task: str


class RunTimedOut(Fact, frozen=True):
    """The run went on longer than `limit` seconds: what still runs is ended, and the run has failed."""

    limit: float


class RunInterrupted(Fact, frozen=True):
    """The engine found this run without an engine: attempts that were open then are lost."""

    reason: str


class RunResumed(Fact, frozen=True):
    """A new engine goes on; `tasks` are to be tried again, those in `anew` whatever the cache has; successes stand.

    A mapped task among them is expanded anew, but for those in `expanded`, which go on with the items they have.
    """

    tasks: tuple[str, ...]
    by: str = "user"
    anew: tuple[str, ...] = ()
    expanded: tuple[str, ...] = ()


class RunFinished(Fact, frozen=True):
    """`reason` says why, where the tasks alone don't."""

    state: Annotated[str, msgspec.Meta(pattern=r"\A(succeeded|failed|cancelled)\Z")]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """A fact of a kind that this version does not know, from a newer one: kept and passed on, never acted upon."""

    kind: str
    fields: Mapping[str, Value]


Event = (
    RunStarted | RunQueued | RunAdmitted | CacheMissed | TaskCached | TaskExpanded | MapEnded | AttemptQueued
    | AttemptLaunched | ProgressReported | MetricReported | ArtifactReported | CheckpointSaved | ResourcesSampled
    | MachineSampled | AttemptEnded | RetryScheduled | TaskDeferred | SensorPoked | ApprovalAnswered
    | RunPaused | RunContinued | BreakpointSet | TaskStepped | ParamsChanged
    | TaskSkipped | TaskUpstreamFailed | TaskCancelled | CancelRequested | RunTimedOut | RunInterrupted | RunResumed
    | RunFinished | UnknownEvent
)  # fmt: skip


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event in its envelope. `seq` counts from 1 within a run, without gaps; `at` in epoch seconds."""

    seq: int
    at: float
    event: Event
