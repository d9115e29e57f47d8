"""MetricsPanel: the figures that nodes came to, and those that have steps as curves: one metric, one curve a node.

A `Metrics` output and a reported metric stand in the same table; the curves appear when something has a second step.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from treadle_gui.panels.charts.chart import Chart, Curve
from treadle_gui.panels.charts.decimation import peaks
from treadle_gui.panels.charts.figures import Figures
from treadle_gui.panels.charts.figures_table import FiguresTable
from treadle_gui.runs.series import Series
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import EmptyState, PlainLabel

__all__ = ["MetricsPanel"]

_REDRAW_MS = 100
_NOTHING = "Metrics that nodes give or report while they run appear here."


class MetricsPanel(QWidget):
    """The metrics of one run. `task_chosen(str)`: a person chose a node's row."""

    task_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._session: RunSession | None = None
        self._figures = Figures()
        self._arranged = 0
        """How many rows there were when they were last put in order: a row more is put in its place."""
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)
        self._metric = QComboBox()
        self._metric.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._metric.setAccessibleName("Metric")
        self.chart = Chart(theme, "by step", _number, x_text=_number)
        self.table = FiguresTable()
        self._empty = EmptyState(theme, "chart-bell-curve", _NOTHING)
        self._curves = self._lay_out_curves()
        self._drawn = QSplitter(Qt.Orientation.Horizontal)
        self._drawn.setChildrenCollapsible(False)
        self._drawn.addWidget(self.table)
        self._drawn.addWidget(self._curves)
        self._drawn.setSizes([400, 600])
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._drawn)
        self._metric.activated.connect(self._soon)
        self.table.node_chosen.connect(self.task_chosen)

    def _lay_out_curves(self) -> QWidget:
        bar = QHBoxLayout()
        bar.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, METRICS.gap_small)
        bar.addWidget(self._metric)
        bar.addWidget(PlainLabel("by step", "muted"))
        bar.addStretch()
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(bar)
        column.addWidget(self.chart, 1)
        return part

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.chart.set_theme(theme)
        self._empty.set_theme(theme)
        self._soon()

    def set_session(self, session: RunSession | None) -> None:
        """Shows another run's metrics."""
        if self._session is not None:
            self._session.metrics_added.disconnect(self._soon)
            self._session.tasks_changed.disconnect(self._look_at)
        self._session = session
        self._figures, self._arranged = Figures(), 0
        if session is not None:
            session.metrics_added.connect(self._soon)
            session.tasks_changed.connect(self._look_at)
            self._figures.look_at(session.state, session.state.tasks)
        self._metric.clear()
        self._soon()

    @property
    def has_figures(self) -> bool:
        """Whether a node of the run came to any."""
        return bool(self._figures.rows or (self._session is not None and self._session.metrics))

    def draw(self) -> None:
        """Draws what there is now. A timer calls it; a test may."""
        reported = self._session.metrics if self._session is not None else {}
        self._figures.take_newest(reported)
        if self._session is not None and len(self._figures.rows) != self._arranged:
            self._arranged = len(self._figures.rows)
            self._figures.arrange(self._session.state.tasks)
        self._stack.setCurrentWidget(self._drawn if self._figures.rows else self._empty)
        stepped = {key: series for key, series in reported.items() if len(series) > 1}
        self._curves.setVisible(bool(stepped))
        for name in dict.fromkeys(name for _, name in stepped):
            if self._metric.findText(name, Qt.MatchFlag.MatchExactly) < 0:
                self._metric.addItem(name)
        if not self.isVisible():
            return
        self.table.show_figures(self._figures)
        self._draw_curves(
            {task: series for (task, name), series in stepped.items() if name == self._metric.currentText()}
        )

    def _draw_curves(self, shown: dict[str, Series]) -> None:
        palette = self._theme.charts
        colours = {task: palette[index % len(palette)] for index, task in enumerate(shown)}
        self.table.figures.set_colours(colours)
        if not shown:
            return
        curves: list[Curve] = []
        for task, series in shown.items():
            x, y = peaks(series.column("step"), series.column("value"), self.chart.plot_pixels)
            curves.append(Curve(task, x, y, colours[task]))
        if not self.chart.show_curves(curves):
            self._soon()
        self.chart.fit(curves)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon()

    def _look_at(self, tasks: frozenset[str]) -> None:
        if self._session is not None and self._figures.look_at(self._session.state, tasks):
            self._soon()

    def _soon(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()


def _number(value: float) -> str:
    return f"{value:.4g}"
