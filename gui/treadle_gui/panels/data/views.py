"""One widget a kind of preview: tables, pictures, text, trees and facts. None of them reads its content as HTML."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPlainTextEdit,
    QTableView,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from treadle_gui.panels.data.table_model import TableModel, cell_text
from treadle_gui.style.apply import mono_font
from treadle_gui.style.tokens import METRICS, Theme

__all__ = ["FactsView", "ImageView", "TreeView", "code_view", "table_view"]

_MOST_CHARACTERS: Final = 400_000
_LONGEST_LINE: Final = 4_000
"""A widget that lays out a line of a megabyte stands still for a minute."""
_MOST_ITEMS: Final = 5_000
_OPENED_AT_ONCE: Final = 20


def table_view(model: TableModel) -> QTableView:
    """A table to look at: rows of one height, columns as wide as their heading and first rows."""
    view = QTableView()
    view.setModel(model)
    model.setParent(view)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setWordWrap(False)
    view.setAlternatingRowColors(True)
    view.setAccessibleName("Table")
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    rows, columns = view.verticalHeader(), view.horizontalHeader()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(METRICS.row - 4)
    columns.setResizeContentsPrecision(20)
    columns.setMaximumSectionSize(320)
    columns.setHighlightSections(False)
    view.resizeColumnsToContents()
    return view


def code_view(text: str) -> QPlainTextEdit:
    """Text as it is, without wrapping; what is too long to lay out is cut and says so."""
    lines = [
        line
        if len(line) <= _LONGEST_LINE
        else f"{line[:_LONGEST_LINE]} … {len(line) - _LONGEST_LINE:,} more characters"
        for line in text[:_MOST_CHARACTERS].split("\n")
    ]
    if len(text) > _MOST_CHARACTERS:
        lines.append(f"… {len(text) - _MOST_CHARACTERS:,} more characters")
    view = QPlainTextEdit()
    view.setReadOnly(True)
    view.setUndoRedoEnabled(False)
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setFont(mono_font())
    view.setPlainText("\n".join(lines))
    view.setAccessibleName("Text")
    return view


class ImageView(QWidget):
    """A PNG, as large as fits and never larger than its own pixels."""

    def __init__(self, theme: Theme, encoded: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ground = QColor(theme.field)
        self._picture = QPixmap()
        self._shown: QPixmap | None = None
        self._shown_in = QSize()
        self._picture.loadFromData(base64.b64decode(encoded), "PNG")
        self.setAccessibleName(f"Picture, {self._picture.width()} by {self._picture.height()} pixels")

    @property
    def is_readable(self) -> bool:
        return not self._picture.isNull()

    def set_theme(self, theme: Theme) -> None:
        self._ground = QColor(theme.field)
        self.update()

    def _fitted(self) -> QPixmap:
        """Scaled down pixel by pixel of what it was: merely painted smaller, a chart's letters fall apart."""
        ratio = self.devicePixelRatioF()
        margin = 2 * METRICS.gap
        room = QSize(max(self.width() - margin, 1), max(self.height() - margin, 1)) * ratio
        if self._shown is None or self._shown_in != room:
            size = self._picture.size()
            if size.width() > room.width() or size.height() > room.height():
                size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
            smooth = Qt.TransformationMode.SmoothTransformation
            self._shown = self._picture.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, smooth)
            self._shown.setDevicePixelRatio(ratio)
            self._shown_in = room
        return self._shown

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.fillRect(event.rect(), self._ground)
            shown = self._fitted()
            place = QRectF(QPointF(), shown.deviceIndependentSize())
            place.moveCenter(QRectF(self.rect()).center())
            painter.drawPixmap(place.topLeft().toPoint(), shown)
        finally:
            painter.end()


class TreeView(QTreeWidget):
    """A JSON value as a tree, whose branches are filled when they are opened."""

    def __init__(self, value: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderLabels(["Key", "Value"])
        self.setUniformRowHeights(True)
        self.setAccessibleName("JSON")
        self.itemExpanded.connect(self._fill)
        self._add(self.invisibleRootItem(), value)
        if self.topLevelItemCount() <= _OPENED_AT_ONCE:
            self.expandToDepth(0)
        self.resizeColumnToContents(0)

    def _add(self, parent: QTreeWidgetItem, value: Any) -> None:
        entries = _entries(value)
        for key, inner in entries[:_MOST_ITEMS]:
            item = QTreeWidgetItem(parent, [key, _summary(inner)])
            if isinstance(inner, dict | list) and inner:
                item.setData(0, Qt.ItemDataRole.UserRole, inner)
                item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        if len(entries) > _MOST_ITEMS:
            QTreeWidgetItem(parent, ["…", f"{len(entries) - _MOST_ITEMS:,} more"])

    def _fill(self, item: QTreeWidgetItem) -> None:
        inner = item.data(0, Qt.ItemDataRole.UserRole)  # None of what is no branch, which is told to be opened too
        if inner is not None and not item.childCount():
            self._add(item, inner)


class FactsView(QTreeWidget):
    """Names and values in two columns: what is known of a model, a node's metrics."""

    def __init__(self, facts: Mapping[str, Any], headings: tuple[str, str] = ("Name", "Value")) -> None:
        super().__init__()
        self.setHeaderLabels(list(headings))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAlternatingRowColors(True)
        self.setAccessibleName(headings[0])
        for name, value in facts.items():
            text = cell_text(value) if not isinstance(value, dict | list) else json.dumps(value)
            QTreeWidgetItem(self, [str(name), text])
        self.resizeColumnToContents(0)


def _entries(value: Any) -> Sequence[tuple[str, Any]]:
    match value:
        case dict():
            return [(str(key), inner) for key, inner in value.items()]
        case list():
            return [(str(index), inner) for index, inner in enumerate(value)]
        case _:
            return [("", value)]


def _summary(value: Any) -> str:
    match value:
        case dict():
            return f"{{{len(value):,}}}"
        case list():
            return f"[{len(value):,}]"
        case _:
            return cell_text(value)
