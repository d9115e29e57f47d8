"""MetricsPanel: what nodes report while they run, as a loss by step: one metric at a time, one curve a node."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from treadle_gui.panels.charts.chart import Chart, Curve
from treadle_gui.panels.charts.decimation import peaks
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import EmptyState, PlainLabel

__all__ = ["MetricsPanel"]

_REDRAW_MS = 100


class MetricsPanel(QWidget):
    """Reported metrics of one run."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._session: RunSession | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)
        self._metric = QComboBox()
        self._metric.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._metric.setAccessibleName("Metric")
        self._newest = PlainLabel("", "muted")
        self.chart = Chart(theme, "by step", _number, x_text=_number)
        self._empty = EmptyState(theme, "chart-bell-curve", "Metrics that nodes report while they run appear here.")
        bar = QHBoxLayout()
        bar.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, METRICS.gap_small)
        bar.addWidget(self._metric)
        bar.addWidget(self._newest)
        bar.addStretch()
        self._drawn = QWidget()
        column = QVBoxLayout(self._drawn)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(bar)
        column.addWidget(self.chart, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._drawn)
        self._metric.activated.connect(self._soon)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.chart.set_theme(theme)
        self._empty.set_theme(theme)
        self._soon()

    def set_session(self, session: RunSession | None) -> None:
        """Shows another run's metrics."""
        if self._session is not None:
            self._session.metrics_added.disconnect(self._soon)
        self._session = session
        if session is not None:
            session.metrics_added.connect(self._soon)
        self._metric.clear()
        self._soon()

    def draw(self) -> None:
        """Draws what there is now. A timer calls it; a test may."""
        metrics = self._session.metrics if self._session is not None else {}
        self._stack.setCurrentWidget(self._drawn if metrics else self._empty)
        for name in dict.fromkeys(name for _, name in metrics):
            if self._metric.findText(name, Qt.MatchFlag.MatchExactly) < 0:
                self._metric.addItem(name)
        shown = {task: series for (task, name), series in metrics.items() if name == self._metric.currentText()}
        if not shown or not self.isVisible():
            return
        curves: list[Curve] = []
        for index, (task, series) in enumerate(shown.items()):
            x, y = peaks(series.column("step"), series.column("value"), self.chart.plot_pixels)
            curves.append(Curve(task, x, y, self._theme.charts[index % len(self._theme.charts)]))
        if not self.chart.show_curves(curves):
            self._soon()
        self.chart.fit(curves)
        self._newest.setText("   ".join(f"{task}: {_number(series.last('value'))}" for task, series in shown.items()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon()

    def _soon(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()


def _number(value: float) -> str:
    return f"{value:.4g}"
