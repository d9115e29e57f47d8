"""What a component's source may import from Treadle: a decorator, port types and bounds.

Nothing here does anything at run time. The catalog reads these names in the syntax tree, and the slice
that a worker runs has them taken out, so a component works where Treadle is not installed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

__all__ = [
    "Array", "Between", "Code", "Column", "Directory", "Figure", "File", "Html", "Image", "Json", "Metrics",
    "Model", "Multiline", "OneOf", "Secret", "Table", "Text", "component",
]  # fmt: skip

_F = TypeVar("_F", bound=Callable[..., Any])

Table = Any
Array = Any
Model = Any
Metrics = dict[str, float]
Figure = Any
Image = bytes
Text = str
Html = str
Json = Any
File = Path
Directory = Path
Secret = str


class Between:
    """Inclusive bounds of a number: `Annotated[float, Between(0, 1)]`. None leaves a side open."""

    def __init__(self, minimum: float | None, maximum: float | None) -> None:
        self.minimum = minimum
        self.maximum = maximum


class OneOf:
    """The only values allowed: `Annotated[str, OneOf("mean", "median")]`."""

    def __init__(self, *choices: str | int | float | bool) -> None:
        self.choices = choices


class Column:
    """The name of a column (or a list of names) of the table on port `of`."""

    def __init__(self, of: str) -> None:
        self.of = of


class Multiline:
    """Text of several lines."""


class Code:
    """Text in a programming language, edited in a code editor."""

    def __init__(self, language: str) -> None:
        self.language = language


def component(
    *,
    category: str = "Other",
    icon: str = "function",
    title: str | None = None,
    tags: tuple[str, ...] = (),
    trigger: str = "all_success",
    kind: str = "function",
) -> Callable[[_F], _F]:
    """Marks a function as a component. The function itself is left as it is.

    `trigger` is what its nodes have that say nothing else; see the guide's page on flow. `kind`
    is the library's own: `sensor` and `approval` are what the engine itself waits for, by their names.
    """

    def mark(function: _F) -> _F:
        return function

    return mark
