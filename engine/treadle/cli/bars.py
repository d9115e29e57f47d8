"""A run on a terminal: a bar for the whole of it and one for each task at work; what has ended stands above them."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from treadle.cli.event_lines import line_of
from treadle.cli.narrators import Quiet
from treadle.cli.terminal import Terminal
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    MapEnded,
    ProgressReported,
    Recorded,
    RunResumed,
    RunStarted,
    SensorPoked,
    TaskCached,
    TaskCancelled,
    TaskDeferred,
    TaskExpanded,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.expansion import owner_of
from treadle.run.map_words import progress_of
from treadle.run.state import RunState
from treadle.store.logs import plain

__all__ = ["Bars"]


class Bars(Quiet):
    """A bar for the whole run and one for each task at work; what has ended stands above them."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal)
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=28),
            TextColumn("{task.fields[note]}", markup=False, style="dim"), TimeElapsedColumn(),
            console=terminal.out, transient=True,
        )  # fmt: skip
        self._whole: TaskID | None = None
        self._bars: dict[str, TaskID] = {}
        self._done: set[str] = set()
        self._total = 0
        self._maps: dict[str, RunState] = {}
        """Mapped tasks that are further than their bars say."""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def pause(self) -> None:
        if self._whole is not None:
            done, total = len(self._done), self._total
            self._progress.update(self._whole, total=max(1, total), completed=done, note=f"{done}/{total}")
        for task, state in self._maps.items():
            if task in self._bars and task in state.maps:
                items = state.maps[task]
                self._progress.update(self._bars[task], completed=items.done, note=progress_of(items))
        self._maps.clear()

    def tell(self, recorded: Recorded, state: RunState) -> None:
        event = recorded.event
        match event:
            case RunStarted() | RunResumed():
                name = plain(state.pipeline)
                planned = state.planned()
                self._total = len(planned)
                self._done = {id_ for id_, task in planned.items() if task.status.is_done}
                self._whole = self._progress.add_task(name, total=max(1, self._total), note="")
            case TaskExpanded(task=task, items=items) if owner_of(task) is None:
                self._bars[task] = self._progress.add_task(plain(task), total=max(1, items), note="")
            case AttemptLaunched(task=task) if owner_of(task) is None:
                self._bars[task] = self._progress.add_task(plain(task), total=None, note="")
            case TaskDeferred(task=task, message=message):
                self._bars[task] = self._progress.add_task(plain(task), total=None, note=plain(message)[:60])
            case SensorPoked(task=task, message=message) if task in self._bars:
                self._progress.update(self._bars[task], note=plain(message)[:60])
            case ProgressReported(task=task, fraction=fraction, message=message) if task in self._bars:
                self._progress.update(self._bars[task], total=1.0, completed=fraction, note=plain(message)[:60])
            case AttemptEnded() | MapEnded() | TaskCached() | TaskCancelled() | TaskSkipped() | TaskUpstreamFailed():
                self._end(event.task)
        self._count(getattr(event, "task", None), state)
        line = None if isinstance(event, AttemptLaunched) else line_of(recorded, state)
        if line is not None:
            self._progress.console.print(Text.assemble(*line))

    def _end(self, task: str) -> None:
        bar = self._bars.pop(task, None)
        if bar is not None:
            self._progress.remove_task(bar)

    def _count(self, task: str | None, state: RunState) -> None:
        if task is not None and owner_of(task) is not None:
            self._maps[task.partition("[")[0]] = state
            return
        if task in state.tasks and state.tasks[task].status.is_done:
            self._done.add(task)
        elif task is not None:
            self._done.discard(task)
