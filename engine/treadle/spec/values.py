"""Values in a pipeline file, and the references inside them.

A value is what JSON can say. A string that starts with `$` refers to something known
only at run time; `$$` is a plain dollar sign:

    $params.test_size    a pipeline parameter
    $run.id  $run.date   facts of the run
    $env.HOME            an environment variable of the engine
    $in.data  $out.plot  the path of a port, in what a script or a notebook is given
    $$5                  the text "$5"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

__all__ = [
    "Reference",
    "UnresolvedReference",
    "Value",
    "literal",
    "parameters_in",
    "references",
    "renamed",
    "render",
    "secret_name",
    "with_parameters",
]  # fmt: skip

if TYPE_CHECKING:
    Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | None"
else:
    Value = object  # Python 3.11 has no recursive alias that pydantic could read at run time

_REFERENCE: Final = re.compile(r"\$(params|run|env|secrets|in|out)\.([A-Za-z_][A-Za-z0-9_]*)\Z")


@dataclass(frozen=True, slots=True)
class Reference:
    """`$scope.name`."""

    scope: str
    name: str

    def __str__(self) -> str:
        return f"${self.scope}.{self.name}"


class UnresolvedReference(Exception):
    """A `$scope.name` that nothing defines."""

    def __init__(self, text: str) -> None:
        super().__init__(f"refers to {text}, which nothing defines")
        self.text = text

    @property
    def hint(self) -> str:
        """What to do, for a person."""
        reference = _parse(self.text)
        if reference is not None and reference.scope == "env":
            return f"set {reference.name} where the run is started, or give a value instead"
        if reference is not None and reference.scope == "secrets":
            return "only a parameter of type Secret is given one"
        return "write $params.name, $run.id, $run.date or $env.NAME, or $$ for a plain dollar sign"


def _parse(text: str) -> Reference | None:
    match = _REFERENCE.match(text)
    return Reference(match[1], match[2]) if match else None


def references(value: Value) -> Iterator[Reference | str]:
    """Every reference inside `value`; a malformed one (`"$parms"`) is yielded as its text."""
    if isinstance(value, str):
        if value.startswith("$") and not value.startswith("$$"):
            yield _parse(value) or value
    elif isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)


def secret_name(value: Value) -> str | None:
    """The name of the secret that `value` refers to as a whole; None where it refers to none."""
    found = _parse(value) if isinstance(value, str) else None
    return found.name if found is not None and found.scope == "secrets" else None


def renamed(value: Value, before: Reference, after: Reference) -> Value:
    """`value` with each reference `before` in it as `after`; the same object where there is none."""
    if before not in references(value):
        return value
    if isinstance(value, list):
        return [renamed(item, before, after) for item in value]
    if isinstance(value, dict):
        return {key: renamed(item, before, after) for key, item in value.items()}
    return str(after)


def render(value: Value, scopes: Mapping[str, Mapping[str, Value]]) -> Value:
    """`value` with each reference replaced from `scopes` (`{"params": {...}, "run": {...}}`).

    Raises UnresolvedReference where a scope or a name in it is missing.
    """
    if isinstance(value, str):
        return _render_text(value, scopes)
    if isinstance(value, list):
        return [render(item, scopes) for item in value]
    if isinstance(value, dict):
        return {key: render(item, scopes) for key, item in value.items()}
    return value


def _render_text(text: str, scopes: Mapping[str, Mapping[str, Value]]) -> Value:
    if text.startswith("$$"):
        return text[1:]
    if not text.startswith("$"):
        return text
    reference = _parse(text)
    if reference is None:
        raise UnresolvedReference(text)
    try:
        return scopes[reference.scope][reference.name]
    except KeyError:
        raise UnresolvedReference(text) from None


def parameters_in(value: Value) -> Iterator[Reference]:
    """The `$params.x` inside `value`."""
    for reference in references(value):
        if isinstance(reference, Reference) and reference.scope == "params":
            yield reference


def with_parameters(value: Value, given: Mapping[str, Value]) -> Value:
    """`value` with each `$params.x` of `given` replaced by what stands there, which may hold references itself."""
    if isinstance(value, str):
        return next((given[each.name] for each in parameters_in(value) if each.name in given), value)
    if isinstance(value, list):
        return [with_parameters(item, given) for item in value]
    if isinstance(value, dict):
        return {key: with_parameters(item, given) for key, item in value.items()}
    return value


def literal(value: Value) -> Value:
    """What renders as just `value`: a text that begins with a dollar sign gets another."""
    if isinstance(value, str):
        return f"${value}" if value.startswith("$") else value
    if isinstance(value, list):
        return [literal(item) for item in value]
    if isinstance(value, dict):
        return {key: literal(item) for key, item in value.items()}
    return value
