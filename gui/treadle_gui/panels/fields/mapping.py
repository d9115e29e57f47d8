"""A mapping as a row a name: the type's properties with an editor each, then whatever other names there are."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLineEdit, QWidget

from treadle.spec.types import ParameterType, Property
from treadle.spec.values import Value
from treadle_gui.panels.fields.entry import Entry, first_value
from treadle_gui.panels.fields.field import Field, same
from treadle_gui.panels.fields.rows import Make, Rows
from treadle_gui.panels.fields.scalars import ScalarField, is_scalar
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["MappingField"]


class MappingField(Rows):
    """Names and scalars: the type's properties first, each with its own editor, then whatever other names there are."""

    def __init__(self, type_: ParameterType, make: Make, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(type_, theme, "Add a name", parent)
        self._make = make
        self.add.setVisible(not type_.closed)
        self._known: dict[str, Entry] = {}
        for each in type_.properties:
            label = PlainLabel(f"{each.name} *" if each.required else each.name, "muted")
            label.setToolTip(each.help)
            # One that may be left out is left out where nothing is typed.
            kind = each.type if each.required else replace(each.type, optional=True)
            row = self._insert(Entry(make(kind), theme, label, removable=False))
            row.field.setAccessibleName(each.name)
            row.show_value(each.default)
            self._known[each.name] = row

    def fits(self, value: Value) -> bool:
        return value is None or (isinstance(value, dict) and all(self._fits_entry(*entry) for entry in value.items()))

    def _fits_entry(self, name: str, value: Value) -> bool:
        if name in self._known:
            return self._known[name].field.fits(value)
        return is_scalar(value) and (self._type.rest is None or self._other().fits(value))

    def _other(self) -> Field:
        return ScalarField() if self._type.rest is None else self._make(self._type.rest)

    def show_value(self, value: Value) -> None:
        if same(value, self._value) and self._read() == (value or {}, ""):
            return
        self._value = value
        entries = value if isinstance(value, dict) else {}
        for each in self._type.properties:
            self._known[each.name].show_value(entries.get(each.name, each.default))
        others = {name: item for name, item in entries.items() if name not in self._known}
        for row in [row for row in self.rows if row not in self._known.values()][len(others) :]:
            self._forget(row)
        free = [row for row in self.rows if row not in self._known.values()]
        for place, (name, item) in enumerate(others.items()):
            row = free[place] if place < len(free) else self._insert_other()
            assert isinstance(row.name, QLineEdit)
            row.name.setText(name)
            row.show_value(item)

    def _insert_other(self) -> Entry:
        return self._insert(Entry(self._other(), self._theme, QLineEdit()))

    def _more(self) -> None:
        row = self._insert_other()
        first = first_value(self._type.rest)
        row.show_value(first)
        row.reason = "A value is needed" if first is None else ""
        assert row.name is not None
        row.name.setFocus()
        self._changed()

    def _read(self) -> tuple[Value, str]:
        said: dict[str, Value] = {}
        for row in self.rows:
            known = next((each for each in self._type.properties if self._known[each.name] is row), None)
            name = known.name if known is not None else row.called().strip()
            if not name or name in said:
                return said, f"{name} is there twice" if name else "A name is needed"
            if row.reason:
                return said, f"{name}: {row.reason}"
            if known is None or not _is_left_out(known, row.value, self._value):
                said[name] = row.value
        return said, ""


def _is_left_out(each: Property, value: Value, before: Value) -> bool:
    """A property with nothing, or with its default where it was not written before."""
    if value is None:
        return not (each.type.optional and each.required)
    was_written = isinstance(before, dict) and each.name in before
    return not was_written and not each.required and same(value, each.default)
