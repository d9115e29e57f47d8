"""ResourcesPanel: what each node and the machine used over time, beside when each attempt ran.

    timeline (the legend, too) │ CPU │ memory          all three show the same window of time

It redraws at most ten times a second, only while it is visible, and reads no more of a series than its window. The two
charts are painted in different frames, so that neither frame is a long one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from treadle.run.clock import AnchoredClock
from treadle_gui.panels.charts.chart import Chart
from treadle_gui.panels.charts.resources import Picture, Window, draw_picture
from treadle_gui.panels.charts.timeline import Timeline
from treadle_gui.panels.tool_button import tool_button
from treadle_gui.runs.session import RunSession
from treadle_gui.style.icons import themed_icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import ElidedLabel, EmptyState

__all__ = ["ResourcesPanel"]

_REDRAW_MS: Final = 100
_TALL: Final = 420
_LOWEST: Final = 130
_WINDOWS: Final = (("Whole run", None), ("Last minute", 60.0), ("Last 5 minutes", 300.0), ("Last 15 minutes", 900.0))


class ResourcesPanel(QWidget):
    """Resources of one run. `task_chosen(str)`: a lane was clicked, so the canvas should select that node."""

    task_chosen = Signal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock or AnchoredClock().now
        self._session: RunSession | None = None
        self._selected: frozenset[str] = frozenset()
        self._cross: float | None = None
        self._moved = False
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)
        self._picture: Picture | None = None
        self._second_half = QTimer(self)
        self._second_half.setSingleShot(True)
        self._second_half.setInterval(_REDRAW_MS // 2)
        self._second_half.timeout.connect(self._show_memory)
        self.timeline = Timeline(theme)
        self.cpu = Chart(theme, "CPU of each node and of the machine", _percent, right_text=_percent)
        self.memory = Chart(theme, "Memory of each node and of the machine", _mebibytes, right_text=_percent)
        self._span = QComboBox()
        self._span.setAccessibleName("Time shown")
        for name, seconds in _WINDOWS:
            self._span.addItem(name, seconds)
        self._machine = tool_button("Show the whole machine", checkable=True, checked=True)
        self._back = tool_button("Follow the run again")
        self._back.hide()
        self._empty = EmptyState(theme, "chart-line", "CPU and memory of each node appear here when the pipeline runs.")
        self._lay_out()
        self._connect()
        self.set_theme(theme)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, METRICS.gap_small)
        bar.addWidget(self._span)
        bar.addWidget(self._machine)
        bar.addWidget(self._back)
        bar.addStretch()
        self._charts = QSplitter(Qt.Orientation.Horizontal)
        self._charts.addWidget(_titled("CPU · 100 % is one core · dashed: machine", self.cpu))
        self._charts.addWidget(_titled("Memory · dashed: machine", self.memory))
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(self.timeline)
        self._splitter.addWidget(self._charts)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(0, 2)
        self._splitter.setStretchFactor(1, 3)
        self._splitter.setSizes([400, 600])
        drawn = QWidget()
        column = QVBoxLayout(drawn)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._splitter, 1)
        self._drawn = drawn
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(drawn)

    def _connect(self) -> None:
        self._span.activated.connect(self._follow)
        self._machine.toggled.connect(self._soon)
        self._back.clicked.connect(self._follow)
        self.timeline.task_chosen.connect(self.task_chosen)
        self.timeline.hovered.connect(self._hover)
        for chart in (self.cpu, self.memory):
            chart.hovered.connect(self._hover)
            chart.moved_by_person.connect(self._person_moved)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in (self.timeline, self.cpu, self.memory, self._empty):
            part.set_theme(theme)
        self._machine.setIcon(themed_icon("desktop-tower-monitor", theme))
        self._back.setIcon(themed_icon("arrow-collapse-right", theme))
        self._soon()

    # What is shown

    def set_session(self, session: RunSession | None) -> None:
        """Shows another run."""
        if self._session is not None:
            self._session.samples_added.disconnect(self._soon)
            self._session.tasks_changed.disconnect(self._soon)
            self._session.run_changed.disconnect(self._soon)
        self._session = session
        if session is not None:
            session.samples_added.connect(self._soon)
            session.tasks_changed.connect(self._soon)
            session.run_changed.connect(self._soon)
        self._follow()

    def set_selection(self, nodes: frozenset[str]) -> None:
        """These nodes' curves stand out, and the span of a single one is marked."""
        self._selected = frozenset(nodes)
        self.timeline.set_selected(self._selected)
        self._soon()

    def draw(self) -> None:
        """Draws what there is now. A timer calls it; a test may."""
        session = self._session
        if session is None or session.state.started_at is None:
            self._stack.setCurrentWidget(self._empty)
            return
        self._stack.setCurrentWidget(self._drawn)
        if not self.isVisible():
            return
        window = Window(
            session.state.started_at,
            self._clock(),
            self._span.currentData(),
            self.cpu.window_x if self._moved else None,
            self.cpu.plot_pixels,
        )
        cross = self._cross
        self._show(draw_picture(session, window, self._theme, self._selected, cross, self._machine.isChecked()))
        if not session.state.status.is_done:
            self._soon()

    def _show(self, picture: Picture) -> None:
        self._picture = picture
        if not self.cpu.show_curves(picture.cpu):
            self._soon()
        self.cpu.set_window(*picture.window, picture.cpu_top)
        self.cpu.mark_span(picture.span)
        self.timeline.show_lanes(picture.lanes, picture.window)
        self._second_half.start()

    def _show_memory(self) -> None:
        if self._picture is not None:
            if not self.memory.show_curves(self._picture.memory):
                self._soon()
            self.memory.set_window(*self._picture.window, self._picture.memory_top)
            self.memory.mark_span(self._picture.span)

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._redraw.stop()
        self._second_half.stop()

    def minimumSizeHint(self) -> QSize:
        """That of charts beside one another, however they stand: where there is little height they do."""
        return QSize(super().minimumSizeHint().width(), _LOWEST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tall = self.height() > _TALL
        self._charts.setOrientation(Qt.Orientation.Vertical if tall else Qt.Orientation.Horizontal)
        self._soon()

    # Inside

    def _soon(self, *_: object) -> None:
        if not self._redraw.isActive():
            self._redraw.start()

    def _follow(self) -> None:
        self._moved = False
        self._back.hide()
        self._soon()

    def _person_moved(self) -> None:
        sender = self.sender()
        if isinstance(sender, Chart) and sender is not self.cpu:
            self.cpu.set_window(*sender.window_x, self.cpu.top)
        self._moved = True
        self._back.show()
        self._soon()

    def _hover(self, x: float | None) -> None:
        self._cross = x
        for part in (self.cpu, self.memory, self.timeline):
            part.point_at(x)
        self._soon()


def _titled(text: str, chart: Chart) -> QWidget:
    """A chart under its title, which gives way where there is no room; pyqtgraph's own would widen the plot."""
    title = ElidedLabel(text, "muted")
    title.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, 0)
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(title)
    column.addWidget(chart, 1)
    return whole


def _percent(value: float) -> str:
    return f"{value:,.0f} %"


def _mebibytes(value: float) -> str:
    return f"{value / 1024:,.1f} GiB" if value >= 1024 else f"{value:,.0f} MiB"
