"""A parameter's type as plain data for a file: Treadle's words, but JSON Schema's where they stand there already."""

from __future__ import annotations

from typing import Final

from treadle.spec.file_format.dumping import Document
from treadle.spec.file_format.parameter_types import KIND_FORMATS
from treadle.spec.file_format.tree import MappingTree, ScalarTree, SequenceTree, Tree
from treadle.spec.types import ParameterKind, ParameterType, Property
from treadle.spec.values import Value

__all__ = ["called", "type_document"]

_SIZES: Final = {ParameterKind.LIST: "Items", ParameterKind.DICT: "Properties"}


def called(like: Tree | None, ours: str, theirs: str) -> str:
    """The word for `ours` in a declaration that reads `like`."""
    return theirs if _part(like, theirs) is not None else ours


def type_document(type_: ParameterType, like: Tree | None = None) -> Document:
    """What says `type_`, in the words of `like`, the tree that said it before; the inverse of `read_type`."""
    unit = _SIZES.get(type_.kind, "Length")
    bounds = _short_item(type_, like) or type_
    said: Document = {
        **_kind(type_, like),
        "minimum": bounds.minimum,
        "maximum": bounds.maximum,
        "exclusiveMinimum": type_.above,
        "exclusiveMaximum": type_.below,
        "multipleOf": type_.multiple_of,
        called(like, "choices", "enum"): _choices(type_, bounds, like),
        "pattern": type_.pattern,
        f"min{unit}": type_.fewest,
        f"max{unit}": type_.most,
        "uniqueItems": type_.unique or None,
        "items": _items(type_, like),
        "properties": _properties(type_, like),
        "required": _required(type_, like),
        "additionalProperties": _rest(type_, like),
        "column_of": type_.column_of,
        "multiline": type_.multiline or None,
        "code": type_.code,
    }
    return {key: value for key, value in said.items() if value is not None}


def _part(like: Tree | None, key: str) -> Tree | None:
    return like.entries[key].value if isinstance(like, MappingTree) and key in like.entries else None


def _short_item(type_: ParameterType, like: Tree | None) -> ParameterType | None:
    """The items' type, where `list[int]` and bounds beside it say all of it."""
    item = type_.item
    if type_.kind is not ParameterKind.LIST or item is None or _part(like, "items") is not None:
        return None
    plain = ParameterType(item.kind, minimum=item.minimum, maximum=item.maximum, choices=item.choices)
    return item if item == plain else None


def _kind(type_: ParameterType, like: Tree | None) -> Document:
    """`type`, `format` and `optional`."""
    item = _short_item(type_, like)
    word: str = type_.kind
    if item is not None:
        word = "list" if item.kind is ParameterKind.CHOICE and item.choices else f"list[{item.kind}]"
    written, form = _part(like, "format"), type_.format
    said: Document = {"type": word, "format": form}
    if isinstance(written, ScalarTree) and KIND_FORMATS.get(written.text) is type_.kind:
        said = {"type": "str", "format": written.text}
    if isinstance(_part(like, "type"), SequenceTree):
        return said | {"type": [said["type"], *(["null"] if type_.optional else [])]}
    if _has_null(_part(like, "enum")):
        return said
    return said | {called(like, "optional", "nullable"): type_.optional or None}


def _has_null(written: Tree | None) -> bool:
    found = written.items if isinstance(written, SequenceTree) else []
    return any(isinstance(item, ScalarTree) and item.is_null for item in found)


def _choices(type_: ParameterType, bounds: ParameterType, like: Tree | None) -> Value:
    nothing: list[Value] = [None] if type_.optional and _has_null(_part(like, "enum")) else []
    return [*bounds.choices, *nothing] or None


def _items(type_: ParameterType, like: Tree | None) -> Value:
    if type_.item is None or _short_item(type_, like) is not None:
        return None
    return type_document(type_.item, _part(like, "items"))


def _properties(type_: ParameterType, like: Tree | None) -> Value:
    named = isinstance(_part(like, "required"), SequenceTree)
    inner = _part(like, "properties")
    return {each.name: _property(each, _part(inner, each.name), named) for each in type_.properties} or None


def _property(each: Property, like: Tree | None, named: bool) -> Value:
    """`named` is whether the object names what it requires."""
    said = type_document(each.type, like)
    about: Document = {
        "default": each.default,
        "required": said.get("required") or (each.required and not named) or None,
        called(like, "help", "description"): each.help or None,
    }
    return said | {key: value for key, value in about.items() if value is not None}


def _required(type_: ParameterType, like: Tree | None) -> Value:
    names: list[Value] = [each.name for each in type_.properties if each.required]
    return names if names and isinstance(_part(like, "required"), SequenceTree) else None


def _rest(type_: ParameterType, like: Tree | None) -> Value:
    if type_.closed:
        return False
    return None if type_.rest is None else type_document(type_.rest, _part(like, "additionalProperties"))
