"""A scalar of which nothing is said: a number or true where it reads so, else text."""

from __future__ import annotations

import json

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field, same

__all__ = ["ScalarField", "is_scalar", "scalar_of", "text_of"]


def is_scalar(value: Value) -> bool:
    return not isinstance(value, list | dict)


def scalar_of(text: str) -> Value:
    """`1` is a number, `"1"` and `one` are texts."""
    try:
        value: Value = json.loads(text)
    except ValueError:
        return text
    return value if is_scalar(value) else text


def text_of(value: Value) -> str:
    """What is to be typed for `value`."""
    if isinstance(value, str) and same(scalar_of(value), value):
        return value
    return json.dumps(value, ensure_ascii=False)


class ScalarField(Field):
    """One line for a text, a number, true, false or null."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.textEdited.connect(lambda text: self.edited.emit(scalar_of(text)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line)
        self.watch(self.line)

    def fits(self, value: Value) -> bool:
        return is_scalar(value)

    def show_value(self, value: Value) -> None:
        if not same(scalar_of(self.line.text()), value):
            self.line.setText(text_of(value))
