"""TableModel: a table of any length, of which only the rows somebody looks at are fetched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

__all__ = ["PAGE", "TableColumn", "TableModel"]

PAGE: Final = 200
_PAGES_KEPT: Final = 50
_MOST_ROWS: Final = 20_000_000
"""A view counts pixels in 32 bits."""
_CELL: Final = 400
"""Characters of a cell that are shown."""
_Index = QModelIndex | QPersistentModelIndex
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column's name and type, as the store calls it (`int64`, `string`)."""

    name: str
    type: str

    @property
    def is_number(self) -> bool:
        return self.type.startswith(("int", "uint", "float", "double", "decimal", "half"))


class TableModel(QAbstractTableModel):
    """`wanted(int offset)`: rows from a multiple of `PAGE` are looked at; `add_page` brings them."""

    wanted = Signal(int)

    def __init__(self, columns: Sequence[TableColumn], total: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._total = total
        self._pages: OrderedDict[int, Sequence[Sequence[Any]]] = OrderedDict()
        self._asked: set[int] = set()

    def add_page(self, offset: int, rows: Sequence[Sequence[Any]]) -> None:
        """Rows from `offset` on came."""
        self._asked.discard(offset)
        self._pages[offset] = rows
        while len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        if rows and self._columns:
            self.dataChanged.emit(self.index(offset, 0), self.index(offset + len(rows) - 1, len(self._columns) - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else min(self._total, _MOST_ROWS)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(index.row(), index.column())
            case Qt.ItemDataRole.TextAlignmentRole:
                return _RIGHT if self._columns[index.column()].is_number else _LEFT
            case _:
                return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            if orientation == Qt.Orientation.Vertical:
                return f"{section:,}"
            column = self._columns[section]
            return f"{column.name}\n{column.type}"
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return _RIGHT if self._columns[section].is_number else _LEFT
        return None

    def _text(self, row: int, column: int) -> str:
        offset = row // PAGE * PAGE
        page = self._pages.get(offset)
        if page is None:
            if offset not in self._asked:
                self._asked.add(offset)
                self.wanted.emit(offset)
            return ""
        return cell_text(page[row - offset][column]) if row - offset < len(page) else ""


def cell_text(value: object) -> str:
    """A JSON value as a cell shows it, on one line."""
    match value:
        case None:
            return "—"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.6g}"
        case int():
            return str(value)
        case _:
            return " ".join(str(value)[:_CELL].split())
