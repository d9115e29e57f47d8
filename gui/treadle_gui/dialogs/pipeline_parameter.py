"""One parameter of the pipeline: its name, type, default and bounds."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from treadle.spec.edits import remove_pipeline_param, set_param, set_pipeline_param
from treadle.spec.parameter_values import wrong_value
from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.dialogs.form_dialog import FormDialog
from treadle_gui.panels.inspector.quantity import labelled
from treadle_gui.style.widgets import PlainLabel

__all__ = ["PipelineParameterDialog", "change_parameter", "read_default"]

_TEXTS: Final = (
    ParameterKind.STR,
    ParameterKind.PATH,
    ParameterKind.DATETIME,
    ParameterKind.SECRET,
    ParameterKind.CHOICE,
)


def read_default(text: str, type_: ParameterType) -> tuple[Value, str]:
    """The default that `text` says, and what is wrong with it ("" for nothing)."""
    stripped = text.strip()
    if not stripped:
        return None, ""
    if type_.kind in _TEXTS:
        value: Value = text
    else:
        try:
            value = json.loads(stripped)
        except ValueError:
            return None, f"This is no {type_.kind}"
    wrong = wrong_value(value, type_)
    return value, wrong.about("It") if wrong else ""


def change_parameter(pipeline: Pipeline, old: str, new: PipelineParameter) -> Pipeline:
    """With `new` in the place of the parameter called `old`, or added where `old` is ""; references follow a rename."""
    if not old or old == new.name:
        return set_pipeline_param(pipeline, new)
    renamed = set_pipeline_param(remove_pipeline_param(pipeline, old), new)
    before, after = f"$params.{old}", f"$params.{new.name}"
    for node in pipeline.nodes.values():
        for name, value in node.params.items():
            if value == before:
                renamed = set_param(renamed, node.id, name, after)
    return renamed


class PipelineParameterDialog(FormDialog):
    """`parameter()` is what stands in the form; OK is open only while it is right."""

    def __init__(self, before: PipelineParameter | None, taken: Collection[str], parent: QWidget | None = None) -> None:
        title = f"Parameter {before.name}" if before is not None else "New pipeline parameter"
        words = "It is given at run time. A node takes it as $params.name."
        super().__init__(title, words, "OK", parent)
        self._before = before
        self._taken = set(taken) - ({before.name} if before is not None else set())
        self.name = QLineEdit(before.name if before is not None else "")
        self.kind = QComboBox()
        self.kind.addItems([str(kind) for kind in ParameterKind])
        self.default = QLineEdit()
        self.choices = QLineEdit()
        self.choices.setPlaceholderText("first, second, third")
        self.minimum, self.maximum = QLineEdit(), QLineEdit()
        self.required = QCheckBox("It must be given for every run")
        self.help = QLineEdit()
        self.complaint = PlainLabel("", "error")
        self.complaint.setWordWrap(True)
        self._fill()
        rows = (("Name", self.name), ("Type", self.kind), ("Choices", self.choices), ("Default", self.default))
        for label, editor in (*rows, ("At least", self.minimum), ("At most", self.maximum), ("Description", self.help)):
            self.body.addLayout(labelled(label, editor))
        self.body.addWidget(self.required)
        self.body.addWidget(self.complaint)
        self.body.addStretch()
        for line in (self.name, self.default, self.choices, self.minimum, self.maximum):
            line.textChanged.connect(self._look)
        self.kind.currentIndexChanged.connect(self._look)
        self.required.toggled.connect(self._look)
        self._look()

    def _fill(self) -> None:
        before = self._before
        self.kind.setCurrentText(str(before.type.kind if before is not None else ParameterKind.FLOAT))
        if before is None:
            return
        is_text = before.type.kind in _TEXTS
        self.default.setText(
            "" if before.default is None else str(before.default) if is_text else json.dumps(before.default)
        )
        self.choices.setText(", ".join(map(str, before.type.choices)))
        self.minimum.setText("" if before.type.minimum is None else f"{before.type.minimum:g}")
        self.maximum.setText("" if before.type.maximum is None else f"{before.type.maximum:g}")
        self.required.setChecked(before.required)
        self.help.setText(before.help)

    def parameter(self) -> PipelineParameter:
        """Of a form without a complaint."""
        made = self._read()
        assert isinstance(made, PipelineParameter)
        return made

    def _read(self) -> PipelineParameter | str:
        name = self.name.text().strip()
        if not name.isidentifier() or not name.isascii():
            return "A name has letters, digits and _ only, and begins with no digit" if name else "A name is needed"
        if name in self._taken:
            return f"There is a parameter {name} already"
        kind = ParameterKind(self.kind.currentText())
        low, high = _number(self.minimum.text()), _number(self.maximum.text())
        if isinstance(low, str) or isinstance(high, str):
            return "Bounds are numbers"
        choices = tuple(part.strip() for part in self.choices.text().split(",") if part.strip())
        if kind is ParameterKind.CHOICE and not choices:
            return "A choice needs its choices"
        type_ = ParameterType(kind, minimum=low, maximum=high, choices=choices if kind is ParameterKind.CHOICE else ())
        default, wrong = read_default(self.default.text(), type_)
        if wrong:
            return f"{wrong} (the default)"
        return PipelineParameter(name, type_, default, self.required.isChecked(), self.help.text().strip())

    def _look(self) -> None:
        made = self._read()
        bounded = self.kind.currentText() in (ParameterKind.INT, ParameterKind.FLOAT)
        self.minimum.setEnabled(bounded)
        self.maximum.setEnabled(bounded)
        self.choices.setEnabled(self.kind.currentText() == ParameterKind.CHOICE)
        self.default.setEnabled(not self.required.isChecked())
        self.complaint.setText(made if isinstance(made, str) else "")
        self.ok.setEnabled(not isinstance(made, str))


def _number(text: str) -> float | str | None:
    if not text.strip():
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number == int(number) else number
