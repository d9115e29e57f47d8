"""The parameters of a pipeline, asked for before a run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from treadle.spec.component import REQUIRED, Parameter
from treadle.spec.parameter_values import wrong_value
from treadle.spec.pipeline import PipelineParameter
from treadle.spec.values import Value
from treadle_gui.dialogs.form_dialog import FormDialog
from treadle_gui.panels.fields.row import FieldRow
from treadle_gui.style.tokens import Theme

__all__ = ["RunParameters", "fitting", "missing"]


def missing(parameters: Mapping[str, PipelineParameter], given: Mapping[str, Value]) -> list[str]:
    """The required ones that have no value."""
    return [name for name, parameter in parameters.items() if parameter.required and given.get(name) is None]


def fitting(parameters: Mapping[str, PipelineParameter], remembered: Mapping[str, Value]) -> dict[str, Value]:
    """What was remembered, as far as the pipeline still has the parameter and still takes the value."""
    return {
        name: value
        for name, value in remembered.items()
        if name in parameters and wrong_value(value, parameters[name].type) is None
    }


class RunParameters(FormDialog):
    """`values` are those that differ from the defaults, or were given for a required parameter."""

    def __init__(
        self,
        parameters: Mapping[str, PipelineParameter],
        given: Mapping[str, Value],
        theme: Theme,
        root: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Run with parameters", "What you give here is remembered for this pipeline.", "Run", parent)
        self._parameters = parameters
        self.values: dict[str, Value] = fitting(parameters, given)
        self._wrong: set[str] = set()
        self.rows: dict[str, FieldRow] = {}
        for name, parameter in parameters.items():
            default = REQUIRED if parameter.required else parameter.default
            row = FieldRow(Parameter(name, parameter.type, default, parameter.help), theme, root)
            row.edited.connect(partial(self._set, name))
            row.reset.connect(partial(self._reset, name))
            row.field.invalid.connect(partial(self._mark, name))
            row.allow_expressions(False)
            self.rows[name] = row
            self.body.addWidget(row)
            self._show(name)
        self.body.addStretch()
        self._enable()

    def _show(self, name: str) -> None:
        parameter = self._parameters[name]
        value = self.values.get(name, parameter.default)
        self.rows[name].show_value(value, is_set=name in self.values)

    def _set(self, name: str, value: Value) -> None:
        self.values[name] = value
        self._show(name)
        self._enable()

    def _reset(self, name: str) -> None:
        self.values.pop(name, None)
        self._show(name)
        self._enable()

    def _mark(self, name: str, reason: str) -> None:
        (self._wrong.add if reason else self._wrong.discard)(name)
        self._enable()

    def _enable(self) -> None:
        self.ok.setEnabled(not self._wrong and not missing(self._parameters, self.values))
