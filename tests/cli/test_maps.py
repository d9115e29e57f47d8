"""Maps on the command line: told as one, items by name where they are asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treadle.cli.main import application
from treadle.run.naming import UnknownTask, find_task

COMPONENTS = """
from treadle import component


@component()
def square(x: int, bad: int = -1) -> int:
    print("square of", x)
    if x == bad:
        raise ValueError(f"no {x}")
    return x * x


@component()
def add(values: list[int]) -> int:
    return sum(values)
"""
TEXT = """treadle: 1
name: squares
nodes:
  squares:
    uses: m.square
    with: {x: XS, bad: BAD}
    map: {over: x}
  sum:
    uses: m.add
    in: {values: squares.value}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "m.py").write_text(COMPONENTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(application(arguments), list(arguments))
    return result.exit_code, result.stdout, result.stderr


def run(folder: Path, xs: list[int], bad: int = -1) -> tuple[int, str, str]:
    (folder / "p.treadle.yaml").write_text(TEXT.replace("XS", str(xs)).replace("BAD", str(bad)))
    return invoke("run", "p.treadle.yaml")


def test_a_map_is_told_as_one_and_its_items_where_they_are_asked_for(folder: Path) -> None:
    code, told, _ = run(folder, [1, 2, 3])
    assert code == 0
    assert "▸ squares  3 items" in told
    assert "squares[" not in told
    assert "succeeded" in told
    _, shown, _ = invoke("show", "last")
    assert "3 items" in shown
    assert "squares[1]" not in shown
    _, shown, _ = invoke("show", "last", "--items")
    places = [shown.index(f"{task} ") for task in ("squares", "squares[0]", "squares[1]", "squares[2]", "sum")]
    assert places == sorted(places)
    assert "squares[1]" in shown
    tasks = json.loads(invoke("show", "last", "--json")[1])["tasks"]
    assert tasks.keys() == {"squares", "sum"}
    assert tasks["squares"]["items"] == {"count": 3, "done": 3, "counts": {"succeeded": 3}}
    assert json.loads(invoke("show", "last", "--json", "--items")[1])["tasks"]["squares[2]"]["status"] == "succeeded"


def test_an_item_is_looked_at_by_its_name(folder: Path) -> None:
    run(folder, [1, 2, 3])
    assert invoke("logs", "last", "squares[1]")[1] == "square of 2\n"
    assert "  x = 2\n" in invoke("show", "last", "squares[1]")[1]
    assert json.loads(invoke("show", "last", "squares[2]", "--json")[1])["params"] == {"x": 3, "bad": -1}
    code, _, told = invoke("logs", "last", "squares")
    assert code != 0
    assert "squares[0]" in told
    assert "never ran before" in invoke("why", "last", "squares[1]")[1]
    assert "each of 3 items" in invoke("why", "last", "squares")[1]


def test_of_items_that_failed_the_first_are_told_and_one_is_tried_again_by_name(folder: Path) -> None:
    code, told, errors = run(folder, [7] * 9, bad=7)
    assert code == 1
    assert told.count("✗ squares[") == 5
    assert "9 of 9 items failed" in invoke("show", "last")[1]
    assert "… and 4 more" in errors
    assert "squares[0]'" in errors, "a shell would take the brackets for a pattern"
    assert "each of 9 items" in invoke("why", "last", "squares")[1]
    (folder / "components" / "m.py").write_text(COMPONENTS)
    code, told, _ = invoke("retry", "last", "squares[8]")
    assert code == 1
    state = json.loads(invoke("show", "last", "--json", "--items")[1])["tasks"]
    assert (state["squares[8]"]["attempt"], state["squares[0]"]["attempt"]) == (2, 1)


def test_a_name_that_is_none_is_answered_with_the_nodes_and_not_with_thousands_of_items() -> None:
    tasks = ["squares", "sum", *(f"squares[{number}]" for number in range(5000))]
    assert find_task("r", tasks, "squares[4999]") == "squares[4999]"
    with pytest.raises(UnknownTask, match=r"it has: squares, sum$"):
        find_task("r", tasks, "squars")
