"""A parameter's type as a file says it, in Treadle's words or in JSON Schema's: read, and written in the words that
stand there already.

| Treadle                        | JSON Schema                                        |
| ------------------------------ | -------------------------------------------------- |
| `type: int` `float` `str` …    | `type: integer` `number` `string` …                |
| `type: datetime` `path`        | `type: string`, `format: date-time` `path`         |
| `type: list[int], minimum: 0`  | `type: array, items: {type: integer, minimum: 0}`  |
| `optional` `choices` `help`    | `nullable` or `[…, 'null']`, `enum`, `description` |
| `required: true` of a property | its name in `required:` of the object              |

Keywords that only JSON Schema has a word for are written as it writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, ScalarTree, SequenceTree, Tree
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.types import Choice, ParameterKind, ParameterType, Property, TextFormat
from treadle.spec.values import Value

__all__ = ["ABOUT_KEYS", "KIND_FORMATS", "TYPE_KEYS", "keys_of", "read_help", "read_type", "read_value"]

ABOUT_KEYS: Final = ("default", "required", "help", "description", "examples")
TYPE_KEYS: Final = (
    "type", "optional", "nullable", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "choices", "enum", "format", "pattern", "minLength", "maxLength", "items", "minItems", "maxItems", "uniqueItems",
    "properties", "minProperties", "maxProperties", "additionalProperties", "column_of", "multiline", "code",
)  # fmt: skip
_HARMLESS: Final = ("title", "$comment", "deprecated", "readOnly", "writeOnly", "$schema", "$id")
_UNCHECKED: Final = (
    "$ref", "$defs", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "const", "patternProperties",
    "propertyNames", "prefixItems", "contains", "minContains", "maxContains", "dependentRequired", "dependentSchemas",
    "unevaluatedItems", "unevaluatedProperties", "contentEncoding", "contentMediaType", "contentSchema",
)  # fmt: skip
_SAME: Final = (("optional", "nullable"), ("choices", "enum"), ("help", "description"))
_KINDS: Final = {kind.value: kind for kind in ParameterKind} | {
    "string": ParameterKind.STR,
    "number": ParameterKind.FLOAT,
    "integer": ParameterKind.INT,
    "boolean": ParameterKind.BOOL,
    "array": ParameterKind.LIST,
    "object": ParameterKind.DICT,
}
KIND_FORMATS: Final = {
    "date-time": ParameterKind.DATETIME,
    "path": ParameterKind.PATH,
    "file-path": ParameterKind.PATH,
    "directory-path": ParameterKind.PATH,
}
_TEXT_KINDS: Final = (ParameterKind.STR, ParameterKind.PATH, ParameterKind.DATETIME, ParameterKind.SECRET)
_WORDS: Final = ", ".join(kind.value for kind in ParameterKind)


def keys_of(source: Source, what: str, tree: MappingTree) -> dict[str, Tree]:
    """The entries of a declaration, with a warning for each that says nothing here."""
    for name in _UNCHECKED:
        if name in tree.entries:
            place = tree.entries[name].key
            hint = "it is kept; say it with type, choices, properties and their bounds"
            where = Where(source.file, place.line, place.column)
            message = f"{what}: nothing checks {name}"
            source.problems.append(Problem("unchecked-keyword", message, where, hint, Severity.WARNING))
    source.warn_unknown(tree, (*TYPE_KEYS, *ABOUT_KEYS, *_HARMLESS, *_UNCHECKED), what)
    keys = source.keys(tree, what)
    for one, other in _SAME:
        if one in keys and other in keys:
            source.error("said-twice", f"{what} says both {one} and {other}", keys[other], "keep one of them")
    return keys


def read_help(source: Source, keys: dict[str, Tree]) -> str:
    return source.text(keys.get("help", keys.get("description")), "help") or ""


def read_type(source: Source, what: str, tree: MappingTree, keys: dict[str, Tree]) -> ParameterType:
    """The type that `tree`, whose entries are `keys`, declares."""
    kind, item_kind, with_null = _kind(source, what, tree, keys)
    text_format = _format(source, keys.get("format"), kind)
    if isinstance(text_format, ParameterKind):
        kind, text_format = text_format, None
    low, high = source.number(keys.get("minimum"), "minimum"), source.number(keys.get("maximum"), "maximum")
    choices, null_choice = _choices(source, item_kind or kind, keys.get("choices", keys.get("enum")))
    item = _item(source, what, keys.get("items"))
    if kind is ParameterKind.LIST and item is None:
        item = _short_item(item_kind, low, high, choices)
        low, high, choices = None, None, ()
    return ParameterType(
        kind=kind,
        optional=with_null
        or null_choice
        or source.flag(keys.get("optional", keys.get("nullable")), "optional")
        or False,
        minimum=low,
        maximum=high,
        above=source.number(keys.get("exclusiveMinimum"), "exclusiveMinimum"),
        below=source.number(keys.get("exclusiveMaximum"), "exclusiveMaximum"),
        multiple_of=source.number(keys.get("multipleOf"), "multipleOf"),
        choices=choices,
        fewest=_size(source, keys, kind, "min"),
        most=_size(source, keys, kind, "max"),
        unique=source.flag(keys.get("uniqueItems"), "uniqueItems") or False,
        pattern=source.text(keys.get("pattern"), "pattern"),
        format=text_format,
        item=item,
        properties=tuple(_properties(source, what, keys)),
        rest=_rest(source, what, keys.get("additionalProperties")),
        closed=_says_false(keys.get("additionalProperties")),
        column_of=source.text(keys.get("column_of"), "column_of"),
        multiline=source.flag(keys.get("multiline"), "multiline") or False,
        code=source.text(keys.get("code"), "code"),
    )


def _kind(
    source: Source, what: str, tree: MappingTree, keys: dict[str, Tree]
) -> tuple[ParameterKind, ParameterKind | None, bool]:
    """The kind, that of the items of a `list[…]`, and whether `[…, 'null']` allows for nothing."""
    written = keys.get("type")
    words = [source.text(each, "type") or "null" for each in source.items(written)]
    told = [word for word in words if word != "null"]
    if not told:
        for key, kind in (("choices", "choice"), ("enum", "choice"), ("properties", "dict"), ("items", "list")):
            if key in keys and written is None:
                return ParameterKind(kind), None, False
    if len(told) != 1:
        message = f"{what} has {'several types' if told else 'no type'}"
        source.error("unknown-type", message, written or tree, f"write one of {_WORDS}, or list[int]")
        return ParameterKind.STR, None, False
    inner = told[0][5:-1] if told[0].startswith("list[") and told[0].endswith("]") else None
    found = _KINDS.get(told[0] if inner is None else inner)
    if found is None:
        hint = f"write one of {_WORDS}, or list[int]"
        source.error("unknown-type", f"{told[0]!r} is no type of a parameter", written, hint)
        return ParameterKind.STR, None, False
    return (found, None, "null" in words) if inner is None else (ParameterKind.LIST, found, "null" in words)


def _format(source: Source, tree: Tree | None, kind: ParameterKind) -> TextFormat | ParameterKind | None:
    text = source.text(tree, "format")
    if text is None:
        return None
    if text in KIND_FORMATS and kind in (ParameterKind.STR, KIND_FORMATS[text]):
        return KIND_FORMATS[text]
    try:
        return TextFormat(text)
    except ValueError:
        known = ", ".join([*TextFormat, *KIND_FORMATS])
        source.error("unknown-format", f"{text!r} is no format that is checked", tree, f"write one of {known}")
        return None


def _size(source: Source, keys: dict[str, Tree], kind: ParameterKind, side: str) -> int | None:
    unit = {ParameterKind.LIST: "Items", ParameterKind.DICT: "Properties"}.get(kind, "Length")
    return source.whole(keys.get(side + unit), side + unit)


def _item(source: Source, what: str, tree: Tree | None) -> ParameterType | None:
    return None if tree is None else _inner(source, f"{what}'s items", tree)


def _inner(source: Source, what: str, tree: Tree) -> ParameterType:
    if not isinstance(tree, MappingTree):
        source.error("wrong-shape", f"{what} have no declaration", tree, "write their type, as `{type: int}`")
        return ParameterType(ParameterKind.STR)
    return read_type(source, what, tree, keys_of(source, what, tree))


def _short_item(
    kind: ParameterKind | None, low: float | None, high: float | None, choices: tuple[Choice, ...]
) -> ParameterType | None:
    """What `type: list[int], minimum: 0` says of the items."""
    if kind is None and choices:
        kind = ParameterKind.CHOICE
    if kind is None and (low is not None or high is not None):
        kind = ParameterKind.FLOAT
    return None if kind is None else ParameterType(kind, minimum=low, maximum=high, choices=choices)


def _properties(source: Source, what: str, keys: dict[str, Tree]) -> Iterator[Property]:
    named = keys.get("required")
    needed = {source.text(each, "required") for each in named.items} if isinstance(named, SequenceTree) else set()
    known = source.keys(keys.get("properties"), "properties")
    for name in sorted(needed - known.keys() - {None}, key=str):
        hint = "declare it under properties:, or take it out"
        source.error("unknown-parameter", f"{what} requires {name}, which is no property of it", named, hint)
    for name, tree in known.items():
        inside = f"{what}.{name}"
        if not isinstance(tree, MappingTree):
            hint = "write its declaration, as `{type: int, default: 5}`"
            source.error("wrong-shape", f"{inside} has no declaration", tree, hint)
            continue
        inner = keys_of(source, inside, tree)
        type_ = read_type(source, inside, tree, inner)
        default = inner.get("default")
        own = inner.get("required")
        required = False if isinstance(own, SequenceTree) else source.flag(own, "required") or False
        value = None if default is None else read_value(source, type_, default)
        yield Property(name, type_, value, required or name in needed, read_help(source, inner))


def _says_false(tree: Tree | None) -> bool:
    return isinstance(tree, ScalarTree) and not tree.style and tree.text.lower() == "false"


def _rest(source: Source, what: str, tree: Tree | None) -> ParameterType | None:
    if isinstance(tree, MappingTree):
        return _inner(source, f"{what}'s other names", tree)
    source.flag(tree, "additionalProperties")
    return None


def _choices(source: Source, kind: ParameterKind, tree: Tree | None) -> tuple[tuple[Choice, ...], bool]:
    """The choices, and whether nothing is one of them."""
    found: list[Choice] = []
    has_null = False
    for item in source.items(tree):
        value = read_value(source, ParameterType(kind), item)
        if isinstance(value, (str, int, float)):
            found.append(value)
        elif value is None and isinstance(item, ScalarTree):
            has_null = True
        else:
            source.error("wrong-value", "a choice is text, a number, true or false", item, "write it so, or remove it")
    return tuple(found), has_null


def read_value(source: Source, wanted: ParameterType, tree: Tree) -> Value:
    """A value of type `wanted`: text where text was declared, so that a version of `1.10` stays `1.10`."""
    if wanted.kind in _TEXT_KINDS and isinstance(tree, ScalarTree):
        return None if tree.is_null else tree.text
    if isinstance(tree, SequenceTree) and wanted.item is not None:
        return [read_value(source, wanted.item, item) for item in tree.items]
    if isinstance(tree, MappingTree):
        types = {each.name: each.type for each in wanted.properties}
        return {
            name: source.value(entry.value) if (inner := types.get(name, wanted.rest)) is None
            else read_value(source, inner, entry.value)
            for name, entry in tree.entries.items()
        }  # fmt: skip
    return source.value(tree)
