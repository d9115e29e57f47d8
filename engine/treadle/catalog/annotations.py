"""An annotation's meaning: a port type, a parameter type, or the reason it has none.

| annotation                                        | as an input       | as an output |
| ------------------------------------------------- | ----------------- | ------------ |
| `pd.DataFrame`, `pl.DataFrame`, `pa.Table`, `Table` | port Table      | Table        |
| `np.ndarray`                                      | port Array        | Array        |
| an estimator, `Model`                             | port Model        | Model        |
| `Metrics` / `dict[str, float]`                    | port / parameter  | Metrics      |
| `dict`, `list[str]` …                             | parameter         | Json         |
| `Path`                                            | parameter         | File         |
| `bool int float str datetime`, `Literal`          | parameter         | scalar       |
| `list[pd.DataFrame]`                              | port, many        | many         |
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Final

from treadle.catalog.annotation_marks import literal_of, marked
from treadle.catalog.bindings import Bindings
from treadle.catalog.unknown_annotation import UnknownAnnotation
from treadle.spec.types import DATA_TYPES, ParameterKind, ParameterType, PortType

__all__ = ["Meaning", "understand"]

_DEEPEST: Final = 20
_DATA: Final = {
    "pandas.DataFrame": ("Table", "pandas"),
    "pandas.core.frame.DataFrame": ("Table", "pandas"),
    "polars.DataFrame": ("Table", "polars"),
    "pyarrow.Table": ("Table", "pyarrow"),
    "numpy.ndarray": ("Array", "numpy"),
    "numpy.typing.NDArray": ("Array", "numpy"),
    "matplotlib.figure.Figure": ("Figure", ""),
    "matplotlib.pyplot.Figure": ("Figure", ""),
    "torch.nn.Module": ("Model", ""),
    "typing.Any": ("Any", ""),
    "object": ("Any", ""),
}
_KINDS: Final = {"Array": "numpy", "File": "path", "Directory": "path"}
_MODEL_PACKAGES: Final = frozenset({"sklearn", "xgboost", "lightgbm", "catboost", "statsmodels"})
_SCALARS: Final = {
    "bool": ParameterKind.BOOL,
    "int": ParameterKind.INT,
    "float": ParameterKind.FLOAT,
    "str": ParameterKind.STR,
    "pathlib.Path": ParameterKind.PATH,
    "os.PathLike": ParameterKind.PATH,
    "datetime.datetime": ParameterKind.DATETIME,
    "datetime.date": ParameterKind.DATETIME,
    "dict": ParameterKind.DICT,
    "typing.Dict": ParameterKind.DICT,
    "list": ParameterKind.LIST,
    "typing.List": ParameterKind.LIST,
}
_LISTS: Final = frozenset({
    "list", "typing.List", "typing.Sequence", "collections.abc.Sequence", "typing.Iterable", "collections.abc.Iterable",
})  # fmt: skip
_DICTS: Final = frozenset({"dict", "typing.Dict", "typing.Mapping", "collections.abc.Mapping"})
_ANNOTATED: Final = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
_LITERAL: Final = frozenset({"typing.Literal", "typing_extensions.Literal"})
_MERGED: Final = {
    frozenset({ParameterKind.INT, ParameterKind.FLOAT}): ParameterKind.FLOAT,
    frozenset({ParameterKind.STR, ParameterKind.PATH}): ParameterKind.PATH,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """`port` is the type as a data input or an output, `parameter` as a setting; an annotation may have both.

    `kind` is how the function wants the data: `"pandas"`, `"polars"`, `"pyarrow"`, `"numpy"`, `"path"` or `""`.
    """

    port: PortType | None = None
    parameter: ParameterType | None = None
    kind: str = ""
    optional: bool = False
    nothing: bool = False
    """The annotation is None."""


def understand(annotation: ast.expr, bindings: Bindings, depth: int = 0) -> Meaning:
    """What an annotation says. Raises UnknownAnnotation."""
    if depth > _DEEPEST:
        raise UnknownAnnotation("this annotation is nested too deeply")
    match annotation:
        case ast.Constant(value=None):
            return Meaning(nothing=True)
        case ast.Constant(value=str() as text):
            return understand(_parsed(text), bindings, depth + 1)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([left, right], bindings, depth)
        case ast.Subscript(value=generic, slice=argument):
            return _subscript(generic, argument, bindings, depth)
        case ast.Name(id=name) if name in bindings.values and name not in bindings.imports:
            return understand(bindings.values[name], bindings, depth + 1)
        case _:
            return _plain(annotation, bindings)


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise UnknownAnnotation(f"the annotation {text[:60]!r} is not an expression") from None


def _plain(annotation: ast.expr, bindings: Bindings) -> Meaning:
    name = bindings.qualified(annotation)
    if name is None:
        raise UnknownAnnotation(f"can't understand the annotation {ast.unparse(annotation)[:60]!r}")
    if name in _DATA:
        port, kind = _DATA[name]
        return Meaning(port=PortType(port), kind=kind)
    if (marker := _treadle(name)) is not None:
        return _marker(marker, name)
    if name in _SCALARS:
        return _scalar(_SCALARS[name])
    if name.partition(".")[0] in _MODEL_PACKAGES and name.rpartition(".")[2][:1].isupper():
        return Meaning(port=PortType("Model"))
    raise UnknownAnnotation(f"no port or parameter type is called {name!r}", _hint_for(name))


def _treadle(name: str) -> str | None:
    package, _, marker = name.rpartition(".")
    return marker if package in {"treadle", "treadle.sdk"} else None


def _marker(marker: str, name: str) -> Meaning:
    if marker == "Secret":
        return Meaning(parameter=ParameterType(ParameterKind.SECRET))
    if marker in DATA_TYPES:
        return Meaning(port=PortType(marker), kind=_KINDS.get(marker, ""))
    raise UnknownAnnotation(f"{name} is not a type")


def _hint_for(name: str) -> str:
    if name.endswith("Series"):
        return "pass a pd.DataFrame with one column instead of a Series"
    if name in {"tuple", "typing.Tuple"}:
        return "return a NamedTuple, so that each output has a name"
    return ""


def _scalar(kind: ParameterKind) -> Meaning:
    outputs = {ParameterKind.PATH: "File", ParameterKind.DICT: "Json", ParameterKind.LIST: "Json"}
    return Meaning(port=PortType(outputs.get(kind, kind.value)), parameter=ParameterType(kind))


def _union(members: list[ast.expr], bindings: Bindings, depth: int) -> Meaning:
    meanings = [understand(member, bindings, depth + 1) for member in members]
    optional = any(meaning.nothing or meaning.optional for meaning in meanings)
    solid = [meaning for meaning in meanings if not meaning.nothing]
    if not solid:
        return Meaning(nothing=True)
    merged = solid[0]
    for other in solid[1:]:
        merged = _merge(merged, other)
    parameter = replace(merged.parameter, optional=True) if optional and merged.parameter else merged.parameter
    return replace(merged, optional=optional, parameter=parameter)


def _merge(first: Meaning, second: Meaning) -> Meaning:
    if first.parameter and second.parameter:
        kinds = frozenset({first.parameter.kind, second.parameter.kind})
        if len(kinds) == 1:
            return first
        if kinds in _MERGED:
            return _scalar(_MERGED[kinds])
    elif first.port and first.port == second.port and not (first.parameter or second.parameter):
        return replace(first, kind=first.kind if first.kind == second.kind else "")
    raise UnknownAnnotation("a union of different types is neither a port nor a parameter", "choose one type, or Any")


def _subscript(generic: ast.expr, argument: ast.expr, bindings: Bindings, depth: int) -> Meaning:
    name = bindings.qualified(generic) or ""
    items = list(argument.elts) if isinstance(argument, ast.Tuple) else [argument]
    if name in _ANNOTATED:
        return _bounded(understand(items[0], bindings, depth + 1), items[1:], bindings)
    if name in _LITERAL:
        return _choices(items, bindings)
    if name == "typing.Optional":
        return _union([argument, ast.Constant(None)], bindings, depth)
    if name == "typing.Union":
        return _union(items, bindings, depth)
    if name in _LISTS:
        return _list(items[0], bindings, depth)
    if name in _DICTS:
        return _dict(items, bindings)
    return _plain(generic, bindings)


def _list(item: ast.expr, bindings: Bindings, depth: int) -> Meaning:
    element = understand(item, bindings, depth + 1)
    if element.parameter is not None:
        parameter = ParameterType(ParameterKind.LIST, item=element.parameter)
        return Meaning(port=PortType("Json"), parameter=parameter)
    if element.port is None or element.port.many:
        raise UnknownAnnotation("a list holds one kind of port or parameter")
    return Meaning(port=PortType(element.port.name, many=True), kind=element.kind)


def _dict(items: list[ast.expr], bindings: Bindings) -> Meaning:
    numbers = [bindings.qualified(item) for item in items] in (["str", "float"], ["str", "int"])
    return Meaning(
        port=PortType("Metrics" if numbers else "Json"),
        parameter=ParameterType(ParameterKind.DICT),
    )


def _choices(items: list[ast.expr], bindings: Bindings) -> Meaning:
    choices: list[str | int | float | bool] = []
    optional = False
    for item in items:
        value = literal_of(item, bindings)
        if value is None:
            optional = True
        elif isinstance(value, str | int | float | bool):
            choices.append(value)
        else:
            raise UnknownAnnotation("Literal takes texts, numbers and booleans")
    parameter = ParameterType(ParameterKind.CHOICE, optional=optional, choices=tuple(choices))
    return Meaning(port=PortType("str"), parameter=parameter, optional=optional)


def _bounded(meaning: Meaning, marks: list[ast.expr], bindings: Bindings) -> Meaning:
    for mark in marks:
        call = mark if isinstance(mark, ast.Call) else None
        name = _treadle(bindings.qualified(call.func if call else mark) or "")
        if name is None:
            continue
        if meaning.parameter is None:
            raise UnknownAnnotation(f"{name} bounds a parameter, and this is a data port", f"remove {name}")
        meaning = replace(meaning, parameter=marked(meaning.parameter, name, call, bindings))
    return meaning
