"""Every shortcut, by what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from treadle_gui.style.widgets import PlainLabel

__all__ = ["Named", "Shortcuts"]

_CANVAS = (
    ("Add a component", "Tab"),
    ("Open a node: its settings, what is inside, a failed one's log", "Return"),
    ("Delete", "Del"),
    ("Walk from node to node", "Ctrl and arrows"),
    ("Select another node as well", "Ctrl+Shift and arrows"),
    ("Move the selection by 8, by 1", "arrows, Shift and arrows"),
    ("Pan", "Space and drag"),
    ("Show the whole pipeline", "F"),
    ("Show the selection", "Shift+F"),
    ("The menu of a node", "Menu, Shift+F10"),
    ("Clear the selection, leave a group", "Esc"),
    ("To the component list", "Shift+Tab"),
)
"""As a person reads them: not all are shortcuts of Qt's."""


class Named(Protocol):
    """What is wanted of a command."""

    @property
    def title(self) -> str: ...

    @property
    def category(self) -> str: ...

    @property
    def keys(self) -> tuple[str, ...]: ...


class Shortcuts(QDialog):
    """Made from the commands themselves, so it can't be out of date."""

    def __init__(self, commands: Iterable[Named], parent: QWidget | None = None) -> None:
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
                words = command.title.removesuffix("…")
                groups.setdefault(command.category, []).append((words, _native(", ".join(command.keys))))
        for title, rows in groups.items():
            head = QTreeWidgetItem(self.tree, [title])
            for words, keys in rows:
                QTreeWidgetItem(head, [words, keys])
            head.setExpanded(True)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(PlainLabel("Keyboard shortcuts", "heading"))
        column.addWidget(self.tree, 1)
        column.addWidget(close)
        self.resize(560, 620)


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
