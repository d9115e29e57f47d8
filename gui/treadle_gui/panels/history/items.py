"""ItemsList: the items of a mapped node, as many as there are; only those in view cost anything.

A filter leaves those that failed, or those that run. A double click asks for an item's log, a right click for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from treadle.run.clock import AnchoredClock
from treadle.run.expansion import item_id
from treadle.run.map_state import MapState
from treadle.run.map_words import progress_of
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle_gui.panels.charts.units import clock_text
from treadle_gui.panels.inspector.choice_box import Choice, ChoiceBox
from treadle_gui.style.states import state_colour, state_look
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel, SectionHeader

__all__ = ["ItemsList", "ItemsModel"]

_COLUMNS: Final = ("Item", "State", "Took", "Attempt")
_ALL, _FAILED, _AT_WORK = "all", "failed", "at work"
_FILTERS: Final = (Choice(_ALL, "All items"), Choice(_FAILED, "Failed"), Choice(_AT_WORK, "At work"))
_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_ROW: Final = 24
_ROOT: Final = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class ItemsModel(QAbstractTableModel):
    """Tasks of a map's bodies by id, told from the run's state when they are asked for."""

    def __init__(self, theme: Theme, clock: Callable[[], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._clock = clock
        self._state: RunState | None = None
        self._ids: Sequence[str] = ()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._tell()

    def show_items(self, state: RunState | None, ids: Sequence[str]) -> None:
        """Shows these; where they are the ones that were shown only what they say is new."""
        self._state = state
        if ids == self._ids:
            self._tell()
            return
        self.beginResetModel()
        self._ids = ids
        self.endResetModel()

    def item(self, row: int) -> str:
        return self._ids[row]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY and orientation is Qt.Orientation.Horizontal:
            return _COLUMNS[section]
        return None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        task = None if self._state is None else self._state.tasks.get(self._ids[index.row()])
        if task is None:
            return None
        if role == _DISPLAY:
            return self._text(index.column(), self._ids[index.row()], task)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 1:
            return QColor(state_colour(self._theme, task.status))
        return None

    def _text(self, column: int, id_: str, task: TaskState) -> str:
        if column == 0:
            return id_
        if column == 1:
            return state_look(task.status).word
        if column == 2:
            duration = task.duration(self._clock())
            return "" if duration is None else clock_text(duration)
        return str(task.number - task.spent) if task.number > task.spent else ""

    def _tell(self) -> None:
        if self._ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(_COLUMNS) - 1))


class ItemsList(QWidget):
    """`item_chosen(str)`: a person wants to see the log of that item; `menu_requested(str, QPoint)`: what else can be
    done with it, asked for at a place on the screen."""

    item_chosen = Signal(str)
    menu_requested = Signal(str, object)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__(parent)
        self._run: RunState | None = None
        self._task = ""
        self._filter = _ALL
        self.model = ItemsModel(theme, clock or AnchoredClock().now, self)
        self.sum = PlainLabel("", "muted")
        self.filter = ChoiceBox(_FILTERS)
        self.filter.setAccessibleName("Which items")
        self.filter.chosen.connect(self._choose_filter)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setAccessibleName("Items")
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.verticalHeader().setVisible(False)
        self.view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.view.verticalHeader().setDefaultSectionSize(_ROW)
        self.view.horizontalHeader().setStretchLastSection(True)
        self.view.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.view.activated.connect(lambda index: self.item_chosen.emit(self.model.item(index.row())))
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._ask_for_menu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        column.addWidget(SectionHeader("Items"))
        bar = QHBoxLayout()
        bar.addWidget(self.sum, 1)
        bar.addWidget(self.filter)
        column.addLayout(bar)
        column.addWidget(self.view, 1)

    def set_theme(self, theme: Theme) -> None:
        self.model.set_theme(theme)

    def show_map(self, run: RunState, task: str, state: MapState) -> None:
        """The items of `task` as they stand now."""
        self._run, self._task = run, task
        self.sum.setText(progress_of(state))
        self.model.show_items(run, self._ids(run, task, state))

    def _ask_for_menu(self, at: QPoint) -> None:
        index = self.view.indexAt(at)
        if index.isValid():
            self.menu_requested.emit(self.model.item(index.row()), self.view.viewport().mapToGlobal(at))

    def _choose_filter(self, value: object) -> None:
        self._filter = str(value)
        state = None if self._run is None else self._run.maps.get(self._task)
        if self._run is not None and state is not None:
            self.show_map(self._run, self._task, state)

    def _ids(self, run: RunState, task: str, state: MapState) -> list[str]:
        ids = [item_id(task, index, within) for index in range(state.items) for within in state.body]
        if self._filter == _ALL:
            return ids
        return [id_ for id_ in ids if _passes(run.tasks[id_].status, self._filter)]


def _passes(status: TaskStatus, chosen: str) -> bool:
    return status.is_failure if chosen == _FAILED else status.is_open or status is TaskStatus.RETRYING
