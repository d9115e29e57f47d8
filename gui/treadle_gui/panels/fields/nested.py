"""A list or a mapping: rows where it holds scalars only, JSON where it is deeper or where a person prefers it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field
from treadle_gui.panels.fields.mapping import MappingField
from treadle_gui.panels.fields.rows import ListField, Make
from treadle_gui.panels.fields.structured import JsonField
from treadle_gui.style.tokens import Theme

__all__ = ["NestedField"]


class NestedField(Field):
    """Two editors of one value, of which one is shown."""

    def __init__(self, type_: ParameterType, make: Make, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        is_list = type_.kind is ParameterKind.LIST
        self.rows: ListField | MappingField = (ListField if is_list else MappingField)(type_, make, theme)
        self.json = JsonField(type_)
        self.json.hide()
        self._value: Value = None
        self.switch = QPushButton("As JSON")
        self.switch.setProperty("role", "flat")
        self.switch.setCheckable(True)
        self.switch.setToolTip("Edit the whole value as JSON")
        self.switch.clicked.connect(self._turn)
        self._foot = QHBoxLayout()
        self._foot.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.rows)
        column.addWidget(self.json)
        column.addLayout(self._foot)
        for field in (self.rows, self.json):
            field.edited.connect(self._take)
            field.invalid.connect(self.invalid)
            field.left.connect(self.left)
        self.setFocusProxy(self.rows)

    def fits(self, value: Value) -> bool:
        return self.json.fits(value)

    def show_value(self, value: Value) -> None:
        self._value = value
        if not self.rows.fits(value):
            self.switch.setChecked(True)
            self.switch.setEnabled(False)
        else:
            self.switch.setEnabled(True)
        self._show()

    def set_columns(self, columns: Sequence[str]) -> None:
        self.rows.set_columns(columns)
        self.json.set_columns(columns)

    def set_theme(self, theme: Theme) -> None:
        self.rows.set_theme(theme)

    def mark_invalid(self, wrong: bool) -> None:
        (self.json if self.switch.isChecked() else self.rows).mark_invalid(wrong)

    def _turn(self) -> None:
        self.invalid.emit("")  # what was begun in the other editor is gone
        self._show()
        (self.json if self.switch.isChecked() else self.rows).setFocus()

    def _show(self) -> None:
        shown, other = (self.json, self.rows) if self.switch.isChecked() else (self.rows, self.json)
        other.hide()
        shown.show()
        shown.show_value(self._value)
        (self._foot if shown is self.json else self.rows.foot).addWidget(self.switch)
        self.setFocusProxy(shown)

    def _take(self, value: Value) -> None:
        self._value = value
        self.switch.setEnabled(self.rows.fits(value))
        self.edited.emit(value)
