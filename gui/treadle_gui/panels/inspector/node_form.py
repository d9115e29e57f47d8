"""NodeForm: everything a person can set on one node.

The form is built for a component and then only updated: typing goes out as an edit of the document, comes back as a
changed value, and finds the field already showing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec.component import Component, Parameter, Required
from treadle.spec.edits import set_note, set_param, unset_param
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.document.document import Document
from treadle_gui.panels.fields.row import FieldRow
from treadle_gui.panels.fields.texts import LinesField
from treadle_gui.panels.inspector.documentation import Documentation
from treadle_gui.panels.inspector.node_head import NodeHead
from treadle_gui.panels.inspector.ports import Ports
from treadle_gui.panels.inspector.program import ProgramForm
from treadle_gui.panels.inspector.rendered import rendered_words
from treadle_gui.panels.inspector.running import RunningForm
from treadle_gui.panels.inspector.section import Section
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["NodeForm", "parameters_of"]

_KINDS: Final = (
    (bool, ParameterKind.BOOL),
    (int, ParameterKind.INT),
    (float, ParameterKind.FLOAT),
    (str, ParameterKind.STR),
)


def parameters_of(node: Node, component: Component | None) -> tuple[Parameter, ...]:
    """The component's parameters, then those that only the node knows, with a type guessed from their values."""
    known = component.parameters if component is not None else ()
    names = {parameter.name for parameter in known}
    unknown = [Parameter(name, _guess(value), default=None) for name, value in node.params.items() if name not in names]
    return (*known, *unknown)


def _guess(value: Value) -> ParameterType:
    if isinstance(value, list):
        return ParameterType(ParameterKind.LIST, optional=True)
    if isinstance(value, dict):
        return ParameterType(ParameterKind.DICT, optional=True)
    kinds = (kind for type_, kind in _KINDS if isinstance(value, type_))
    return ParameterType(next(kinds, ParameterKind.STR), optional=True)


def _beyond_summary(component: Component | None) -> str:
    """The docstring without its first line, which stands at the top of the form."""
    if component is None:
        return ""
    rest = component.doc.strip().removeprefix(component.summary).strip()
    return f"\n\n{rest}" if rest else ""  # the blank line keeps the indentation of what follows apart


def _without_own_ports(component: Component | None) -> Component | None:
    """What a form is made for: ports that the node declares come and go within it."""
    if component is None or not component.kind.declares_ports:
        return component
    return replace(component, inputs=(), outputs=())


class NodeForm(QWidget):
    """The form of one node. `node_requested(id)`: show another; `source_requested(uses)`: show the component's code;
    `file_requested(path)` and `editor_requested(path)`: show the program's file here, or where it is edited.
    """

    node_requested = Signal(str)
    source_requested = Signal(str)
    file_requested = Signal(str)
    editor_requested = Signal(str)

    def __init__(
        self,
        document: Document,
        node_id: str,
        theme: Theme,
        root: Path | None,
        folded: set[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._node_id = node_id
        self._theme = theme
        self._folded = folded
        node = document.pipeline.nodes[node_id]
        self._component = document.component(node_id)
        self.parameters = parameters_of(node, self._component)
        self.head = NodeHead(document, theme)
        self.head.source_requested.connect(self.source_requested)
        self.rows = {parameter.name: FieldRow(parameter, theme, root) for parameter in self.parameters}
        self.ports = Ports(theme)
        self.ports.node_requested.connect(self.node_requested)
        self.program = ProgramForm(document, theme)
        self.program.file_requested.connect(self.file_requested)
        self.program.editor_requested.connect(self.editor_requested)
        self.running = RunningForm(document)
        self.note = LinesField(ParameterType(ParameterKind.STR, optional=True, multiline=True))
        self.documentation = Documentation()
        self.sections: dict[str, Section] = {}
        self._lay_out()
        self._connect()
        self.refresh()
        self.show_problems(document.problems)

    @property
    def node_id(self) -> str:
        return self._node_id

    # Building

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        none = [PlainLabel("This component has nothing to set.", "muted")] if not self.rows else []
        self._section(column, "Parameters", [*self.rows.values(), *none])
        self._section(column, "Ports", [self.program, self.ports])
        self._section(column, "How it is run", [self.running], is_open=False)
        self._section(column, "Note", [self.note], is_open=False)
        rest = _beyond_summary(self._component)
        if rest:
            self.documentation.show_doc(rest)
            self._section(column, "Documentation", [self.documentation])
        column.addStretch()

    def _section(self, column: QVBoxLayout, title: str, widgets: Sequence[QWidget], *, is_open: bool = True) -> None:
        section = Section(title, self._theme, is_open=is_open is (title not in self._folded))
        section.head.toggled.connect(partial(self._remember_fold, title, is_open))
        for widget in widgets:
            section.body.addWidget(widget)
        self.sections[title] = section
        column.addWidget(section)

    def _remember_fold(self, title: str, default: bool, is_open: bool) -> None:
        """`folded` holds the titles that stand other than they do by default."""
        (self._folded.discard if is_open is default else self._folded.add)(title)

    def _connect(self) -> None:
        for name, row in self.rows.items():
            row.edited.connect(partial(self._set_param, name))
            row.reset.connect(partial(self._reset, name))
            row.left.connect(self._document.seal)
        self.note.edited.connect(self._set_note)
        self.note.left.connect(self._document.seal)

    # What it shows

    def still_fits(self) -> bool:
        """Whether this form is the right one for the node as it is now."""
        node = self._document.pipeline.nodes.get(self._node_id)
        if node is None or _without_own_ports(self._document.component(self._node_id)) != _without_own_ports(
            self._component
        ):
            return False
        return [parameter.name for parameter in parameters_of(node, self._component)] == list(self.rows)

    def take_over(self, node_id: str) -> bool:
        """Follows a rename: True where this form now shows `node_id`, which was the same node under its old id."""
        if self._node_id in self._document.pipeline.nodes or node_id not in self._document.pipeline.nodes:
            return False
        before, self._node_id = self._node_id, node_id
        if not self.still_fits():
            self._node_id = before
            return False
        self.refresh()
        return True

    def refresh(self) -> None:
        pipeline = self._document.pipeline
        node = pipeline.nodes[self._node_id]
        self._component = self._document.component(self._node_id)
        self.head.show_node(node, self._component)
        self.program.show_node(node, self._component)
        for parameter in self.parameters:
            self._show_parameter(self.rows[parameter.name], parameter, node, pipeline)
        self.ports.show_ports(pipeline, node, self._component)
        self.running.show_node(pipeline, node, self._component)
        self.note.show_value(node.note)

    def _show_parameter(self, row: FieldRow, parameter: Parameter, node: Node, pipeline: Pipeline) -> None:
        default: Value = None if isinstance(parameter.default, Required) else parameter.default
        is_set = parameter.name in node.params
        row.expression.set_parameters(list(pipeline.params))
        feeding = node.inputs.get(parameter.name, ())
        row.show_fed(", ".join(map(str, feeding)))
        if parameter.type.column_of is not None:
            row.set_columns(self._columns(node, parameter.type.column_of))
        value = node.params.get(parameter.name, default)
        row.show_value(value, is_set=is_set)
        row.show_rendered(rendered_words(value, pipeline, os.environ))

    def _columns(self, node: Node, port: str) -> tuple[str, ...]:
        found = [self._document.columns.get(source, ()) for source in node.inputs.get(port, ())]
        return tuple(dict.fromkeys(name for columns in found for name in columns))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        mine = [problem for problem in problems if problem.where.node == self._node_id]
        for name, row in self.rows.items():
            row.show_problems([problem for problem in mine if problem.where.parameter == name])
        node = self._document.pipeline.nodes.get(self._node_id)
        if node is not None:
            self.running.show_problems(node, mine)
        self.head.show_problems([problem for problem in mine if problem.where.parameter not in self.rows])

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.head.set_theme(theme)
        for row in self.rows.values():
            row.set_theme(theme)
        for section in self.sections.values():
            section.set_theme(theme)
        self.ports.set_theme(theme)
        self.program.set_theme(theme)
        self.refresh()

    # What a person does

    def _edit(self, what: str, change: Callable[[Pipeline], Pipeline], merge: str) -> None:
        self._document.edit(f"{what} of {self._node_id}", change, f"{merge}:{self._node_id}")

    def _set_param(self, name: str, value: Value) -> None:
        self._edit(f"Set {name}", lambda p: set_param(p, self._node_id, name, value), f"param:{name}")

    def _reset(self, name: str) -> None:
        self._document.edit(f"Reset {name} of {self._node_id}", lambda p: unset_param(p, self._node_id, name))

    def _set_note(self, note: Value) -> None:
        self._edit("Change note", lambda p: set_note(p, self._node_id, str(note) if note else None), "note")
