"""What the form of a script, a shell command or a notebook has besides: its file to open, and its own ports."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from treadle.spec import port_edits
from treadle.spec.component import Component
from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.port_edits import Side
from treadle.spec.types import PortType
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.declared_ports import DeclaredPorts
from treadle_gui.style.tokens import METRICS, Theme

__all__ = ["ProgramForm"]

_NEW = {Side.INPUT: ("data", PortType("Table")), Side.OUTPUT: ("table", PortType("Table"))}


class ProgramForm(QWidget):
    """`file_requested(path)`: read the file here. `editor_requested(path)`: open it in the person's editor."""

    file_requested = Signal(str)
    editor_requested = Signal(str)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._node = ""
        self._path = ""
        self.show_button = QPushButton("Show the file")
        self.edit_button = QPushButton("Open in editor")
        self.show_button.clicked.connect(lambda: self.file_requested.emit(self._path))
        self.edit_button.clicked.connect(lambda: self.editor_requested.emit(self._path))
        self.ports = DeclaredPorts(theme)
        self.ports.added.connect(self._add)
        self.ports.renamed.connect(self._rename)
        self.ports.changed.connect(self._change)
        self.ports.removed.connect(self._remove)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.show_button)
        row.addWidget(self.edit_button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addWidget(self._buttons)
        column.addWidget(self.ports)

    def show_node(self, node: Node, component: Component | None) -> None:
        self.setVisible(component is not None and component.kind.declares_ports)
        self._node = node.id
        path = node.params.get("path")
        self._path = path if isinstance(path, str) and not path.startswith("$") else ""
        self._buttons.setVisible(component is not None and component.parameter("path") is not None)
        for button in (self.show_button, self.edit_button):
            button.setEnabled(bool(self._path))
        if component is not None and component.kind.declares_ports:
            self.ports.show_node(node)

    def set_theme(self, theme: Theme) -> None:
        self.ports.set_theme(theme)

    def _edit(self, label: str, change: Callable[[Pipeline], Pipeline]) -> None:
        self._document.edit(f"{label} of {self._node}", change)

    def _add(self, side: Side) -> None:
        node = self._node
        wanted, type_ = _NEW[side]
        name = port_edits.unused_port(self._document.pipeline.nodes[node], wanted)
        port = PortDeclaration(type_)
        self._edit(f"Add {name}", lambda p: port_edits.declare_port(p, node, side, name, port))

    def _rename(self, side: Side, old: str, new: str) -> None:
        node = self._node
        free = port_edits.unused_port(self._document.pipeline.nodes[node], new)
        self._edit(f"Rename {old}", lambda p: port_edits.rename_port(p, node, side, old, free))

    def _change(self, side: Side, name: str, port: PortDeclaration) -> None:
        node = self._node
        self._edit(f"Change {name}", lambda p: port_edits.declare_port(p, node, side, name, port))

    def _remove(self, side: Side, name: str) -> None:
        node = self._node
        self._edit(f"Remove {name}", lambda p: port_edits.remove_port(p, node, side, name))
