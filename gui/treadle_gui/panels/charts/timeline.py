"""Timeline: a lane a task, a bar an attempt, in the task's state colour. It is also the charts' legend.

■ load    ▐██████▌                       37 %   120 MiB
■ split           ▐██▌                    2 %    96 MiB
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from treadle_gui.panels.charts.units import clock_text
from treadle_gui.style.states import state_colour, state_look
from treadle_gui.style.tokens import METRICS, Theme

__all__ = ["Bar", "Lane", "Timeline"]

_LANE: Final = 22
_HEADER: Final = 24
_NAME: Final = 132
_VALUES: Final = 132
_LEAST_BARS: Final = 120
_TICK_TEXT: Final = 24
_TICK_STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Bar:
    """An attempt: seconds from the run's start, its state by name, and its number."""

    start: float
    end: float
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class Lane:
    """A task's row. `values` are CPU and memory as text; an empty `task` is the machine's row."""

    task: str
    colour: str
    bars: tuple[Bar, ...]
    values: tuple[str, str]
    state: str


class Timeline(QAbstractScrollArea):
    """`task_chosen(str)`: a lane was clicked; `hovered(x or None)`: the time under the mouse."""

    task_chosen = Signal(str)
    hovered = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lanes: Sequence[Lane] = ()
        self._window = (0.0, 1.0)
        self._selected: frozenset[str] = frozenset()
        self._cross: float | None = None
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline of the run")
        self.setMinimumWidth(_NAME + _VALUES + _LEAST_BARS)
        self.viewport().setMouseTracking(True)
        font = self.font()
        font.setPixelSize(METRICS.text_small)
        self.viewport().setFont(font)
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.viewport().update()

    @property
    def lanes(self) -> Sequence[Lane]:
        return self._lanes

    def show_lanes(self, lanes: Sequence[Lane], window: tuple[float, float]) -> None:
        """Shows these rows, with time from and to `window` across them."""
        self._lanes, self._window = lanes, window
        self._fit_scroll_bar()
        self.viewport().update()

    def set_selected(self, tasks: frozenset[str]) -> None:
        self._selected = tasks
        self.viewport().update()

    def point_at(self, x: float | None) -> None:
        self._cross = x
        self.viewport().update()

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_scroll_bar()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        lane = self._lane_at(event.position().toPoint())
        if lane is not None and lane.task:
            self.task_chosen.emit(lane.task)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        left, width = self._across()
        across = event.position().x() - left
        low, high = self._window
        self.hovered.emit(low + across / width * (high - low) if 0 <= across <= width else None)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        step = steps.get(Qt.Key(event.key()))
        tasks = [lane.task for lane in self._lanes if lane.task]
        if step is None or not tasks:
            super().keyPressEvent(event)
            return
        chosen = [index for index, task in enumerate(tasks) if task in self._selected]
        index = min(max((chosen[0] if chosen else -step) + step, 0), len(tasks) - 1)
        self.task_chosen.emit(tasks[index])

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            lane = self._lane_at(event.pos())
            QToolTip.showText(event.globalPos(), _tooltip(lane) if lane is not None else "", self)
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:
            painter.fillRect(event.rect(), QColor(self._theme.field))
            self._paint_times(painter)
            first = self.verticalScrollBar().value() // _LANE
            shown = self.viewport().height() // _LANE + 2
            painter.setClipRect(QRect(0, _HEADER, self.viewport().width(), self.viewport().height()))
            for index, lane in enumerate(self._lanes[first : first + shown], first):
                self._paint_lane(painter, lane, _HEADER + index * _LANE - self.verticalScrollBar().value())
            self._paint_cross(painter)
        finally:
            painter.end()

    # Inside

    def _fit_scroll_bar(self) -> None:
        bar = self.verticalScrollBar()
        room = self.viewport().height() - _HEADER
        bar.setPageStep(max(room, 1))
        bar.setSingleStep(_LANE)
        bar.setRange(0, max(0, len(self._lanes) * _LANE - room))

    def _across(self) -> tuple[int, int]:
        """Where the bars lie: left edge and width in pixels."""
        return _NAME, max(1, self.viewport().width() - _NAME - _VALUES)

    def _pixel(self, x: float) -> float:
        left, width = self._across()
        low, high = self._window
        return left + (x - low) / max(high - low, 1e-9) * width

    def _lane_at(self, point: QPoint) -> Lane | None:
        index = (point.y() - _HEADER + self.verticalScrollBar().value()) // _LANE
        return self._lanes[index] if point.y() >= _HEADER and 0 <= index < len(self._lanes) else None

    def _paint_times(self, painter: QPainter) -> None:
        low, high = self._window
        left, width = self._across()
        step = next((step for step in _TICK_STEPS if (high - low) / step * 56 <= width), _TICK_STEPS[-1])
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QRect(8, 0, _NAME - 8, _HEADER), _LEFT, "Node")
        right = self.viewport().width()
        painter.drawText(QRect(right - _VALUES, 0, 56, _HEADER), _RIGHT, "CPU")
        painter.drawText(QRect(right - 76, 0, 70, _HEADER), _RIGHT, "Memory")
        tick = -(-low // step) * step
        while tick <= high:
            x = int(self._pixel(tick))
            painter.setPen(QColor(self._theme.line))
            painter.drawLine(x, _HEADER, x, self.viewport().height())
            if x <= left + width - _TICK_TEXT:
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(QRect(x - 4, 0, 56, _HEADER), _LEFT, clock_text(tick))
            tick += step

    def _paint_lane(self, painter: QPainter, lane: Lane, top: int) -> None:
        theme, right = self._theme, self.viewport().width()
        if lane.task and lane.task in self._selected:
            painter.fillRect(QRect(0, top, right, _LANE), QColor(theme.selected))
        swatch = QRect(8, top + _LANE // 2 - 1, 10, 2)
        painter.fillRect(swatch, QColor(lane.colour))
        name = QRect(24, top, _NAME - 32, _LANE)
        painter.setPen(QColor(theme.text))
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(lane.task or "This machine", Qt.TextElideMode.ElideMiddle, name.width())
        painter.drawText(name, _LEFT, shown)
        for bar in lane.bars:
            self._paint_bar(painter, bar, top)
        painter.setPen(QColor(theme.text if lane.values[0] != "—" else theme.placeholder))
        painter.drawText(QRect(right - _VALUES, top, 56, _LANE), _RIGHT, lane.values[0])
        painter.drawText(QRect(right - 76, top, 70, _LANE), _RIGHT, lane.values[1])

    def _paint_bar(self, painter: QPainter, bar: Bar, top: int) -> None:
        left, width = self._across()
        start, end = max(self._pixel(bar.start), left), min(self._pixel(bar.end), left + width)
        if end < left or start > left + width:
            return
        box = QRectF(start, top + 5, max(end - start, 3), _LANE - 10)
        colour = QColor(state_colour(self._theme, bar.state))
        painter.setPen(colour)
        painter.setBrush(colour if state_look(bar.state).filled else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 2, 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        word = state_look(bar.state).word
        if box.width() > QFontMetrics(painter.font()).horizontalAdvance(word) + 8:
            painter.setPen(QColor(self._theme.on_state) if state_look(bar.state).filled else colour)
            painter.drawText(box.adjusted(4, -2, 0, 2), _LEFT, word)

    def _paint_cross(self, painter: QPainter) -> None:
        if self._cross is not None and self._window[0] <= self._cross <= self._window[1]:
            x = int(self._pixel(self._cross))
            painter.setPen(QColor(self._theme.accent))
            painter.drawLine(x, _HEADER, x, self.viewport().height())


def _tooltip(lane: Lane) -> str:
    if not lane.task:
        return "CPU of all cores and memory in use, of everything that runs on this machine"
    tries = [
        f"Attempt {bar.number}: {clock_text(bar.end - bar.start)}, {state_look(bar.state).word}" for bar in lane.bars
    ]
    return "<br>".join(html.escape(text) for text in (lane.task, *(tries or [state_look(lane.state).word])))
