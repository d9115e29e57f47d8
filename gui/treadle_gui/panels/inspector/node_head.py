"""NodeHead: who a node is: icon, title, id, the component it uses, and what is wrong with it as a whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from treadle.spec.component import Component
from treadle.spec.edits import rename_node, set_title
from treadle.spec.node_component import called
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.problems import Problem, Severity
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.marked import marked
from treadle_gui.style.icons import pixmap
from treadle_gui.style.sentences import sentences
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel, set_role

__all__ = ["NodeHead", "id_refusal"]

_ID: Final = re.compile(r"[^\W\d][\w-]{0,99}")


def id_refusal(pipeline: Pipeline, old: str, new: str) -> str:
    """Why `old` can't be called `new`, for a person; "" where it can."""
    if new == old:
        return ""
    if not _ID.fullmatch(new):
        return "An id begins with a letter and has letters, digits, _ and - only"
    return f"Another node is called {new}" if new in pipeline.nodes else ""


class NodeHead(QWidget):
    """`source_requested(uses)`."""

    source_requested = Signal(str)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._theme = theme
        self._id = ""
        self._icon_name = "help-circle-outline"
        self._icon = QLabel()
        self.title = QLineEdit()
        self.title.setAccessibleName("Title")
        self.id_line = QLineEdit()
        self.id_line.setAccessibleName("Id")
        self.id_line.setProperty("role", "code")
        self.refusal = PlainLabel("", "error")
        self.refusal.setWordWrap(True)
        self.refusal.hide()
        self.uses = QPushButton()
        self.uses.setProperty("role", "link")
        self.uses.setToolTip("Show what it uses: the component's source, or what is inside")
        self.uses.setCursor(Qt.CursorShape.PointingHandCursor)
        self.summary = PlainLabel("", "muted")
        self.summary.setTextFormat(Qt.TextFormat.RichText)
        self.summary.setWordWrap(True)
        self.complaint = PlainLabel("", "error")
        self.complaint.setWordWrap(True)
        self.complaint.hide()
        self._lay_out()
        self.title.textEdited.connect(self._retitle)
        self.title.editingFinished.connect(document.seal)
        self.id_line.textEdited.connect(self._look_at_id)
        self.id_line.editingFinished.connect(self._rename)
        self.uses.clicked.connect(lambda: self.source_requested.emit(self._uses))
        self._uses = ""

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(METRICS.gap)
        first.addWidget(self._icon)
        first.addWidget(self.title, 1)
        second = QHBoxLayout()
        second.setSpacing(METRICS.gap)
        name = PlainLabel("id", "small")
        name.setFixedWidth(20)
        name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        second.addWidget(name)
        second.addWidget(self.id_line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(METRICS.gap_large, 12, METRICS.gap_large, 12)
        column.setSpacing(METRICS.gap_small + 2)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.refusal)
        row = QHBoxLayout()
        row.setContentsMargins(24, 0, 0, 0)
        row.addWidget(self.uses)
        row.addStretch()
        column.addLayout(row)
        column.addWidget(self.summary)
        column.addWidget(self.complaint)

    def show_node(self, node: Node, component: Component | None) -> None:
        self._id, self._uses = node.id, node.uses
        self._icon_name = component.icon if component is not None else "help-circle-outline"
        self.title.setPlaceholderText(called(replace(node, title=None), component))
        if self.title.text() != (node.title or ""):
            self.title.setText(node.title or "")
            self.title.setCursorPosition(0)
        if not self.id_line.hasFocus():
            self.id_line.setText(node.id)
        self.uses.setText(_uses(node).replace("&", "&&"))
        self.uses.setEnabled(component is not None)
        summary = component.summary if component is not None else "This component is not in the catalog."
        self.summary.setText(marked(summary))
        self.summary.setVisible(bool(summary))
        self.set_theme(self._theme)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        words = "\n".join(sentences(problem) for problem in problems)
        self.complaint.setText(words)
        self.complaint.setVisible(bool(words))
        worst = any(problem.severity is Severity.ERROR for problem in problems)
        set_role(self.complaint, "error" if worst else "warning")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._icon.setPixmap(pixmap(self._icon_name, theme.accent, 20, self.devicePixelRatioF()))

    def _retitle(self, text: str) -> None:
        node = self._id
        self._document.edit(f"Change title of {node}", lambda p: set_title(p, node, text or None), f"title:{node}")

    def _look_at_id(self, text: str) -> None:
        refusal = id_refusal(self._document.pipeline, self._id, text.strip())
        self.refusal.setText(refusal)
        self.refusal.setVisible(bool(refusal))
        set_role(self.id_line, "invalid" if refusal else "code")

    def _rename(self) -> None:
        old, new = self._id, self.id_line.text().strip()
        if new == old:
            return
        if id_refusal(self._document.pipeline, old, new):
            self.id_line.setText(old)
            self._look_at_id(old)
            return
        self._id = new
        self._document.edit(f"Rename {old} to {new}", lambda p: rename_node(p, old, new), select={new})


def _uses(node: Node) -> str:
    if node.pipeline is None:
        return node.uses
    count = len(node.pipeline.nodes)
    return f"group of {count} node{'s' * (count != 1)}"
