"""Every shortcut, by what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from treadle_gui.style.widgets import PlainLabel
from treadle_gui.window.commands.command import Command

__all__ = ["Shortcuts"]

_CANVAS = (
    ("Add a component", "Tab"),
    ("Open a node's settings", "Return"),
    ("Delete", "Del"),
    ("Walk from node to node", "Ctrl+Right"),
    ("Nudge the selection", "Right"),
    ("Pan", "Space"),
    ("Show the whole pipeline", "F"),
    ("Clear the selection", "Esc"),
)


class Shortcuts(QDialog):
    """Made from the commands themselves, so it can't be out of date."""

    def __init__(self, commands: Iterable[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.tree = QTreeWidget()
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(2)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        groups: dict[str, list[tuple[str, str]]] = {"Canvas": list(_CANVAS)}
        for command in commands:
            if command.keys:
                groups.setdefault(command.category, []).append(
                    (command.title.removesuffix("…"), ", ".join(command.keys))
                )
        for title, rows in groups.items():
            head = QTreeWidgetItem(self.tree, [title])
            for words, keys in rows:
                QTreeWidgetItem(head, [words, _native(keys)])
            head.setExpanded(True)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(PlainLabel("Keyboard shortcuts", "heading"))
        column.addWidget(self.tree, 1)
        column.addWidget(close)
        self.resize(480, 600)


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
