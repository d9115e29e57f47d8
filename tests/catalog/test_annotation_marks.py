"""What a mark says of a parameter, and what a person is told of one that says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from treadle.catalog.reader import read_module
from treadle.spec.types import ParameterType

HEAD = (
    "from typing import Annotated\nfrom treadle import component, Between, Column, OneOf, Code, Multiline\nLIMIT = 9\n"
)


def parameter(annotation: str) -> ParameterType:
    read = read_module(f"{HEAD}@component()\ndef f(x: {annotation}) -> None: pass\n", "m.py", "m")
    (component,) = read.components
    return component.parameters[0].type


def complaint(annotation: str) -> tuple[str, str]:
    read = read_module(f"{HEAD}@component()\ndef f(x: {annotation}) -> None: pass\n", "m.py", "m")
    (problem,) = read.problems
    assert problem.code == "unknown-annotation"
    assert problem.where.line == 5
    return problem.message, problem.hint


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("Annotated[int, Between(0, LIMIT)]", {"minimum": 0, "maximum": 9}),
        ("Annotated[int, Between(0, maximum=5)]", {"minimum": 0, "maximum": 5}),
        ("Annotated[str, OneOf('a', 'b')]", {"choices": ("a", "b")}),
        ("Annotated[str, Multiline()]", {"multiline": True}),
        ("Annotated[str, Code('sql')]", {"code": "sql"}),
        ("Annotated[str, 'a note of somebody else']", {}),
    ],
)
def test_a_mark_says_it_of_the_parameter(annotation: str, said: dict[str, Any]) -> None:
    found = parameter(annotation)
    assert {name: getattr(found, name) for name in said} == said


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        ("Annotated[list[int], Between(1, 3)]", {"minimum": 1, "maximum": 3}),
        ("Annotated[list[str], OneOf('a')]", {"choices": ("a",)}),
    ],
)
def test_bounds_of_a_list_are_those_of_its_items(annotation: str, said: dict[str, Any]) -> None:
    item = parameter(annotation).item
    assert item is not None
    assert {name: getattr(item, name) for name in said} == said


@pytest.mark.parametrize(
    ("annotation", "message", "hint"),
    [
        ("Annotated[str, Between(0, 1)]", "Between bounds numbers, and this is str", "remove Between"),
        ("Annotated[int, Between('a', 1)]", "the bounds of Between are numbers or None", ""),
        ("Annotated[int, Between(2, 1)]", "Between(2, 1) leaves nothing", "exchange the two bounds"),
        ("Annotated[int, Between(unknown, 1)]", "'unknown' has no value until it runs", "write a literal"),
        ("Annotated[int, Between(0)]", "can't understand Between here", "write Between(0, 1)"),
        ("Annotated[str, Multiline(3)]", "can't understand Multiline here", "Multiline()"),
        ("Annotated[str, Column]", "can't understand Column here", "Column('data')"),
        ("Annotated[str, OneOf('a', None)]", "OneOf takes texts, numbers and booleans", ""),
    ],
)
def test_a_mark_that_says_nothing_is_told_at_its_line_with_what_to_write(
    annotation: str, message: str, hint: str
) -> None:
    told, advice = complaint(annotation)
    assert message in told
    assert hint in advice
