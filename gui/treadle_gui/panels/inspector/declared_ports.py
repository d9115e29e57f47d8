"""The ports that a node declares itself: for each its name, below it its type and how it stands in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from treadle.spec.declared_ports import PortDeclaration, default_form, forms_of
from treadle.spec.pipeline import Node
from treadle.spec.port_edits import Side, declared
from treadle.spec.types import DATA_TYPES, PortType
from treadle_gui.panels.inspector.choice_box import Choice, ChoiceBox
from treadle_gui.style.icons import themed_icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel, set_role

__all__ = ["DeclaredPorts", "PortRow"]

_SCALARS: Final = ("int", "float", "bool", "str", "datetime")
_LISTS: Final = ("list[Table]", "list[File]", "list[Image]", "list[Json]")
_TYPES: Final = tuple(Choice(name, name) for name in (*DATA_TYPES, *_SCALARS, *_LISTS))
_BOX, _BUTTON = 80, 22
_FREE_FORMS: Final = ("", "txt", "csv", "json", "pdf", "md", "zip")


class PortRow(QWidget):
    """One port. `renamed(new)`, `changed(PortDeclaration)`, `removed()`."""

    renamed = Signal(str)
    changed = Signal(object)
    removed = Signal()

    def __init__(self, side: Side, name: str, port: PortDeclaration, theme: Theme) -> None:
        super().__init__()
        self._port = port
        self._name = name
        self.name = QLineEdit(name)
        self.name.setAccessibleName(f"Name of {'input' if side is Side.INPUT else 'output'} {name}")
        self.name.setProperty("role", "code")
        self.name.editingFinished.connect(self._rename)
        self.type = _choice_box(_TYPES, f"{port.type}", f"Type of {name}")
        self.type.chosen.connect(self._retype)
        self.form = _choice_box(_forms(port), port.form, f"File format of {name}")
        self.form.chosen.connect(lambda form: self.changed.emit(replace(self._port, form=form)))
        self.remove = QToolButton()
        self.remove.setIcon(themed_icon("close", theme))
        self.remove.setAccessibleName(f"Remove {name}")
        self.remove.setToolTip(f"Remove {name} and its connections")
        self.remove.setAutoRaise(True)
        self.remove.setFixedSize(_BUTTON, _BUTTON)
        self.remove.clicked.connect(self.removed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, METRICS.gap_small)
        grid.setSpacing(METRICS.gap_small)
        grid.addWidget(self.name, 0, 0, 1, 2)
        grid.addWidget(self.remove, 0, 2)
        for column, box in enumerate((self.type, self.form)):
            box.setMinimumWidth(_BOX)
            grid.addWidget(box, 1, column)
            grid.setColumnStretch(column, 1)

    def _rename(self) -> None:
        wanted = self.name.text().strip()
        is_name = wanted.isidentifier() and wanted.isascii()
        set_role(self.name, "code" if is_name else "invalid")
        if is_name and wanted != self._name:
            self.renamed.emit(wanted)

    def _retype(self, name: str) -> None:
        type_ = PortType.parse(name)
        known = forms_of(type_)
        keeps = known is None or self._port.form in known
        self.changed.emit(replace(self._port, type=type_, form=self._port.form if keeps else ""))


def _choice_box(choices: tuple[Choice, ...], value: object, name: str) -> ChoiceBox:
    box = ChoiceBox(choices)
    box.setMinimumContentsLength(1)
    box.show_choice(value)
    box.setAccessibleName(name)
    return box


def _forms(port: PortDeclaration) -> tuple[Choice, ...]:
    """Ways to stand in a file; the first is the usual one."""
    usual = default_form(port.type.name)
    known = forms_of(port.type)
    others = [form for form in (_FREE_FORMS if known is None else known) if form not in ("", usual)]
    if port.form and port.form not in others:
        others.append(port.form)
    shown = usual or ("folder" if port.type.name == "Directory" else "as it is")
    return (Choice("", shown), *(Choice(form, form) for form in others))


class DeclaredPorts(QWidget):
    """A node's own inputs and outputs.

    `added(side)`, `renamed(side, old, new)`, `changed(side, name, PortDeclaration)`, `removed(side, name)`.
    """

    added = Signal(object)
    renamed = Signal(object, str, str)
    changed = Signal(object, str, object)
    removed = Signal(object, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._lists = {side: QVBoxLayout() for side in Side}
        self._shown: dict[Side, Mapping[str, PortDeclaration] | None] = dict.fromkeys(Side)
        self.rows: dict[Side, dict[str, PortRow]] = {side: {} for side in Side}
        self.add_buttons = {side: self._add_button(side) for side in Side}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        for side, title in ((Side.INPUT, "Declared inputs"), (Side.OUTPUT, "Declared outputs")):
            head = QHBoxLayout()
            head.addWidget(PlainLabel(title, "small"), 1)
            head.addWidget(self.add_buttons[side], 0, Qt.AlignmentFlag.AlignRight)
            column.addLayout(head)
            column.addLayout(self._lists[side])

    def _add_button(self, side: Side) -> QPushButton:
        button = QPushButton("Add")
        button.setProperty("role", "flat")
        button.setAccessibleName("Add an input" if side is Side.INPUT else "Add an output")
        button.clicked.connect(lambda: self.added.emit(side))
        return button

    def show_node(self, node: Node) -> None:
        """Rows are made anew only for a side that has other ports than are shown."""
        for side in Side:
            ports = declared(node, side)
            if ports != self._shown[side] or list(ports) != list(self.rows[side]):
                self._shown[side] = ports
                self._fill(side, ports)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._shown = dict.fromkeys(Side)

    def _fill(self, side: Side, ports: Mapping[str, PortDeclaration]) -> None:
        place = self._lists[side]
        while (item := place.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows[side] = {name: self._row(side, name, port) for name, port in ports.items()}
        for row in self.rows[side].values():
            place.addWidget(row)

    def _row(self, side: Side, name: str, port: PortDeclaration) -> PortRow:
        row = PortRow(side, name, port, self._theme)
        row.renamed.connect(lambda new: self.renamed.emit(side, name, new))
        row.changed.connect(lambda changed: self.changed.emit(side, name, changed))
        row.removed.connect(lambda: self.removed.emit(side, name))
        return row
