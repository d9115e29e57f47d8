"""What the run loop and an executor say to each other.

    loop ── submit(AttemptRequest) ──► executor ── on_message(AttemptMessage) ──► loop
         ── cancel(attempt)        ──►

An executor answers every submit with exactly one AttemptFinished, last. Between come AttemptStarted and any
number of reports. It decides nothing: retries, order and capacity are the loop's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import msgspec

from treadle.catalog.slices import Slice
from treadle.spec.environments import Isolation
from treadle.spec.facts import Fact
from treadle.spec.flow import Kind
from treadle.spec.pipeline import Resources
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = [
    "ArtifactKept", "AttemptFinished", "AttemptId", "AttemptMessage", "AttemptRequest", "AttemptStarted",
    "Cancelled", "CheckpointKept", "Crashed", "Executor", "ExecutorUnavailable", "Failed", "Metric", "OnMessage",
    "Outcome", "Output", "Progress", "Sample", "Succeeded", "TimedOut", "Usage",
]  # fmt: skip


class AttemptId(NamedTuple):
    """One try of a task. `number` counts from 1. A named tuple, for it is looked up several times a message."""

    run: str
    task: str
    number: int


@dataclass(frozen=True, slots=True)
class Output:
    """A declared output: port name and port type as text. An optional one may stay away: the function gave None.

    A program writes it as `form` (see `spec/declared_ports.py`), to `path` where that is its own choice.
    """

    name: str
    type: str
    optional: bool = False
    form: str = ""
    path: str = ""


class AttemptRequest(msgspec.Struct, frozen=True, gc=False):
    """Everything an attempt needs. Paths are absolute; `inputs` of a `many` port hold several refs.

    `input_kinds` says how the function wants a table: `"pandas"`, `"polars"`, `"pyarrow"`, `"numpy"`, `"path"` or
    `""` (as it was written), by port. `many` names the ports whose value is passed as a list.
    `folder` is the attempt's own: `output.log` and `metrics.jsonl` appear in it. `cwd` is the project folder.
    `timeout` is in seconds from the attempt's start, None for none.
    """

    attempt: AttemptId
    slice: Slice
    inputs: Mapping[str, tuple[ArtifactRef, ...]]
    params: Mapping[str, Value]
    outputs: tuple[Output, ...]
    returns_tuple: bool
    folder: str
    cwd: str
    many: frozenset[str] = frozenset()
    input_kinds: Mapping[str, str] = {}
    resources: Resources = Resources()
    timeout: float | None = None
    environment: Mapping[str, str] = {}
    secrets: Mapping[str, str] = {}
    """Parameters whose values must not be written down; they are hidden in what the attempt prints."""
    secret_variables: Mapping[str, str] = {}
    """Environment variables of which the same holds."""
    checkpoint: ArtifactRef | None = None
    """The last one that an earlier attempt of the task kept."""
    isolation: Isolation = Isolation.FRESH
    python: str | None = None
    """The interpreter, virtual environment or version to run under; None for the executor's own."""
    kind: Kind = Kind.FUNCTION
    """A program instead of a function finds its inputs as files, in the forms that `input_kinds` says."""
    requirements: tuple[str, ...] | None = None
    """What the environment of the attempt has installed, made for just these; None for the interpreter's own."""
    together: int | None = None
    """Of those of its run that are like it so many may go on at once, and others wait in line for a process that serves
    many: they are short. None where none has to wait."""

    def __repr__(self) -> str:
        """Without its secrets."""
        return f"AttemptRequest({self.attempt})"

    @property
    def hidden(self) -> list[str]:
        """What is not to be read in anything that the attempt prints, reports or fails with."""
        return [*self.secrets.values(), *self.secret_variables.values()]


class Usage(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the process tree used, from `wait4` and the last sample. Seconds and bytes."""

    wall: float = 0.0
    cpu_user: float = 0.0
    cpu_system: float = 0.0
    peak_memory: int = 0
    read_bytes: int = 0
    write_bytes: int = 0


class Succeeded(Fact, frozen=True):
    """The function returned and every declared output is in the store, but for optional ones that it gave None."""

    outputs: Mapping[str, ArtifactRef]


class Failed(Fact, frozen=True):
    """The code raised. `file` and `line` are the innermost frame in the author's own files."""

    error: str
    message: str
    traceback: str = ""
    file: str | None = None
    line: int | None = None
    log_line: int | None = None
    """The line of output.log (from 1) at which the traceback begins; of a chain of them, the last, which ended it."""
    kinds: tuple[str, ...] = ()
    """The exception's class and its bases, qualified where they are not built in: what a retry may name."""


class Crashed(Fact, frozen=True):
    """The process ended without a result. `signal` (`SIGSEGV`) or `exit_code` is set; `reason` is a sentence."""

    reason: str
    signal: str | None = None
    exit_code: int | None = None


class TimedOut(Fact, frozen=True):
    """The attempt ran longer than `limit` seconds and was ended."""

    limit: float


class Cancelled(Fact, frozen=True):
    """The attempt was ended because somebody asked. `by` is `"user"`, `"run"` or `"engine"`."""

    by: str = "user"


Outcome = Succeeded | Failed | Crashed | TimedOut | Cancelled


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    attempt: AttemptId
    pid: int


@dataclass(frozen=True, slots=True)
class Progress:
    """`fraction` in 0..1."""

    attempt: AttemptId
    fraction: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    attempt: AttemptId
    name: str
    value: float
    step: int | None = None


@dataclass(frozen=True, slots=True)
class ArtifactKept:
    """The code kept a value besides its declared outputs; the blob is in the store."""

    attempt: AttemptId
    name: str
    artifact: ArtifactRef


@dataclass(frozen=True, slots=True)
class CheckpointKept:
    """The code said where it has got to; the next attempt of the task may go on from here."""

    attempt: AttemptId
    artifact: ArtifactRef


@dataclass(frozen=True, slots=True)
class Sample:
    """The process tree now. `cpu` in percent of one core since the last sample; bytes; `gpu` percent or None."""

    attempt: AttemptId
    cpu: float
    memory: int
    read_bytes: int
    write_bytes: int
    threads: int
    processes: int
    gpu: float | None = None
    gpu_memory: int | None = None


@dataclass(frozen=True, slots=True)
class AttemptFinished:
    attempt: AttemptId
    outcome: Outcome
    usage: Usage = Usage()


AttemptMessage = AttemptStarted | Progress | Metric | ArtifactKept | CheckpointKept | Sample | AttemptFinished
OnMessage = Callable[[AttemptMessage], None]


class ExecutorUnavailable(Exception):
    """This executor cannot run attempts here; the message says why."""


class Executor(Protocol):
    """Where attempts run. All methods are called on one asyncio loop, which also calls `on_message`."""

    async def start(self, on_message: OnMessage) -> None:
        """Gets ready. Raises ExecutorUnavailable, saying why, where it can't."""

    def submit(self, request: AttemptRequest) -> None:
        """Begins an attempt; never raises and never blocks."""

    def cancel(self, attempt: AttemptId, by: str = "user") -> None:
        """Ends an attempt and all its descendants; harmless when it has ended."""

    def warm(self, imports: frozenset[str]) -> None:
        """Hints that slices importing these packages come soon."""

    async def close(self) -> None:
        """Ends what still runs, leaving no process."""
