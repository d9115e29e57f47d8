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

Parameter types are nested as deep as lists and mappings are, and say what JSON Schema's types say, in our words;
`spec/json_schema.py` writes them in its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from treadle.spec.values import Value

__all__ = [
    "ANY", "DATA_TYPES", "SCALAR_TYPES", "Choice", "ParameterKind", "ParameterType", "PortType", "Property",
    "TextFormat", "assignable",
]  # fmt: skip

DATA_TYPES: Final = (
    "Table", "Array", "Model", "Metrics", "Figure", "Image", "Text", "Html", "Json", "File", "Directory", "Any",
)  # fmt: skip
SCALAR_TYPES: Final = ("bool", "int", "float", "str", "datetime")


@dataclass(frozen=True, slots=True)
class PortType:
    """A port's type: one of `DATA_TYPES` or `SCALAR_TYPES`; `many` is a list of them. A list of lists names a list."""

    name: str
    many: bool = False

    def __str__(self) -> str:
        return f"list[{self.name}]" if self.many else self.name

    @classmethod
    def parse(cls, text: str) -> PortType:
        """The inverse of `str`: `"list[Table]"` → `PortType("Table", many=True)`. Raises ValueError if unknown."""
        many = text.startswith("list[") and text.endswith("]")
        name = text[5:-1] if many else text
        if many and name.startswith("list["):
            return cls(str(cls.parse(name)), many)
        if name not in DATA_TYPES and name not in SCALAR_TYPES:
            raise ValueError(f"unknown port type {text!r}")
        return cls(name, many)

    @property
    def is_scalar(self) -> bool:
        return self.name in SCALAR_TYPES


ANY: Final = PortType("Any")


Choice: TypeAlias = str | int | float | bool


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


class TextFormat(StrEnum):
    """What a text has to be beyond text, by JSON Schema's names."""

    DATE = "date"
    TIME = "time"
    EMAIL = "email"
    URI = "uri"
    UUID = "uuid"


@dataclass(frozen=True, slots=True)
class ParameterType:
    """A parameter's type with its bounds, which are inclusive but for `above` and `below`.

    What is said of another kind than this one (a pattern of a number) says nothing.
    """

    kind: ParameterKind
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    multiple_of: float | None = None
    choices: tuple[Choice, ...] = ()
    fewest: int | None = None
    """The least of characters of a text, of items of a list, of names of a mapping."""
    most: int | None = None
    unique: bool = False
    """No item of the list twice."""
    pattern: str | None = None
    """A regular expression that is found in the text, in RE2's syntax, which needs time only as the text is long."""
    format: TextFormat | None = None
    item: ParameterType | None = None
    properties: tuple[Property, ...] = ()
    rest: ParameterType | None = None
    """The type of what a mapping holds besides its properties; None for anything."""
    closed: bool = False
    """A mapping has nothing besides its properties."""
    column_of: str | None = None
    """The input port whose columns are the choices (`Column("data")`)."""
    multiline: bool = False
    code: str | None = None
    """The language of a code editor, as `"sql"` or `"python"`."""


@dataclass(frozen=True, slots=True)
class Property:
    """A named value of a mapping. `default` None means that there is none."""

    name: str
    type: ParameterType
    default: Value = None
    required: bool = False
    help: str = ""


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
