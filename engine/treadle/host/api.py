"""What a project's engine can be asked: the one interface that the app and the command line share.

`host/facade.py` implements it in this process; `host/client.py` implements it over the wire against a host
process. Everything that crosses it is a frozen value.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from treadle.run.collecting import Rules
from treadle.run.events import Recorded
from treadle.run.interventions import Breakpoint, When
from treadle.run.naming import UnknownTask
from treadle.run.why import Why
from treadle.spec.problems import Problem
from treadle.spec.values import Value

__all__ = [
    "Breakpoint", "Collected", "Engine", "EngineFailed", "EngineLost", "NotTrusted", "Preview", "Rules", "RunBusy",
    "RunRefused", "RunRequest", "RunSummary", "UnknownRun", "UnknownTask", "When", "Why",
]  # fmt: skip


class NotTrusted(Exception):
    """The project is restricted: nothing of it may run until a person trusts the folder."""


class UnknownRun(Exception):
    """No run of this project begins with the given id."""


class RunRefused(Exception):
    """The pipeline can't run; `problems` say why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class RunBusy(Exception):
    """Another process, or this one, is going on with that run already."""


class EngineLost(Exception):
    """The host process can't be reached, or was lost before it answered. What it had acknowledged is in the journal."""


class EngineFailed(Exception):
    """The engine met an error of its own (a full disk, a bug). The message says which; the host's log has the rest."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """`text` is the pipeline as it stands (saved or not); `file` where it lives, absolute, or None.

    `parallel` is how many of its tasks may run at once, in the place of what the pipeline says. At most one of `to`,
    `start_from`, `only` and `failed` selects a part of it: `to` a node and all it needs; `start_from` a node and
    everything after it, anew, on what earlier runs made; `only` a node alone, on what earlier runs made; `failed` what
    failed in the last run, and what waited for it.
    """

    text: str
    file: str | None = None
    params: Mapping[str, Value] = field(default_factory=dict)
    to: str | None = None
    use_cache: bool = True
    by: str = "user"
    start_from: str | None = None
    only: str | None = None
    failed: bool = False
    environment: Mapping[str, str] | None = field(default=None, repr=False)
    """What `$env` reads: the variables of whoever starts the run; None for the engine's own."""
    parallel: int | None = None
    breakpoints: tuple[Breakpoint, ...] = ()
    paused: bool = False
    """It begins paused: nothing begins before somebody steps, or goes on."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a list. `state` is `running`, `succeeded`, `failed`, `cancelled` or `interrupted`. Epoch seconds.

    `trouble` says for a person why a run that goes on stands still (a full disk); empty where it doesn't, and where the
    engine asked isn't the one that runs it.
    """

    run: str
    pipeline: str
    file: str | None
    state: str
    started: float
    finished: float | None
    tasks: int
    counts: Mapping[str, int]
    folder: str
    trouble: str = ""
    paused: str = ""
    """`paused`, or at which breakpoint: `paused before fit`; empty where it isn't."""
    idle: float = 0.0
    """Seconds since the start in which no engine was at it: before each resume or retry."""

    def duration(self, now: float) -> float:
        """Seconds for which it went on, up to `now` where no end is known."""
        end = now if self.finished is None else self.finished
        return max(0.0, end - self.started - self.idle)


@dataclass(frozen=True, slots=True)
class Preview:
    """An artifact as data for a view, made without unpickling.

    `kind` is `table` (columns, rows, total), `json`, `text`, `image` (PNG bytes, base64) or `facts` (what is known
    about it). `value` is JSON.
    """

    digest: str
    type: str
    kind: str
    value: Value


@dataclass(frozen=True, slots=True)
class Collected:
    """What went, or would go in a `dry_run`: ids of runs, how many cache entries and artifacts, and bytes."""

    runs: tuple[str, ...]
    entries: int
    artifacts: int
    freed: int
    left: int
    dry_run: bool = False


class Engine(Protocol):
    """A project's engine."""

    async def start(self, request: RunRequest) -> str:
        """Starts a run and returns its id. Raises NotTrusted, RunRefused."""

    async def resume(self, run: str) -> str:
        """Goes on with an interrupted, failed or cancelled run; successes stand. Raises NotTrusted, UnknownRun,
        RunBusy, RunRefused (it has succeeded, or its plan can't be read)."""

    async def retry(self, run: str, task: str) -> str:
        """Tries a task of a finished run again, in that run, and then what waits for it. Raises NotTrusted, UnknownRun,
        UnknownTask, RunBusy, RunRefused."""

    async def cancel(self, run: str, task: str | None = None) -> None:
        """Asks a run, or one task of it, to stop. Raises UnknownRun."""

    async def pause(self, run: str, by: str = "user") -> None:
        """Nothing of the run begins any more, and what runs goes on; harmless where it is paused. Raises UnknownRun,
        RunRefused (nobody goes on with the run: so it does wherever that is so)."""

    async def go_on(self, run: str, by: str = "user") -> None:
        """Ends a pause. Raises UnknownRun, RunRefused (it isn't paused)."""

    async def step(self, run: str, task: str | None = None, by: str = "user") -> None:
        """Begins one task of a paused run: `task`, else the one that a breakpoint holds, else the first that is ready.
        Raises UnknownRun, UnknownTask, RunRefused (it isn't paused, or nothing is ready)."""

    async def set_breakpoint(self, run: str, task: str, when: When, on: bool, by: str = "user") -> None:
        """Sets or takes away a breakpoint. Raises UnknownRun, UnknownTask, RunRefused."""

    async def change_params(self, run: str, task: str, values: Mapping[str, Value], by: str = "user") -> None:
        """Gives a task of a paused run, which has not begun, other values for this run; a text is read as the
        parameter's type. Raises UnknownRun, UnknownTask, RunRefused (with what is wrong with which value)."""

    async def answer(self, run: str, task: str, *, approved: bool, note: str = "", by: str = "user") -> None:
        """Decides a task that waits for approval, for good; `by` is who. Raises UnknownRun, UnknownTask, RunRefused (it
        waits for none, or nobody goes on with the run)."""

    def subscribe(self, run: str, since: int = 0) -> AsyncIterator[Recorded]:
        """Every event with `seq > since`, then live ones, until the run has finished. Raises UnknownRun."""

    async def runs(self, limit: int = 50) -> tuple[RunSummary, ...]:
        """Newest first."""

    async def summary(self, run: str) -> RunSummary:
        """`run` may be shortened, or `last`. Raises UnknownRun."""

    async def why(self, run: str, task: str) -> Why:
        """What made a task of `run` run, or not. Raises UnknownRun, UnknownTask."""

    async def collect(self, rules: Rules, dry_run: bool = False) -> Collected:
        """Removes what `rules` don't keep; what a kept run refers to stays. Raises RunBusy while a run goes on."""

    async def preview(self, digest: str, offset: int = 0, limit: int = 200) -> Preview:
        """Rows `offset` to `offset + limit` of a table, or the artifact's other view. Raises KeyError."""

    async def trusted(self) -> bool: ...

    async def trust(self) -> None:
        """Remembers that a person trusts this project's folder."""

    async def close(self) -> None: ...
