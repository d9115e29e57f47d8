"""HistoryPanel: the runs of a project, newest first; one can be shown on the canvas again, or gone on with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from treadle.host.api import RunSummary
from treadle_gui.panels.charts.units import clock_text
from treadle_gui.panels.tool_button import tool_button
from treadle_gui.style.icons import icon, themed_icon
from treadle_gui.style.states import state_colour, state_look
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import EmptyState

__all__ = ["HistoryPanel"]

_HEADINGS: Final = ("State", "Pipeline", "Started", "Duration", "Nodes", "Run")
_WIDTHS: Final = (150, 120, 150, 80, 210, 200)
_RESUMABLE: Final = frozenset({"failed", "cancelled", "interrupted"})
_RUN: Final = Qt.ItemDataRole.UserRole


class HistoryPanel(QWidget):
    """`run_chosen(str)`: show this run; `resume_asked(str)`: go on with it; `refresh_asked()`: the list may be old."""

    run_chosen = Signal(str)
    resume_asked = Signal(str)
    refresh_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs: Sequence[RunSummary] = ()
        self._shown: str | None = None
        self._items: list[QTreeWidgetItem] = []
        self._show = QPushButton("Show run")
        self._resume = QPushButton("Resume")
        self._refresh = tool_button("Read the list again")
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels(list(_HEADINGS))
        self._tree.setRootIsDecorated(False)
        self._tree.setUniformRowHeights(True)
        self._tree.setAlternatingRowColors(True)
        self._tree.setAccessibleName("Runs")
        for column, width in enumerate(_WIDTHS):
            self._tree.setColumnWidth(column, width)
        self._empty = EmptyState(theme, "history", "Runs of this project are listed here.")
        bar = QHBoxLayout()
        bar.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, METRICS.gap_small)
        bar.addWidget(self._show)
        bar.addWidget(self._resume)
        bar.addStretch()
        bar.addWidget(self._refresh)
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        column_layout.addLayout(bar)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._tree)
        column_layout.addLayout(self._stack, 1)
        self._tree.itemActivated.connect(self._choose)
        self._tree.itemSelectionChanged.connect(self._enable)
        self._show.clicked.connect(self._choose)
        self._resume.clicked.connect(self._ask_to_resume)
        self._refresh.clicked.connect(self.refresh_asked)
        self._enable()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._refresh.setIcon(themed_icon("refresh", theme))
        self._empty.set_theme(theme)
        self.set_runs(self._runs)

    def set_runs(self, runs: Sequence[RunSummary]) -> None:
        """Lists these; what was selected stays so."""
        selected = self.selected
        self._runs = tuple(runs)
        self._tree.clear()
        self._items = []
        for summary in self._runs:
            item = QTreeWidgetItem(self._tree, _cells(summary))
            state = "paused" if summary.paused else summary.state
            item.setIcon(0, icon(state_look(state).icon, state_colour(self._theme, state)))
            item.setData(0, _RUN, summary.run)
            self._items.append(item)
            self._embolden(item)
            item.setSelected(summary.run == selected)
        self._stack.setCurrentWidget(self._tree if self._runs else self._empty)
        self._enable()

    def set_shown(self, run: str | None) -> None:
        """Marks the run that the canvas shows."""
        self._shown = run
        for item in self._items:
            self._embolden(item)

    @property
    def selected(self) -> str | None:
        """The run a person has selected."""
        items = self._tree.selectedItems()
        return str(items[0].data(0, _RUN)) if items else None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh_asked.emit()

    def _embolden(self, item: QTreeWidgetItem) -> None:
        font = item.font(1)
        font.setWeight(QFont.Weight.DemiBold if item.data(0, _RUN) == self._shown else QFont.Weight.Normal)
        item.setFont(1, font)

    def _enable(self) -> None:
        state = next((summary.state for summary in self._runs if summary.run == self.selected), "")
        self._show.setEnabled(bool(state))
        self._resume.setEnabled(state in _RESUMABLE)

    def _choose(self) -> None:
        if self.selected is not None:
            self.run_chosen.emit(self.selected)

    def _ask_to_resume(self) -> None:
        if self.selected is not None:
            self.resume_asked.emit(self.selected)


def _cells(summary: RunSummary) -> list[str]:
    started = datetime.fromtimestamp(summary.started).astimezone()
    duration = clock_text(summary.duration(summary.finished)) if summary.finished is not None else "…"
    word = summary.paused or state_look(summary.state).word
    counts = ", ".join(f"{count} {state_look(state).word}" for state, count in summary.counts.items() if count)
    return [
        word, summary.pipeline, f"{started:%Y-%m-%d %H:%M:%S}", duration, counts, summary.run,
    ]  # fmt: skip
