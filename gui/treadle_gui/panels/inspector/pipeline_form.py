"""PipelineForm: what is set on the pipeline as a whole: name, description, parameters, defaults for every node."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from treadle.spec.edits import remove_pipeline_param, set_default_resources, set_defaults, set_help, set_name
from treadle.spec.parameter_words import bounds_words, type_words
from treadle.spec.pipeline import PipelineParameter, Policy, Resources
from treadle.spec.problems import Problem
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.document.document import Document
from treadle_gui.document.inside import name_words
from treadle_gui.panels.fields.scalars import text_of
from treadle_gui.panels.fields.texts import LinesField
from treadle_gui.panels.inspector.environment import EnvironmentForm
from treadle_gui.panels.inspector.own_ports import OwnPortsForm
from treadle_gui.panels.inspector.policy import PolicyForm
from treadle_gui.panels.inspector.resources import ResourcesForm
from treadle_gui.panels.inspector.section import Section
from treadle_gui.panels.inspector.whole_run import WholeRunForm
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["PipelineForm"]


class PipelineForm(QWidget):
    """`parameter_requested(name)`: edit that parameter, or make a new one for ""."""

    parameter_requested = Signal(str)

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the pipeline")
        self.name.textEdited.connect(self._rename)
        self.name.editingFinished.connect(document.seal)
        self.help = LinesField(ParameterType(ParameterKind.STR, multiline=True))
        self.help.editor.setPlaceholderText("What this pipeline is for")
        self.help.edited.connect(self._set_help)
        self.help.left.connect(document.seal)
        self.table = self._make_table()
        self.add = QPushButton("Add…")
        self.change = QPushButton("Edit…")
        self.remove = QPushButton("Remove")
        self.add.clicked.connect(lambda: self.parameter_requested.emit(""))
        self.change.clicked.connect(self._request_change)
        self.remove.clicked.connect(self._remove)
        self.ports = OwnPortsForm(document)
        self.whole_run = WholeRunForm(document)
        self.defaults = PolicyForm()
        self.resources = ResourcesForm()
        self.resources.edited.connect(self._set_resources)
        self.resources.left.connect(document.seal)
        self.environment = EnvironmentForm()
        for form in (self.defaults, self.environment):
            form.edited.connect(self._set_defaults)
            form.left.connect(document.seal)
        self._none = PlainLabel("Parameters are given at run time, and nodes refer to them as $params.name.", "muted")
        self._none.setWordWrap(True)
        self._shown: object = None
        self._lay_out(theme)
        self.refresh()

    def _make_table(self) -> QTreeWidget:
        table = QTreeWidget()
        table.setHeaderLabels(["Name", "Type", "Default"])
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.header().setStretchLastSection(True)
        table.setMinimumHeight(96)
        table.itemActivated.connect(self._request_change)
        table.itemSelectionChanged.connect(self._enable)
        return table

    def _lay_out(self, theme: Theme) -> None:
        head = QWidget()
        top = QVBoxLayout(head)
        top.setContentsMargins(METRICS.gap_large, 12, METRICS.gap_large, 12)
        top.setSpacing(METRICS.gap_small)
        for words, editor in (("Name", self.name), ("Description", self.help)):
            label = PlainLabel(words)
            label.setBuddy(editor)
            top.addWidget(label)
            top.addWidget(editor)
            top.addSpacing(METRICS.gap_small)
        buttons = QHBoxLayout()
        buttons.setSpacing(METRICS.gap_small)
        for button in (self.add, self.change, self.remove):
            buttons.addWidget(button)
        buttons.addStretch()
        parameters, defaults = Section("Pipeline parameters", theme), Section("Defaults for every node", theme)
        whole = Section("The whole run", theme)
        environment = Section("Environment of every node", theme, is_open=False)
        ports = Section("Ports as a node", theme, is_open=bool(self._document.pipeline.inputs))
        ports.body.addWidget(self.ports)
        whole.body.addWidget(self.whole_run)
        environment.body.addWidget(self.environment)
        parameters.body.addWidget(self._none)
        parameters.body.addWidget(self.table)
        parameters.body.addLayout(buttons)
        defaults.body.addWidget(self.defaults)
        resources = Section("Resources of every node", theme, is_open=False)
        resources.body.addWidget(self.resources)
        self._sections = (parameters, ports, whole, defaults, resources, environment)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (head, *self._sections):
            column.addWidget(part)
        column.addStretch()

    def refresh(self) -> None:
        pipeline = self._document.pipeline
        name, stand_in = name_words(self._document)
        self.name.setPlaceholderText(stand_in)
        if self.name.text() != name:
            self.name.setText(name)
        self.help.show_value(pipeline.help)
        self.ports.refresh()
        self.whole_run.refresh()
        self.resources.show_resources(pipeline.resources)
        self.defaults.show_policy(pipeline.defaults)
        self.environment.show_policy(pipeline.defaults, Policy())
        if pipeline.params is not self._shown:
            self._shown = pipeline.params
            self._fill(tuple(pipeline.params.values()))

    def set_theme(self, theme: Theme) -> None:
        for section in self._sections:
            section.set_theme(theme)

    def chosen(self) -> str:
        """The name of the selected parameter, or ""."""
        found = self.table.selectedItems()
        return str(found[0].data(0, Qt.ItemDataRole.UserRole)) if found else ""

    def _fill(self, parameters: tuple[PipelineParameter, ...]) -> None:
        chosen = self.chosen()
        self.table.clear()
        for parameter in parameters:
            default = (
                "needed" if parameter.required else "" if parameter.default is None else text_of(parameter.default)
            )
            item = QTreeWidgetItem([parameter.name, type_words(parameter.type), default])
            item.setToolTip(1, bounds_words(parameter.type))
            item.setToolTip(0, parameter.help)
            item.setData(0, Qt.ItemDataRole.UserRole, parameter.name)
            self.table.addTopLevelItem(item)
            item.setSelected(parameter.name == chosen)
        self.table.setVisible(bool(parameters))
        self._none.setVisible(not parameters)
        self.change.setVisible(bool(parameters))
        self.remove.setVisible(bool(parameters))
        self._enable()

    def _enable(self) -> None:
        for button in (self.change, self.remove):
            button.setEnabled(bool(self.chosen()))

    def _rename(self, name: str) -> None:
        self._document.edit("Rename the pipeline", lambda p: set_name(p, name), "pipeline:name")

    def _set_help(self, text: Value) -> None:
        words = str(text or "")
        self._document.edit("Describe the pipeline", lambda p: set_help(p, words), "pipeline:help")

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """What validation says of the defaults, under their fields."""
        own = [problem for problem in problems if problem.where.node is None]
        self.defaults.show_problems(own)
        self.resources.show_problems(own)

    def _set_resources(self, resources: Resources, field: str) -> None:
        self._document.edit(
            f"Set default {field}", lambda p: set_default_resources(p, resources), f"default_resources:{field}"
        )

    def _set_defaults(self, policy: Policy, field: str) -> None:
        label = f"Set default {field.replace('_', ' ')}"
        self._document.edit(label, lambda p: set_defaults(p, policy), f"defaults:{field}")

    def _request_change(self) -> None:
        if self.chosen():
            self.parameter_requested.emit(self.chosen())

    def _remove(self) -> None:
        name = self.chosen()
        if name:
            self._document.edit(f"Remove parameter {name}", lambda p: remove_pipeline_param(p, name))
