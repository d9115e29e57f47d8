"""FiguresTable: the figures of a run beside one another, the colour of a node's curve before its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from treadle.run.expansion import node_of
from treadle_gui.panels.charts.figures import Figures, figure_text
from treadle_gui.style.tokens import METRICS

__all__ = ["FiguresModel", "FiguresTable"]

_Index = QModelIndex | QPersistentModelIndex
_NAME: Final = 0
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class FiguresModel(QAbstractTableModel):
    """Rows are nodes, the first column their names, the others a metric each. `marked`: other nodes have a curve."""

    marked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, dict[str, Any]]] = []
        self._metrics: list[str] = []
        self._colours: Mapping[str, str] = {}

    def show_figures(self, figures: Figures) -> bool:
        """True where there are other rows or columns than before, not only other numbers."""
        rows, metrics = list(figures.rows.items()), list(figures.metrics)
        if [task for task, _ in rows] != [task for task, _ in self._rows] or metrics != self._metrics:
            self.beginResetModel()
            self._rows, self._metrics = rows, metrics
            self.endResetModel()
            return True
        self._rows = rows
        self._tell()
        return False

    def set_colours(self, colours: Mapping[str, str]) -> None:
        """By node, for those that have a curve."""
        if colours != self._colours:
            self._colours = dict(colours)
            self._tell()
            self.marked.emit()

    def task(self, row: int) -> str:
        return self._rows[row][0]

    def _tell(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._metrics)))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._metrics) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        task, values = self._rows[index.row()]
        named = index.column() == _NAME
        value = None if named else values.get(self._metrics[index.column() - 1])
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return task if named else "—" if value is None else figure_text(value)
            case Qt.ItemDataRole.ToolTipRole if isinstance(value, float):
                return repr(value)
            case Qt.ItemDataRole.DecorationRole if named and task in self._colours:
                return QColor(self._colours[task])
            case Qt.ItemDataRole.TextAlignmentRole:
                return _LEFT if named or isinstance(value, str) else _RIGHT
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return "Node" if section == _NAME else self._metrics[section - 1]
            case Qt.ItemDataRole.TextAlignmentRole:
                return _LEFT if section == _NAME else _RIGHT
            case _:
                return None


class FiguresTable(QTableView):
    """`node_chosen(str)`: a person chose the row of a node."""

    node_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures = FiguresModel(self)
        self.setModel(self.figures)
        self.setIconSize(QSize(10, 10))
        self.figures.marked.connect(lambda: self.resizeColumnToContents(_NAME))
        self.setAccessibleName("Metrics by node")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(METRICS.row)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMaximumSectionSize(280)
        self.clicked.connect(self._choose)
        self.activated.connect(self._choose)

    def show_figures(self, figures: Figures) -> None:
        if self.figures.show_figures(figures):
            self.resizeColumnsToContents()

    def _choose(self, index: QModelIndex) -> None:
        self.node_chosen.emit(node_of(self.figures.task(index.row())))
