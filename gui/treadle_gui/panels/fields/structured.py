"""Lists and dictionaries as JSON, which is told to be wrong where it is wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from treadle.spec.parameter_text import value_from_text
from treadle.spec.parameter_values import WrongValue, wrong_value
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field, same
from treadle_gui.panels.fields.texts import PlainEditor
from treadle_gui.style.apply import mono_font

__all__ = ["JsonField", "parse_json"]


def parse_json(text: str, type_: ParameterType) -> tuple[Value, str]:
    """The value in `text`, and what is wrong with it ("" for nothing). Commas without brackets are a list of texts."""
    stripped = text.strip()
    if not stripped:
        return None, "" if type_.optional else f"A {type_.kind} is needed"
    try:
        value: Value = json.loads(stripped)
    except json.JSONDecodeError as error:
        if type_.kind is ParameterKind.LIST and stripped[0] not in '[{"':
            return _listed(stripped, type_)
        return None, f"Not JSON: {error.msg.casefold()} (line {error.lineno}, column {error.colno})"
    return value, _complaint(value, type_)


def _listed(text: str, type_: ParameterType) -> tuple[Value, str]:
    try:
        return value_from_text(text.rstrip(" ,"), type_), ""
    except WrongValue as error:
        return None, error.fault.about("It")


def _complaint(value: Value, type_: ParameterType) -> str:
    fault = wrong_value(value, type_)
    return "" if fault is None else fault.about("It")


def _written(value: Value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else json.dumps(value, ensure_ascii=False, indent=2)


class JsonField(Field):
    """A list or a dictionary. A list of columns offers the known ones."""

    def __init__(self, type_: ParameterType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._type = type_
        self._showing = False
        self.editor = PlainEditor(fewest=1)
        self.editor.setFont(mono_font())
        self.editor.setPlaceholderText(
            '["first", "second"]' if type_.kind is ParameterKind.LIST else '{"name": "value"}'
        )
        self.editor.textChanged.connect(self._typed)
        self._offers = QMenu(self)
        self._offers.triggered.connect(self._add_column)
        self._offer = QPushButton("Add a column")
        self._offer.setProperty("role", "flat")
        self._offer.setMenu(self._offers)
        self._offer.hide()
        row = QHBoxLayout()
        row.addWidget(self._offer)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.editor)
        column.addLayout(row)
        self.watch(self.editor, "code")

    def fits(self, value: Value) -> bool:
        return value is None or isinstance(value, list if self._type.kind is ParameterKind.LIST else dict)

    def show_value(self, value: Value) -> None:
        there, reason = parse_json(self.editor.toPlainText(), self._type)
        if not reason and same(there, value):
            return
        self._showing = True
        try:
            self.editor.setPlainText("" if value is None else _written(value))
        finally:
            self._showing = False

    def set_columns(self, columns: Sequence[str]) -> None:
        self._offers.clear()
        for name in columns:
            self._offers.addAction(name.replace("&", "&&")).setData(name)
        self._offer.setVisible(bool(columns))

    def _add_column(self, action: QAction) -> None:
        name = str(action.data())
        there, reason = parse_json(self.editor.toPlainText(), self._type)
        names = there if isinstance(there, list) and not reason else []
        if name not in names:
            self.editor.setPlainText(_written([*names, name]))

    def _typed(self) -> None:
        if self._showing:
            return
        value, reason = parse_json(self.editor.toPlainText(), self._type)
        self.invalid.emit(reason)
        if not reason:
            self.edited.emit(value)
