"""Rows: a list as a row an item; what it has in common with a mapping. Each row has the editor that its type asks for.

What is not whole yet (a number not typed, a name twice, too few items) is told and not handed on; the rows stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from treadle.spec.parameter_values import wrong_value
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.panels.fields.entry import Entry, first_value
from treadle_gui.panels.fields.field import Field, same
from treadle_gui.panels.fields.scalars import ScalarField, is_scalar
from treadle_gui.style.tokens import Theme

__all__ = ["ListField", "Make", "Rows", "can_be_rows"]

Make: TypeAlias = Callable[[ParameterType], Field]
_NESTED = (ParameterKind.LIST, ParameterKind.DICT)


def can_be_rows(type_: ParameterType) -> bool:
    """Whether all that a value of this type holds are scalars, or may be."""
    inner = [type_.item, type_.rest, *(each.type for each in type_.properties)]
    return all(each is None or each.kind not in _NESTED for each in inner)


class Rows(Field):
    """What lists and mappings have in common: rows that come and go, and a button for one more."""

    def __init__(self, type_: ParameterType, theme: Theme, more: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._type = type_
        self._theme = theme
        self._value: Value = None
        self.rows: list[Entry] = []
        self.add = QPushButton(more)
        self.add.setProperty("role", "flat")
        self.add.clicked.connect(self._more)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        self.foot = QHBoxLayout()
        self.foot.addWidget(self.add)
        self.foot.addStretch()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        whole.addLayout(self._column)
        whole.addLayout(self.foot)
        self.watch(self.add, "flat")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for row in self.rows:
            row.set_theme(theme)

    def mark_invalid(self, wrong: bool) -> None:
        for row in self.rows:
            row.field.mark_invalid(wrong and bool(row.reason))

    def _insert(self, row: Entry) -> Entry:
        row.changed.connect(self._changed)
        row.gone.connect(partial(self._drop, row))
        row.field.left.connect(self.left)
        self.rows.append(row)
        self._column.addWidget(row)
        return row

    def _drop(self, row: Entry) -> None:
        self._forget(row)
        self._changed()
        self.left.emit()

    def _forget(self, row: Entry) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _more(self) -> None:
        raise NotImplementedError

    def _read(self) -> tuple[Value, str]:
        """What the rows say, and what is wrong with it."""
        raise NotImplementedError

    def _changed(self) -> None:
        value, reason = self._read()
        fault = None if reason else wrong_value(value, self._type)
        reason = reason or (fault.about("It") if fault is not None else "")
        self.invalid.emit(reason)
        if not reason and not same(value, self._value):
            self._value = value
            self.edited.emit(value)


class ListField(Rows):
    """A list of scalars, in order. A list of columns offers the known ones, and one that is typed after them."""

    def __init__(self, type_: ParameterType, make: Make, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(type_, theme, "Add an item", parent)
        self._make = make
        self._offers = QMenu(self)
        self._offers.triggered.connect(self._offered)
        self._offer = QPushButton("Add a column")
        self._offer.setProperty("role", "flat")
        self._offer.setMenu(self._offers)
        self._offer.hide()
        self.foot.insertWidget(1, self._offer)

    def fits(self, value: Value) -> bool:
        return value is None or (isinstance(value, list) and all(map(self._fits_item, value)))

    def _fits_item(self, value: Value) -> bool:
        return is_scalar(value) and (self._type.item is None or self._field().fits(value))

    def _field(self) -> Field:
        return ScalarField() if self._type.item is None else self._make(self._type.item)

    def show_value(self, value: Value) -> None:
        if same(value, self._value) and self._read() == (value, ""):
            return
        self._value = value
        items = value if isinstance(value, list) else []
        while len(self.rows) > len(items):
            self._forget(self.rows[-1])
        while len(self.rows) < len(items):
            self._insert(Entry(self._field(), self._theme, None))
        for row, item in zip(self.rows, items, strict=True):
            row.show_value(item)

    def set_columns(self, columns: Sequence[str]) -> None:
        self._offers.clear()
        for name in columns:
            self._offers.addAction(name.replace("&", "&&")).setData(name)
        self._offers.addSeparator()
        self._offers.addAction("Another…")
        self._offer.setVisible(bool(columns))
        self.add.setVisible(not columns)

    def _offered(self, action: QAction) -> None:
        if action.data() is None:
            self._more()
        else:
            self._append(str(action.data()))

    def _more(self) -> None:
        self._append(first_value(self._type.item))
        self.rows[-1].field.setFocus()

    def _append(self, value: Value) -> None:
        row = self._insert(Entry(self._field(), self._theme, None))
        row.show_value(value)
        row.reason = "A value is needed" if value is None else ""
        self._changed()

    def _read(self) -> tuple[Value, str]:
        reason = next((f"Item {number}: {row.reason}" for number, row in enumerate(self.rows, 1) if row.reason), "")
        return [row.value for row in self.rows], reason
