"""Port types, parameter types, and the one rule for which output may feed which input.

| port type | what passes                       |
| --------- | --------------------------------- |
| Table     | pandas, polars or pyarrow rows    |
| Array     | a numpy array                     |
| Model     | a fitted estimator                |
| Metrics   | names to numbers                  |
| Figure    | a matplotlib figure               |
| Image     | a PNG                             |
| Text Html Json | what they say                |
| File Directory | a path that the artifact owns |
| Any       | whatever the other side says      |

A scalar output (`bool int float str`) has its parameter type as its port type, and
may feed a parameter that was promoted to an input.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["ANY", "DATA_TYPES", "SCALAR_TYPES", "ParameterKind", "ParameterType", "PortType", "assignable"]

DATA_TYPES: Final = (
    "Table", "Array", "Model", "Metrics", "Figure", "Image", "Text", "Html", "Json", "File", "Directory", "Any",
)  # fmt: skip
SCALAR_TYPES: Final = ("bool", "int", "float", "str", "datetime")


@dataclass(frozen=True, slots=True)
class PortType:
    """A port's type: one of `DATA_TYPES` or `SCALAR_TYPES`; `many` is a list of them."""

    name: str
    many: bool = False

    def __str__(self) -> str:
        return f"list[{self.name}]" if self.many else self.name

    @classmethod
    def parse(cls, text: str) -> PortType:
        """The inverse of `str`: `"list[Table]"` → `PortType("Table", many=True)`. Raises ValueError if unknown."""
        many = text.startswith("list[") and text.endswith("]")
        name = text[5:-1] if many else text
        if name not in DATA_TYPES and name not in SCALAR_TYPES:
            raise ValueError(f"unknown port type {text!r}")
        return cls(name, many)

    @property
    def is_scalar(self) -> bool:
        return self.name in SCALAR_TYPES


ANY: Final = PortType("Any")


class ParameterKind(StrEnum):
    """How a parameter is edited and checked."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STR = "str"
    PATH = "path"
    DATETIME = "datetime"
    SECRET = "secret"  # noqa: S105
    CHOICE = "choice"
    LIST = "list"
    DICT = "dict"


@dataclass(frozen=True, slots=True)
class ParameterType:
    """A parameter's type with its bounds. `item` is a list's element kind; bounds are inclusive."""

    kind: ParameterKind
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str | int | float | bool, ...] = ()
    column_of: str | None = None
    """The input port whose columns are the choices (`Column("data")`)."""
    multiline: bool = False
    code: str | None = None
    """The language of a code editor, as `"sql"` or `"python"`."""
    item: ParameterKind | None = None


_WIDENS: Final = {("int", "float"), ("bool", "int")}
_SAME_BYTES: Final = {("Metrics", "Json"), ("Html", "Text"), ("Image", "File"), ("Figure", "Image")}


def assignable(source: PortType, target: PortType) -> bool:
    """Whether an output of type `source` may feed an input of type `target`.

    One value may feed a port that takes many (it becomes a list of one); many never feed one.
    """
    if source.many and not target.many and target.name != "Any":
        return False
    if "Any" in (source.name, target.name) or source.name == target.name:
        return True
    pair = (source.name, target.name)
    return pair in _WIDENS or pair in _SAME_BYTES
