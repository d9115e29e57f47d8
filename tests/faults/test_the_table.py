"""The page that says what survives what (docs/survival.md) names tests that there are, and all of this folder's; each
says itself which promises it shows.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
PAGE = TESTS.parent / "docs" / "survival.md"
ROW = re.compile(r"^\| (?P<tried>.+) \| (?P<often>[^|]+) \| (?P<shows>[I0-9 ]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
PROMISE = re.compile(r"\bI(?:1[0-2]|[1-9])\b")

Row = tuple[str, frozenset[str], tuple[str, ...]]


def rows() -> list[Row]:
    """(what is tried, the promises it shows, its tests)."""
    found = ROW.finditer(PAGE.read_text())
    return [
        (row["tried"], frozenset(row["shows"].split()), tuple(re.findall(r"`([^`]+)`", row["tests"]))) for row in found
    ]


@cache
def shown(test: str) -> frozenset[str]:
    """The promises that `folder/test_x.py::test_y` says it shows. Fails where there is no such test."""
    file, _, name = test.partition("::")
    tree = ast.parse((TESTS / file).read_text())
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert found, f"{PAGE.name} names {test}, which there is not"
    return frozenset(PROMISE.findall(ast.get_docstring(found[0]) or ""))


def in_this_folder() -> set[str]:
    found = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        if file != Path(__file__):
            names = [node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
            found |= {f"faults/{file.name}::{name}" for name in names if name.startswith("test_")}
    return found


def test_every_promise_is_explained_and_put_to_the_test() -> None:
    explained = re.findall(r"^\| (I\d+) \| .+ \|$", PAGE.read_text(), re.MULTILINE)
    assert explained == [f"I{number}" for number in range(1, 13)]
    assert frozenset().union(*(promises for _, promises, _ in rows())) == set(explained)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_each_row_names_tests_that_say_what_the_row_says(row: Row) -> None:
    _, promises, tests = row
    assert tests
    assert [test for test in tests if not shown(test)] == []
    assert frozenset().union(*map(shown, tests)) == promises


def test_no_test_of_this_folder_is_missing_from_the_page() -> None:
    named = {test for _, _, tests in rows() for test in tests}
    assert in_this_folder() - named == set()


def test_the_page_names_no_test_twice() -> None:
    named = [test for _, _, tests in rows() for test in tests]
    assert len(named) == len(set(named))
    assert len(named) > 80
