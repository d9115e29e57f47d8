"""The parameters of a pipeline, asked for before a run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QDialogButtonBox, QWidget

from treadle.spec.component import REQUIRED, Parameter
from treadle.spec.parameter_values import wrong_value
from treadle.spec.parameter_words import bounds_words, type_words
from treadle.spec.pipeline import PipelineParameter
from treadle.spec.values import Value
from treadle_gui.dialogs.form_dialog import FormDialog
from treadle_gui.panels.fields.row import FieldRow
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["RunParameters", "fitting", "missing"]


def missing(parameters: Mapping[str, PipelineParameter], given: Mapping[str, Value]) -> list[str]:
    """The required ones that have no value, their default included."""
    needed = (name for name, parameter in parameters.items() if parameter.required and parameter.default is None)
    return [name for name in needed if given.get(name) is None]


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
            default = REQUIRED if parameter.required and parameter.default is None else parameter.default
            row = FieldRow(Parameter(name, parameter.type, default, parameter.help), theme, root)
            row.edited.connect(partial(self._set, name))
            row.reset.connect(partial(self._reset, name))
            row.field.invalid.connect(partial(self._mark, name))
            row.allow_expressions(False)
            row.show_kind(", ".join(filter(None, (type_words(parameter.type), bounds_words(parameter.type)))))
            self.rows[name] = row
            self.body.addWidget(row)
            self._explain(parameter.help)
            self._show(name)
        self.body.addStretch()
        self.reason = PlainLabel("", "muted")
        self.reason.setWordWrap(True)
        self.body_foot.addWidget(self.reason)
        self.defaults = self.buttons.addButton("Back to the defaults", QDialogButtonBox.ButtonRole.ResetRole)
        self.defaults.clicked.connect(self._reset_all)
        self._enable()
        first = next(iter(missing(parameters, self.values)), next(iter(self.rows), None))
        if first is not None:
            self.rows[first].field.setFocus()

    def _explain(self, words: str) -> None:
        """What a parameter is for, below its field."""
        if words:
            label = PlainLabel(words, "small")
            label.setWordWrap(True)
            label.setContentsMargins(0, 0, 0, METRICS.gap)
            self.body.addWidget(label)

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

    def _reset_all(self) -> None:
        self.values.clear()
        self._wrong.clear()
        for name, row in self.rows.items():
            row.field.invalid.emit("")
            self._show(name)
        self._enable()

    def _mark(self, name: str, reason: str) -> None:
        (self._wrong.add if reason else self._wrong.discard)(name)
        self._enable()

    def _enable(self) -> None:
        lacking = missing(self._parameters, self.values)
        needed = f"Needed: {', '.join(lacking)}." if lacking else ""
        wrong = f"Not right yet: {', '.join(sorted(self._wrong))}." if self._wrong else ""
        self.reason.setText(f"{needed} {wrong}".strip())
        self.reason.setVisible(bool(needed or wrong))
        self.ok.setToolTip(self.reason.text())
        self.ok.setEnabled(not needed and not wrong)
        self.defaults.setEnabled(bool(self.values))
