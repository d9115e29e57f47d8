"""What the resources panel draws, computed from a session: a pure function of the run, the window and the selection.

At most `MOST_CURVES` nodes get a curve, those that used the most CPU time and those selected; every node has its lane.
Times are seconds from the run's start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from treadle.run.state import TaskState
from treadle_gui.panels.charts.chart import Curve
from treadle_gui.panels.charts.decimation import peaks, within
from treadle_gui.panels.charts.timeline import Bar, Lane
from treadle_gui.panels.charts.units import bytes_text, percent_text
from treadle_gui.runs.series import Series
from treadle_gui.runs.session import RunSession
from treadle_gui.runs.spans import AttemptSpan, charted
from treadle_gui.style.tokens import Theme

__all__ = ["MOST_CURVES", "Picture", "Window", "draw_picture"]

MOST_CURVES: Final = 24
_MEBIBYTE: Final = 1 << 20
_STEPS: Final = 50
_ROUND_TOPS: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_NO_VALUES: Final = ("—", "—")
_STALE: Final = 2.0
"""Seconds after its last sample for which a series still has a value."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which time to show: all of a run, its last `seconds`, or `fixed`, where a person went. Epoch seconds."""

    started: float
    now: float
    seconds: float | None
    fixed: tuple[float, float] | None
    pixels: int

    def bounds(self, finished: float | None) -> tuple[float, float]:
        """From, to, in seconds from the run's start."""
        if self.fixed is not None:
            return self.fixed
        end = max((finished if finished is not None else self.now) - self.started, 1.0)
        if finished is None:
            # In steps: axes are laid out anew for every change of the window, ten times a second would be too often.
            step = max(1.0, (self.seconds or end) / _STEPS)
            end = math.ceil(end / step) * step
        return (max(0.0, end - self.seconds) if self.seconds is not None else 0.0, end)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything to draw; the tops are the greatest y of the left scales (percent of a core, MiB)."""

    window: tuple[float, float]
    cpu: Sequence[Curve]
    memory: Sequence[Curve]
    cpu_top: float
    memory_top: float
    span: tuple[float, float] | None
    lanes: Sequence[Lane]


def draw_picture(
    session: RunSession, window: Window, theme: Theme, selected: frozenset[str], cross: float | None, machine: bool
) -> Picture:
    """`cross` is the time whose values the lanes show; None for the newest."""
    state = session.state
    bounds = window.bounds(state.finished_at)
    colours = {task: theme.charts[index % len(theme.charts)] for index, task in enumerate(_by_start(session))}
    drawn = [task for task in colours if task in _most_busy(session, selected)]
    cut = _Cut(window.started, bounds, window.pixels)
    cpu = [cut.curve(task, session.samples[task], "cpu", 1.0, colours[task], selected) for task in drawn]
    memory = [cut.curve(task, session.samples[task], "memory", _MEBIBYTE, colours[task], selected) for task in drawn]
    tops = _top(cpu, 100.0), _top(memory, 64.0)
    if machine and len(session.machine):
        total = max(session.machine.last("memory_total"), 1.0) / 100
        cpu.append(cut.machine(session.machine, "cpu", 1.0, theme.muted))
        memory.append(cut.machine(session.machine, "memory_used", total, theme.muted))
    at = None if cross is None else window.started + cross
    lanes = [_machine_lane(session.machine, theme, at)] if machine else []
    bars = _bars(session.spans.values(), window)
    lanes += [
        Lane(
            task,
            colours[task],
            bars.get(task, ()),
            _values(session.samples.get(task), at, state.tasks[task], window.now),
            state.tasks[task].status,
        )
        for task in colours
    ]
    return Picture(bounds, cpu, memory, *tops, _span(bars, selected), lanes)


def _by_start(session: RunSession) -> list[str]:
    """Tasks in order of their first attempt; those without one after them, as the plan has them."""
    first: dict[str, float] = {}
    for span in session.spans.values():
        first.setdefault(span.task, span.started)
    return sorted(charted(session.state), key=lambda task: first.get(task, float("inf")))


def _most_busy(session: RunSession, selected: frozenset[str]) -> set[str]:
    busy = sorted(session.samples, key=lambda task: -float(np.sum(session.samples[task].column("cpu")[-10_000:])))
    return set(busy[:MOST_CURVES]) | (selected & session.samples.keys())


@dataclass(frozen=True, slots=True)
class _Cut:
    """A series' visible part, thinned to the pixels it has."""

    started: float
    bounds: tuple[float, float]
    pixels: int

    def points(self, series: Series, column: str, unit: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        at = series.column("at")
        part = within(at, self.started + self.bounds[0], self.started + self.bounds[1])
        return peaks(at[part] - self.started, series.column(column)[part] / unit, self.pixels)

    def curve(
        self, task: str, series: Series, column: str, unit: float, colour: str, selected: frozenset[str]
    ) -> Curve:
        x, y = self.points(series, column, unit)
        return Curve(task, x, y, colour, is_strong=task in selected)

    def machine(self, series: Series, column: str, unit: float, colour: str) -> Curve:
        x, y = self.points(series, column, unit)
        return Curve("", x, y, colour, is_dashed=True, on_right=True)


def _top(curves: Sequence[Curve], least: float) -> float:
    """A round number above every curve, so that the scale stays put while they wriggle."""
    greatest = 1.04 * max([least, *(float(np.nanmax(curve.y)) for curve in curves if len(curve.y))])
    decade = 10.0 ** math.floor(math.log10(greatest))
    return decade * next(top for top in _ROUND_TOPS if decade * top >= greatest)


def _bars(spans: Iterable[AttemptSpan], window: Window) -> dict[str, tuple[Bar, ...]]:
    bars: dict[str, tuple[Bar, ...]] = {}
    for span in spans:
        end = (window.now if span.finished is None else span.finished) - window.started
        bar = Bar(span.started - window.started, end, span.status, span.number)
        bars[span.task] = (*bars.get(span.task, ()), bar)
    return bars


def _span(bars: dict[str, tuple[Bar, ...]], selected: frozenset[str]) -> tuple[float, float] | None:
    """From the first to the last attempt of a single selected task."""
    chosen = bars.get(next(iter(selected))) if len(selected) == 1 else None
    return (chosen[0].start, chosen[-1].end) if chosen else None


def _values(series: Series | None, at: float | None, state: TaskState, now: float) -> tuple[str, str]:
    """At the crosshair; else what it uses now, or the most memory it used once it has ended."""
    if at is None and state.status.is_done:
        return ("—", bytes_text(state.usage.peak_memory)) if state.usage and state.usage.peak_memory else _NO_VALUES
    row = _row_at(series, now if at is None else at)
    if series is None or row is None:
        return _NO_VALUES
    return percent_text(float(series.column("cpu")[row])), bytes_text(float(series.column("memory")[row]))


def _machine_lane(series: Series, theme: Theme, at: float | None) -> Lane:
    row = len(series) - 1 if at is None else _row_at(series, at)
    values = _NO_VALUES
    if row is not None and row >= 0:
        values = percent_text(float(series.column("cpu")[row])), bytes_text(float(series.column("memory_used")[row]))
    return Lane("", theme.muted, (), values, "")


def _row_at(series: Series | None, at: float) -> int | None:
    """The newest row not after `at`, if it is not too old to speak for it."""
    if series is None or not len(series):
        return None
    times = series.column("at")
    row = int(np.searchsorted(times, at, side="right")) - 1
    return row if row >= 0 and at - times[row] <= _STALE else None
