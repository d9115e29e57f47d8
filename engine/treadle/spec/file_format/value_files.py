"""A file of values by name, as `grid: [1, 2]` or `{"grid": [1, 2]}`: JSON, or the YAML of pipeline files."""

from __future__ import annotations

from treadle.spec.file_format.parsing import parse
from treadle.spec.file_format.source import Source
from treadle.spec.problems import Problem, has_errors
from treadle.spec.values import Value

__all__ = ["read_values"]


def read_values(text: str, file: str) -> tuple[dict[str, Value], list[Problem]]:
    """The values that `text` names, and what is wrong with it; with an error there are none. Never raises."""
    tree, problems = parse(text.removeprefix("\ufeff"), file)
    source = Source(file, list(problems))
    if has_errors(source.problems) or tree is None:
        return {}, source.problems
    values = {name: source.value(each) for name, each in source.keys(tree, "a file of parameters").items()}
    return ({} if has_errors(source.problems) else values), source.problems
