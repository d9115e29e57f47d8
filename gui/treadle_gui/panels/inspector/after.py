"""What a node waits for by order alone (`after:`), as a list of ids with a menu to add one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from treadle.spec.graph import descendants
from treadle.spec.pipeline import Node, Pipeline
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import ElidedLabel, PlainLabel

__all__ = ["After", "may_wait_for"]


def may_wait_for(pipeline: Pipeline, node: str) -> list[str]:
    """The nodes that `node` does not wait for yet and that do not, over any number of others, wait for it."""
    later = descendants(pipeline, node) | {node} | set(pipeline.nodes[node].after)
    return [other for other in pipeline.nodes if other not in later]


class After(QWidget):
    """`edited(ids)`: the whole list, as a person now wants it."""

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: tuple[str, ...] = ()
        self._pipeline = Pipeline()
        self._node = ""
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._menu.triggered.connect(self._add)
        self.add_button = QPushButton("Wait for…")
        self.add_button.setProperty("role", "flat")
        self.add_button.setMenu(self._menu)
        head = QHBoxLayout()
        label = PlainLabel("After")
        label.setToolTip("Nodes that must have ended first, though no data comes from them")
        head.addWidget(label, 1)
        head.addWidget(self.add_button)
        self._list = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        column.addLayout(head)
        column.addLayout(self._list)

    def show_node(self, pipeline: Pipeline, node: Node) -> None:
        self._pipeline, self._node = pipeline, node.id
        if node.after == self._ids:
            return
        self._ids = node.after
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for waited in node.after:
            self._list.addWidget(self._row(waited))

    def _row(self, waited: str) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(METRICS.gap, 0, 0, 0)
        line.addWidget(ElidedLabel(waited, "mono"), 1)
        remove = QPushButton("Remove")
        remove.setProperty("role", "flat")
        remove.setAccessibleName(f"Do not wait for {waited}")
        remove.clicked.connect(lambda: self.edited.emit(tuple(other for other in self._ids if other != waited)))
        line.addWidget(remove)
        return row

    def _fill_menu(self) -> None:
        self._menu.clear()
        for node_id in may_wait_for(self._pipeline, self._node):
            self._menu.addAction(node_id).setData(node_id)
        if self._menu.isEmpty():
            self._menu.addAction("No other node can come first").setEnabled(False)

    def _add(self, action: QAction) -> None:
        if action.data():
            self.edited.emit((*self._ids, str(action.data())))
