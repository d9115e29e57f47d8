"""A pipeline parameter's declaration: `test_size: {type: float, default: 0.2, minimum: 0, maximum: 1}`, both ways."""

from __future__ import annotations

from typing import Final

from treadle.spec.file_format.source import Source
from treadle.spec.file_format.tree import MappingTree, ScalarTree, Tree
from treadle.spec.pipeline import PipelineParameter
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value

__all__ = ["declaration", "read_parameter"]

_KEYS: Final = (
    "type", "default", "required", "optional", "minimum", "maximum", "choices", "column_of", "multiline", "code",
    "help",
)  # fmt: skip
_TEXT_KINDS: Final = (ParameterKind.STR, ParameterKind.PATH, ParameterKind.DATETIME, ParameterKind.SECRET)
_KINDS: Final = ", ".join(kind.value for kind in ParameterKind)


def read_parameter(source: Source, name: str, tree: Tree) -> PipelineParameter:
    """The parameter that `tree` declares."""
    if not isinstance(tree, MappingTree):
        hint = "write its declaration, as `{type: int, default: 5}`"
        source.error("wrong-shape", f"parameter {name} has no declaration", tree, hint)
        return PipelineParameter(name, ParameterType(ParameterKind.STR))
    keys = source.keys(tree, f"parameter {name}")
    source.warn_unknown(tree, _KEYS, f"parameter {name}")
    kind, item = _kind(source, name, tree, keys.get("type"))
    default = keys.get("default")
    declared = ParameterType(
        kind=kind,
        optional=source.flag(keys.get("optional"), "optional") or False,
        minimum=source.number(keys.get("minimum"), "minimum"),
        maximum=source.number(keys.get("maximum"), "maximum"),
        choices=_choices(source, kind, keys.get("choices")),
        column_of=source.text(keys.get("column_of"), "column_of"),
        multiline=source.flag(keys.get("multiline"), "multiline") or False,
        code=source.text(keys.get("code"), "code"),
        item=item,
    )
    return PipelineParameter(
        name=name,
        type=declared,
        default=None if default is None else _typed(source, kind, default),
        required=source.flag(keys.get("required"), "required") or False,
        help=source.text(keys.get("help"), "help") or "",
    )


def _kind(
    source: Source, name: str, tree: MappingTree, written: Tree | None
) -> tuple[ParameterKind, ParameterKind | None]:
    text = source.text(written, "type")
    inner = text[5:-1] if text and text.startswith("list[") and text.endswith("]") else None
    try:
        return (ParameterKind.LIST, ParameterKind(inner)) if inner is not None else (ParameterKind(text or ""), None)
    except ValueError:
        message = f"parameter {name} has no type" if text is None else f"{text!r} is no type of a parameter"
        source.error("unknown-type", message, written or tree, f"write one of {_KINDS}, or list[int]")
        return ParameterKind.STR, None


def _typed(source: Source, kind: ParameterKind, tree: Tree) -> Value:
    """Text where text was declared, so that a version of `1.10` stays `1.10`."""
    if kind in _TEXT_KINDS and isinstance(tree, ScalarTree):
        return None if tree.is_null else tree.text
    return source.value(tree)


def _choices(source: Source, kind: ParameterKind, tree: Tree | None) -> tuple[str | int | float | bool, ...]:
    found: list[str | int | float | bool] = []
    for item in source.items(tree):
        value = _typed(source, kind, item)
        if isinstance(value, (str, int, float)):
            found.append(value)
        else:
            source.error("wrong-value", "a choice is text, a number, true or false", item, "write it so, or remove it")
    return tuple(found)


def declaration(parameter: PipelineParameter) -> dict[str, Value]:
    """What the file says of `parameter`; what is as by default is left out."""
    kind = parameter.type
    said: dict[str, Value] = {
        "type": f"list[{kind.item.value}]" if kind.item is not None else kind.kind.value,
        "default": parameter.default,
        "required": parameter.required or None,
        "optional": kind.optional or None,
        "minimum": kind.minimum,
        "maximum": kind.maximum,
        "choices": list(kind.choices) or None,
        "column_of": kind.column_of,
        "multiline": kind.multiline or None,
        "code": kind.code,
        "help": parameter.help or None,
    }
    return {key: value for key, value in said.items() if value is not None}
