"""Which field edits which parameter type."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from treadle.spec.types import ParameterKind, ParameterType, TextFormat
from treadle_gui.panels.fields.choices import ChoiceField, ColumnField, SwitchField
from treadle_gui.panels.fields.field import Field
from treadle_gui.panels.fields.nested import NestedField
from treadle_gui.panels.fields.numbers import NumberField
from treadle_gui.panels.fields.places import MomentField, PathField
from treadle_gui.panels.fields.rows import can_be_rows
from treadle_gui.panels.fields.structured import JsonField
from treadle_gui.panels.fields.texts import CodeField, LineField, LinesField, SecretField
from treadle_gui.style.tokens import Theme

__all__ = ["make_field"]


def make_field(type_: ParameterType, theme: Theme, root: Path | None) -> Field:
    """An editor for values of `type_`; `root` is the project's folder, for paths."""
    kind = type_.kind
    match kind:
        case ParameterKind.BOOL:
            return SwitchField(theme)
        case ParameterKind.INT | ParameterKind.FLOAT:
            return ChoiceField(type_) if type_.choices else NumberField(type_)
        case ParameterKind.CHOICE:
            return ChoiceField(type_)
        case ParameterKind.STR:
            return _text_field(type_, theme)
        case ParameterKind.PATH:
            return PathField(type_, theme, root)
        case ParameterKind.DATETIME:
            return MomentField(type_, theme)
        case ParameterKind.SECRET:
            return SecretField()
        case ParameterKind.LIST | ParameterKind.DICT:
            if not can_be_rows(type_):
                return JsonField(type_)
            return NestedField(type_, lambda inner: make_field(inner, theme, root), theme)
        case _:
            assert_never(kind)


def _text_field(type_: ParameterType, theme: Theme) -> Field:
    if type_.choices:
        return ChoiceField(type_)
    if type_.column_of is not None:
        return ColumnField(type_)
    if type_.format is TextFormat.DATE:
        return MomentField(type_, theme)
    if type_.code is not None:
        return CodeField(type_, theme)
    return LinesField(type_) if type_.multiline else LineField(type_)
