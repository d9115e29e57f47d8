"""NodeList: ids of nodes with a menu to add one, as for what a node waits for or cleans up after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import ElidedLabel, PlainLabel

__all__ = ["NodeList", "NodeListWords"]


@dataclass(frozen=True, slots=True)
class NodeListWords:
    """`title` with its `tip`; the button `add`; `remove` before a node's id; `none` where nothing can be added."""

    title: str
    tip: str
    add: str
    remove: str
    none: str


class NodeList(QWidget):
    """`edited(ids)`: the whole list, as a person now wants it."""

    edited = Signal(object)

    def __init__(self, words: NodeListWords, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: tuple[str, ...] = ()
        self._words = words
        self._candidates: Callable[[], list[str]] = list
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._menu.triggered.connect(self._add)
        self.add_button = QPushButton(words.add)
        self.add_button.setProperty("role", "flat")
        self.add_button.setMenu(self._menu)
        head = QHBoxLayout()
        label = PlainLabel(words.title)
        label.setToolTip(words.tip)
        head.addWidget(label, 1)
        head.addWidget(self.add_button)
        self._list = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        column.addLayout(head)
        column.addLayout(self._list)

    def show_ids(self, ids: tuple[str, ...], candidates: Callable[[], list[str]]) -> None:
        """`candidates` tells, when the menu opens, which nodes could be added."""
        self._candidates = candidates
        if ids == self._ids:
            return
        self._ids = ids
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for name in ids:
            self._list.addWidget(self._row(name))

    def _row(self, name: str) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(METRICS.gap, 0, 0, 0)
        line.addWidget(ElidedLabel(name, "mono"), 1)
        remove = QPushButton("Remove")
        remove.setProperty("role", "flat")
        remove.setAccessibleName(f"{self._words.remove} {name}")
        remove.clicked.connect(lambda: self.edited.emit(tuple(other for other in self._ids if other != name)))
        line.addWidget(remove)
        return row

    def _fill_menu(self) -> None:
        self._menu.clear()
        for name in self._candidates():
            self._menu.addAction(name).setData(name)
        if self._menu.isEmpty():
            self._menu.addAction(self._words.none).setEnabled(False)

    def _add(self, action: QAction) -> None:
        if action.data():
            self.edited.emit((*self._ids, str(action.data())))
