"""One parameter of the pipeline: a form for what is common, and its declaration as the file has it for all of it.

The form and the text show one value; whichever is typed into, the other follows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from treadle.spec.edits import remove_pipeline_param, set_param, set_pipeline_param
from treadle.spec.file_format.declarations import declaration_text, read_declaration
from treadle.spec.parameter_text import value_from_text
from treadle.spec.parameter_values import WrongValue
from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.problems import has_errors
from treadle.spec.types import ParameterKind, ParameterType, TextFormat
from treadle.spec.validate import validate
from treadle.spec.values import Reference, Value, renamed
from treadle_gui.dialogs.form_dialog import FormDialog
from treadle_gui.panels.fields.scalars import scalar_of, text_of
from treadle_gui.panels.fields.texts import PlainEditor
from treadle_gui.panels.inspector.quantity import labelled
from treadle_gui.style.apply import mono_font
from treadle_gui.style.sentences import sentences
from treadle_gui.style.widgets import PlainLabel

__all__ = ["PipelineParameterDialog", "change_parameter", "read_default"]

_NUMBERS: Final = (ParameterKind.INT, ParameterKind.FLOAT)
_ITEMS: Final = (
    ParameterKind.STR, ParameterKind.INT, ParameterKind.FLOAT, ParameterKind.BOOL, ParameterKind.PATH,
    ParameterKind.DATETIME, ParameterKind.DICT, ParameterKind.LIST,
)  # fmt: skip


def read_default(text: str, type_: ParameterType) -> tuple[Value, str]:
    """The default that `text` says, and what is wrong with it ("" for nothing)."""
    if not text.strip() or text.strip().startswith("$"):
        return text.strip() or None, ""
    try:
        return value_from_text(text, type_), ""
    except WrongValue as error:
        return None, error.fault.about("It")


def change_parameter(pipeline: Pipeline, old: str, new: PipelineParameter) -> Pipeline:
    """With `new` in the place of the parameter called `old`, or added where `old` is ""; references follow a rename."""
    if not old or old == new.name:
        return set_pipeline_param(pipeline, new)
    changed = set_pipeline_param(remove_pipeline_param(pipeline, old), new)
    before, after = Reference("params", old), Reference("params", new.name)
    for node in pipeline.nodes.values():
        for name, value in node.params.items():
            if (moved := renamed(value, before, after)) is not value:
                changed = set_param(changed, node.id, name, moved)
    return changed


class PipelineParameterDialog(FormDialog):
    """`parameter()` is what stands in the form; OK is open only while it is right."""

    def __init__(self, before: PipelineParameter | None, taken: Collection[str], parent: QWidget | None = None) -> None:
        title = f"Parameter {before.name}" if before is not None else "New pipeline parameter"
        words = "It is given at run time. A node takes it as $params.name."
        super().__init__(title, words, "OK", parent)
        self._taken = set(taken) - ({before.name} if before is not None else set())
        self._made = before or PipelineParameter("", ParameterType(ParameterKind.FLOAT))
        self._complaint = ""
        self._following = False
        self.name = QLineEdit(self._made.name)
        self.kind = _box([str(kind) for kind in ParameterKind], "Type")
        self.items = _box(["anything", *_ITEMS], "Items")
        self.format = _box(["any text", *TextFormat], "Format")
        self.default, self.choices, self.pattern = QLineEdit(), QLineEdit(), QLineEdit()
        self.choices.setPlaceholderText("first, second, third")
        self.minimum, self.maximum, self.help = QLineEdit(), QLineEdit(), QLineEdit()
        self.required = QCheckBox("It must be given for every run")
        self.optional = QCheckBox("It may be nothing (null)")
        self.text = PlainEditor(fewest=4)
        self.text.setFont(mono_font())
        self.text.setAccessibleName("Declaration in the pipeline file")
        self.complaint = PlainLabel("", "error")
        self.complaint.setWordWrap(True)
        self._rows: dict[str, QWidget] = {}
        self._lay_out()
        self._show_form()
        self._show_text()
        self._connect()
        self._look()
        self.resize(520, 620)
        (self.name if before is None else self.default).setFocus()

    def _lay_out(self) -> None:
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Name", self.name), ("Type", self.kind), ("Items", self.items), ("Choices", self.choices),
            ("At least", self.minimum), ("At most", self.maximum), ("Format", self.format), ("Pattern", self.pattern),
            ("Default", self.default), ("Description", self.help),
        )  # fmt: skip
        for label, editor in rows:
            holder = QWidget()
            holder.setLayout(labelled(label, editor))
            self._rows[label] = holder
            self.body.addWidget(holder)
        self.body.addWidget(self.required)
        self.body.addWidget(self.optional)
        words = "As the pipeline file has it, with everything there is: properties, items, multipleOf, minLength …"
        about = PlainLabel(words, "muted")
        about.setWordWrap(True)
        self.body.addWidget(about)
        self.body.addWidget(self.text)
        self.body.addStretch()
        self.body_foot.addWidget(self.complaint)

    def _connect(self) -> None:
        for line in (self.name, self.default, self.choices, self.pattern, self.minimum, self.maximum, self.help):
            line.textChanged.connect(self._form_changed)
        for box in (self.kind, self.items, self.format):
            box.currentIndexChanged.connect(self._form_changed)
        for check in (self.required, self.optional):
            check.toggled.connect(self._form_changed)
        self.text.textChanged.connect(self._text_changed)

    def parameter(self) -> PipelineParameter:
        """Of a form without a complaint."""
        return self._made

    # From the form

    def _form_changed(self) -> None:
        if self._following:
            return
        made = self._read_form()
        self._complaint = made if isinstance(made, str) else ""
        if isinstance(made, PipelineParameter):
            self._made = made
            self._show_text()
        self._look()

    def _read_form(self) -> PipelineParameter | str:
        low, high = _number(self.minimum.text()), _number(self.maximum.text())
        if isinstance(low, str) or isinstance(high, str):
            return "Bounds are numbers"
        type_ = self._read_type(low, high)
        default, wrong = read_default(self.default.text(), type_)
        if wrong:
            return f"{wrong} (the default)"
        made = replace(self._made, name=self.name.text().strip(), type=type_, default=default)
        return replace(made, required=self.required.isChecked(), help=self.help.text().strip())

    def _read_type(self, low: float | None, high: float | None) -> ParameterType:
        """What the form does not show stays, while the kind does."""
        kind = ParameterKind(self.kind.currentText())
        before = self._made.type if self._made.type.kind is kind else ParameterType(kind)
        if kind in _NUMBERS:
            before = replace(before, minimum=low, maximum=high)
        if kind is ParameterKind.LIST:
            before = replace(before, item=self._read_item(before.item))
        if kind in (ParameterKind.STR, ParameterKind.PATH):
            before = replace(before, pattern=self.pattern.text() or None)
        if kind is ParameterKind.STR:
            chosen = self.format.currentText()
            before = replace(before, format=TextFormat(chosen) if chosen in list(TextFormat) else None)
        parts = [part.strip() for part in self.choices.text().split(",") if part.strip()]
        if kind is ParameterKind.CHOICE and parts != list(map(str, before.choices)):
            before = replace(before, choices=tuple(parts))
        return replace(before, optional=self.optional.isChecked())

    def _read_item(self, before: ParameterType | None) -> ParameterType | None:
        chosen = self.items.currentText()
        if before is not None and chosen == before.kind:
            return before
        return ParameterType(ParameterKind(chosen)) if chosen in list(_ITEMS) else None

    # From the text

    def _text_changed(self) -> None:
        if self._following:
            return
        made, problems = read_declaration(self._made.name, self.text.toPlainText())
        self._complaint = "" if not problems else f"Line {problems[0].where.line}: {problems[0].message}"
        if not has_errors(problems):
            self._made = made
            self._show_form()
        self._look()

    # What is shown

    def _show_form(self) -> None:
        made, type_ = self._made, self._made.type
        self._following = True
        try:
            self.kind.setCurrentText(type_.kind)
            self.items.setCurrentText(type_.item.kind if type_.item is not None else "anything")
            self.format.setCurrentText(type_.format or "any text")
            self.pattern.setText(type_.pattern or "")
            self.choices.setText(", ".join(map(str, type_.choices)))
            self.minimum.setText("" if type_.minimum is None else f"{type_.minimum:g}")
            self.maximum.setText("" if type_.maximum is None else f"{type_.maximum:g}")
            self.default.setText(_default_text(made.default))
            self.required.setChecked(made.required)
            self.optional.setChecked(type_.optional)
            self.help.setText(made.help)
        finally:
            self._following = False

    def _show_text(self) -> None:
        self._following = True
        try:
            self.text.setPlainText(declaration_text(self._made))
        finally:
            self._following = False

    def _look(self) -> None:
        kind = ParameterKind(self.kind.currentText())
        for label, is_shown in (
            ("Items", kind is ParameterKind.LIST),
            ("Choices", kind is ParameterKind.CHOICE),
            ("At least", kind in _NUMBERS),
            ("At most", kind in _NUMBERS),
            ("Format", kind is ParameterKind.STR),
            ("Pattern", kind in (ParameterKind.STR, ParameterKind.PATH)),
        ):
            self._rows[label].setVisible(is_shown)
        self.default.setEnabled(not self.required.isChecked())
        wrong = self._complaint or self._wrong_name() or self._wrong_declaration()
        self.complaint.setText(wrong)
        self.complaint.setVisible(bool(wrong))
        self.ok.setEnabled(not wrong)

    def _wrong_name(self) -> str:
        name = self.name.text().strip()
        if not name.isidentifier() or not name.isascii():
            return "A name has letters, digits and _ only, and begins with no digit" if name else "A name is needed"
        return f"There is a parameter {name} already" if name in self._taken else ""

    def _wrong_declaration(self) -> str:
        if self._made.type.kind is ParameterKind.CHOICE and not self._made.type.choices:
            return "A choice needs its choices"
        found = validate(Pipeline(params={self._made.name: self._made}), {})
        return next((sentences(problem) for problem in found), "")


def _box(words: Collection[str], name: str) -> QComboBox:
    box = QComboBox()
    box.addItems([str(word) for word in words])
    box.setAccessibleName(name)
    return box


def _default_text(default: Value) -> str:
    return "" if default is None else default if isinstance(default, str) else text_of(default)


def _number(text: str) -> float | str | None:
    if not text.strip():
        return None
    number = scalar_of(text.strip())
    return text if isinstance(number, str | bool | list | dict) or number is None else number
