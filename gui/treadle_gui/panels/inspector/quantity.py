"""Lines for durations and sizes: `1h30m`, `2GiB`. Empty means inherited."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from treadle.spec.quantities import format_duration, format_size, parse_duration, parse_size
from treadle_gui.style.widgets import PlainLabel, set_role

__all__ = ["QuantityLine", "count", "duration", "factor", "fraction", "labelled", "positive", "share", "size", "whole"]

Parse = Callable[[str], float | int]
Write = Callable[[float | int], str]


class QuantityLine(QLineEdit):
    """`changed(number or None)` for each valid text; a wrong one is marked and says what is wanted."""

    changed = Signal(object)
    left = Signal()

    def __init__(self, parse: Parse, write: Write, inherited: str, wanted: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parse = parse
        self._write = write
        self._wanted = wanted
        self.setPlaceholderText(inherited)
        self.textEdited.connect(self._typed)
        self.editingFinished.connect(self.left)

    def show_quantity(self, number: float | int | None) -> None:
        if self._read(self.text())[1] and self._read(self.text())[0] == number:
            return
        self.setText("" if number is None else self._write(number))
        self._mark(True)

    def _typed(self, text: str) -> None:
        number, is_valid = self._read(text)
        self._mark(is_valid)
        if is_valid:
            self.changed.emit(number)

    def _read(self, text: str) -> tuple[float | int | None, bool]:
        if not text.strip():
            return None, True
        try:
            return self._parse(text.strip()), True
        except ValueError:
            return None, False

    def _mark(self, is_valid: bool) -> None:
        set_role(self, "" if is_valid else "invalid")
        self.setToolTip("" if is_valid else self._wanted)


def _duration(text: str) -> float:
    return parse_duration(float(text) if text.replace(".", "", 1).isdigit() else text)


def _size(text: str) -> int:
    return parse_size(int(text) if text.isdigit() else text)


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _share(text: str) -> float:
    number = float(text)
    if not 0 < number < 100_000:
        raise ValueError(text)
    return int(number) if number == int(number) else number


def _factor(text: str) -> float:
    number = float(text)
    if not 1 <= number < 1_000:
        raise ValueError(text)
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError(text)
    return number


def duration(inherited: str) -> QuantityLine:
    return QuantityLine(_duration, lambda number: str(format_duration(number)), inherited, "As 30s, 5m or 1h30m")


def size(inherited: str) -> QuantityLine:
    return QuantityLine(_size, lambda number: str(format_size(int(number))), inherited, "As 512MiB or 2GiB")


def count(inherited: str) -> QuantityLine:
    return QuantityLine(_count, str, inherited, "A whole number, 0 or more")


def positive(inherited: str) -> QuantityLine:
    return QuantityLine(_positive, str, inherited, "A whole number, 1 or more")


def whole(inherited: str) -> QuantityLine:
    return QuantityLine(int, str, inherited, "A whole number, as 5 or -1")


def share(inherited: str) -> QuantityLine:
    return QuantityLine(_share, lambda number: f"{number:g}", inherited, "A number above 0, as 0.5 or 2")


def factor(inherited: str) -> QuantityLine:
    return QuantityLine(_factor, lambda number: f"{number:g}", inherited, "A number from 1 on, as 2 or 1.5")


def fraction(inherited: str) -> QuantityLine:
    return QuantityLine(_fraction, lambda number: f"{number:g}", inherited, "A number from 0 to 1, as 0.1")


def labelled(text: str, editor: QWidget, tip: str = "") -> QHBoxLayout:
    """A row of a compact form: the words at the left, the editor in the right half."""
    label = PlainLabel(text)
    label.setToolTip(tip)
    label.setBuddy(editor)
    editor.setAccessibleName(text)
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(label, 1)
    row.addWidget(editor, 1)
    return row
