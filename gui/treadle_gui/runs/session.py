"""RunSession: one run as the app sees it, folded from its events at the pace of the screen.

    engine ── feed(events) ──► deque ──[one timer, ≤ 30 Hz, ≤ 8 ms a tick]──► RunState, Series ──► signals

However fast events come, a tick emits each signal at most once, and what a tick has no time for waits for the
next one in order. An event is folded once: a second delivery of the same `seq`, as after a reconnection, is ignored.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from treadle.run.events import (
    AttemptQueued,
    CancelRequested,
    Event,
    MachineSampled,
    MetricReported,
    Recorded,
    ResourcesSampled,
    RunContinued,
    RunFinished,
    RunInterrupted,
    RunPaused,
    RunResumed,
    RunStarted,
    RunTimedOut,
    TaskStepped,
)
from treadle.run.expansion import node_of, owner_of
from treadle.run.state import RunState
from treadle.spec.file_format import read
from treadle.spec.pipeline import Pipeline
from treadle.spec.values import Value
from treadle_gui.runs.planned import Planned, read_planned
from treadle_gui.runs.series import Series
from treadle_gui.runs.spans import AttemptSpan, AttemptSpans, charted_as

__all__ = ["MACHINE_COLUMNS", "METRIC_COLUMNS", "TASK_COLUMNS", "RunSession"]

TASK_COLUMNS: Final = ("at", "cpu", "memory", "read_bytes", "write_bytes", "threads", "processes", "gpu", "gpu_memory")
MACHINE_COLUMNS: Final = ("at", "cpu", "memory_used", "memory_total")
METRIC_COLUMNS: Final = ("at", "step", "value")

_RECENT: Final = 50
_TICK_MS: Final = 34
_TICK_BUDGET: Final = 0.008
_RUN_EVENTS: Final = (
    RunStarted, RunFinished, RunInterrupted, RunResumed, RunTimedOut, CancelRequested, RunPaused, RunContinued,
    TaskStepped,
)  # fmt: skip
_NAN: Final = float("nan")


class RunSession(QObject):
    """A run that is going on, or one that is replayed from its journal; the panels cannot tell which.

    The items of a map that has many are charted as the map: a thousand lines tell nothing.

    `tasks_changed` carries the ids that changed since the last tick; `run_changed` the state, when the run itself
    started, was asked to stop, stopped or went on; `samples_added` and `metrics_added` say that series grew.
    """

    tasks_changed = Signal(object)
    run_changed = Signal(object)
    samples_added = Signal()
    metrics_added = Signal()

    def __init__(
        self,
        run: str,
        folder: Path,
        *,
        clock: Callable[[], float] = time.perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._run = run
        self._folder = folder
        self._clock = clock
        self._state = RunState()
        self._pending: deque[Recorded] = deque()
        self._last_seq = 0
        self._samples: dict[str, Series] = {}
        self._machine = Series(*MACHINE_COLUMNS)
        self._metrics: dict[tuple[str, str], Series] = {}
        self._spans = AttemptSpans()
        self._recent: deque[str] = deque(maxlen=_RECENT)
        self._planned: Planned | None = None
        self._pipeline: Pipeline | None = None
        self._has_read = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def run(self) -> str:
        return self._run

    @property
    def folder(self) -> Path:
        """The run's folder: journal, plan and the attempts' logs."""
        return self._folder

    @property
    def state(self) -> RunState:
        return self._state

    @property
    def last_seq(self) -> int:
        """The newest event received, folded yet or not: where a new subscription goes on."""
        return self._last_seq

    @property
    def samples(self) -> Mapping[str, Series]:
        """By task: `TASK_COLUMNS`, units as in `ResourcesSampled`, `at` in epoch seconds."""
        return self._samples

    @property
    def machine(self) -> Series:
        """`MACHINE_COLUMNS`, units as in `MachineSampled`."""
        return self._machine

    @property
    def metrics(self) -> Mapping[tuple[str, str], Series]:
        """By (task, metric name): `METRIC_COLUMNS`. A metric without a step counts its own reports from 0."""
        return self._metrics

    @property
    def spans(self) -> Mapping[tuple[str, int], AttemptSpan]:
        """When each attempt of each task ran, by (task, number), in order of their start."""
        return self._spans.by_attempt

    @property
    def pipeline(self) -> Pipeline | None:
        """What the run was made from; None where that can't be read."""
        if not self._has_read:
            self._has_read = True
            with contextlib.suppress(OSError, UnicodeDecodeError):
                self._pipeline = read((self._folder / "pipeline.yaml").read_text("utf-8")).pipeline
        return self._pipeline

    @property
    def recent_items(self) -> tuple[str, ...]:
        """The items of maps that began last, the newest last, each once."""
        return tuple(dict.fromkeys(task for task in self._recent if task in self._state.tasks))

    def attempts_allowed(self, task: str) -> int | None:
        """How many attempts a task has, the first included; None where its plan doesn't say or can't be read."""
        return self._plan().attempts.get(task)

    def given(self, task: str) -> Mapping[str, Value]:
        """The values that a task's parameters have in this run, as far as its plan can be read."""
        found = self._state.tasks.get(task)
        return {**self._plan().params.get(task, {}), **(found.params if found is not None else {})}

    def _plan(self) -> Planned:
        if self._planned is None:
            self._planned = read_planned(self._folder / "plan.json")
        return self._planned

    @property
    def waiting(self) -> int:
        """Events received and not folded yet."""
        return len(self._pending)

    @property
    def is_ticking(self) -> bool:
        """Whether the timer runs; it rests while there is nothing to fold."""
        return self._timer.isActive()

    def feed(self, events: Iterable[Recorded]) -> None:
        """Takes events in order of `seq`; folds none of them before the next tick."""
        for recorded in events:
            if recorded.seq > self._last_seq:
                self._last_seq = recorded.seq
                self._pending.append(recorded)
        if self._pending and not self._timer.isActive():
            self._timer.start()

    def tick(self) -> None:
        """Folds what 8 ms allow, then emits. The timer calls it; a test may."""
        changed, run_changed, samples, metrics = self._fold_slice()
        if not self._pending:
            self._timer.stop()
        if changed:
            self.tasks_changed.emit(frozenset(changed))
        if run_changed:
            self.run_changed.emit(self._state)
        if samples:
            self.samples_added.emit()
        if metrics:
            self.metrics_added.emit()

    def _fold_slice(self) -> tuple[set[str], bool, bool, bool]:
        deadline = self._clock() + _TICK_BUDGET
        changed: set[str] = set()
        run_changed = samples = metrics = False
        while self._pending:
            recorded = self._pending.popleft()
            event = recorded.event
            is_of_run = isinstance(event, _RUN_EVENTS)
            unended = _unended(self._state) if is_of_run else set()
            task = self._state.advance(recorded)
            if task is not None:
                changed.add(task)
                changed.add(node_of(task))
                self._spans.note(task, self._state)
            if is_of_run:
                run_changed = True
                # What had ended before and has after is as it was.
                unended = (unended & self._state.tasks.keys()) | _unended(self._state)
                changed |= unended
                self._spans.note_all(unended, self._state)
            elif isinstance(event, AttemptQueued) and owner_of(event.task) is not None:
                self._recent.append(event.task)
            samples |= isinstance(event, ResourcesSampled | MachineSampled)
            metrics |= isinstance(event, MetricReported)
            self._collect(recorded.at, event)
            if self._clock() >= deadline:
                break
        return changed, run_changed, samples, metrics

    def _collect(self, at: float, event: Event) -> None:
        if isinstance(event, ResourcesSampled):
            task = charted_as(event.task, self._state)
            series = self._samples.get(task)
            if series is None:
                series = self._samples[task] = Series(*TASK_COLUMNS)
            gpu = _NAN if event.gpu is None else event.gpu
            gpu_memory = _NAN if event.gpu_memory is None else event.gpu_memory
            series.append(
                at, event.cpu, event.memory, event.read_bytes, event.write_bytes, event.threads, event.processes,
                gpu, gpu_memory,
            )  # fmt: skip
        elif isinstance(event, MachineSampled):
            self._machine.append(at, event.cpu, event.memory_used, event.memory_total)
        elif isinstance(event, MetricReported):
            series = self._metrics.setdefault(
                (charted_as(event.task, self._state), event.name), Series(*METRIC_COLUMNS)
            )
            series.append(at, len(series) if event.step is None else event.step, event.value)


def _unended(state: RunState) -> set[str]:
    return {id_ for id_, task in state.tasks.items() if not task.status.is_done}
