"""Numbers: a spin box for whole numbers of any size and for floats as they are written (`1e-05` stays that).

Qt's own spin boxes stop at 2³¹ and round to fixed decimals, and a setting that was not touched must not change.
"""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QHBoxLayout, QWidget

from treadle.spec.parameter_values import wrong_value
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field, same

__all__ = ["NumberField"]

_LETTERS: Final = frozenset("0123456789+-.eE_ infINFaA")


class _Spin(QAbstractSpinBox):
    """Stepping is the field's business: it knows kind and bounds."""

    def __init__(self, field: NumberField) -> None:
        super().__init__(field)
        self._field = field
        self.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToPreviousValue)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        allowed = all(letter in _LETTERS for letter in text)
        return (QValidator.State.Acceptable if allowed else QValidator.State.Invalid, text, position)

    def stepBy(self, steps: int) -> None:
        self._field.step(steps)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        up, down = QAbstractSpinBox.StepEnabledFlag.StepUpEnabled, QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return up | down


class NumberField(Field):
    """An int or a float between its type's bounds. Empty means None where the type is optional."""

    def __init__(self, type_: ParameterType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._type = type_
        self._value: Value = None
        self.spin = _Spin(self)
        self.line = self.spin.lineEdit()
        self.line.setTextMargins(7, 0, 0, 0)
        if type_.optional:
            self.line.setPlaceholderText("none")
        self.line.textEdited.connect(self._typed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.spin)
        self.watch(self.spin)

    def fits(self, value: Value) -> bool:
        if value is None:
            return True
        if self._type.kind is ParameterKind.INT:
            return type(value) is int
        return isinstance(value, int | float) and not isinstance(value, bool)

    def show_value(self, value: Value) -> None:
        if same(value, self._value) and (self._read(self.line.text())[0] == value or value is None):
            return
        self._value = value
        self.line.setText("" if value is None else _written(value))

    def step(self, steps: int) -> None:
        """One arrow, wheel notch or key: 1 for whole numbers, a round step in the bounds for others."""
        value, _ = self._read(self.line.text())
        start = value if isinstance(value, int | float) else (self._type.minimum or 0)
        moved = start + steps * self._step(start)
        if self._type.minimum is not None:
            moved = max(moved, self._type.minimum)
        if self._type.maximum is not None:
            moved = min(moved, self._type.maximum)
        moved = int(moved) if self._type.kind is ParameterKind.INT else float(f"{moved:.12g}")
        self.line.setText(_written(moved))
        self._typed(self.line.text())

    def _step(self, value: float) -> float:
        if self._type.multiple_of:
            return self._type.multiple_of
        if self._type.kind is ParameterKind.INT:
            return 1
        low, high = self._type.minimum, self._type.maximum
        if low is not None and high is not None and high > low:
            return 10 ** math.floor(math.log10((high - low) / 10))
        return 10 ** math.floor(math.log10(abs(value)) - 1) if value else 0.1

    def _typed(self, text: str) -> None:
        value, reason = self._read(text)
        self.invalid.emit(reason)
        if not reason:
            self._value = value
            self.edited.emit(value)

    def _read(self, text: str) -> tuple[Value, str]:
        stripped = text.strip()
        if not stripped:
            return None, "" if self._type.optional else "A number is needed"
        whole = self._type.kind is ParameterKind.INT
        try:
            value: int | float = int(stripped) if whole else _float(stripped)
        except ValueError:
            return None, "A whole number is needed" if whole else "A number is needed"
        if self._type.minimum is not None and value < self._type.minimum:
            return value, f"At least {self._type.minimum:g}"
        if self._type.maximum is not None and value > self._type.maximum:
            return value, f"At most {self._type.maximum:g}"
        fault = wrong_value(value, self._type)
        return value, fault.about("It") if fault is not None else ""


def _float(text: str) -> int | float:
    """`2` stays a whole number: a file that says so is not rewritten to `2.0`."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return int(text) if text.lstrip("+-").isdigit() else value


def _written(value: Value) -> str:
    return repr(value) if isinstance(value, int | float) else str(value)
