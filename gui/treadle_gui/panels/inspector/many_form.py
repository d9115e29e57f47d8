"""ManyForm: what several selected nodes have in common, and what can be done with them together."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.aligning import Alignment, aligned
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel, SectionHeader

__all__ = ["ManyForm"]

_WORDS = {
    Alignment.LEFT: "Align left",
    Alignment.TOP: "Align top",
    Alignment.CENTRE: "Align centres",
    Alignment.MIDDLE: "Align middles",
    Alignment.ACROSS: "Spread across",
    Alignment.DOWN: "Spread down",
}


class ManyForm(QWidget):
    """`copy_requested`, `delete_requested`: the window does these, as it does for the keys."""

    copy_requested = Signal()
    delete_requested = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.count = PlainLabel("", "heading")
        self.kinds = PlainLabel("", "muted")
        self.kinds.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(METRICS.gap_large, 12, METRICS.gap_large, 12)
        column.setSpacing(METRICS.gap)
        column.addWidget(self.count)
        column.addWidget(self.kinds)
        column.addWidget(SectionHeader("Arrange"))
        grid = QGridLayout()
        grid.setSpacing(METRICS.gap)
        self.buttons: dict[Alignment, QPushButton] = {}
        for place, (alignment, words) in enumerate(_WORDS.items()):
            button = QPushButton(words)
            button.clicked.connect(lambda _checked=False, how=alignment: self._align(how))
            grid.addWidget(button, place // 2, place % 2)
            self.buttons[alignment] = button
        column.addLayout(grid)
        column.addWidget(SectionHeader("Selection"))
        for words, signal in (("Copy", self.copy_requested), ("Delete", self.delete_requested)):
            button = QPushButton(words)
            button.clicked.connect(signal)
            column.addWidget(button)
        column.addStretch()
        self.refresh()

    def refresh(self) -> None:
        nodes = [self._document.pipeline.nodes[node_id] for node_id in sorted(self._document.selection)]
        self.count.setText(f"{len(nodes)} nodes")
        titles: Counter[str] = Counter()
        for node in nodes:
            component = self._document.component(node.id)
            titles[component.title if component is not None else node.uses] += 1
        self.kinds.setText("\n".join(f"{count} × {title}" for title, count in titles.most_common(12)))
        for alignment, button in self.buttons.items():
            button.setEnabled(len(nodes) > 2 or alignment not in (Alignment.ACROSS, Alignment.DOWN))

    def _align(self, alignment: Alignment) -> None:
        ids = self._document.selection
        self._document.edit(_WORDS[alignment], lambda p: aligned(p, ids, alignment))
