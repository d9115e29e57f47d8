"""What a component's source says of flow: outputs that may stay away, and a trigger of its own."""

from __future__ import annotations

from pathlib import Path

from treadle.catalog.catalog import load_catalog
from treadle.catalog.reader import read_module
from treadle.spec.flow import Kind, Trigger

WAYS = """
from typing import NamedTuple, Optional
import pandas as pd
from treadle import component

class Ways(NamedTuple):
    clean: pd.DataFrame | None
    dirty: Optional[pd.DataFrame]
    rows: int

@component(trigger="none_failed")
def sort(data: pd.DataFrame) -> Ways:
    ...

@component()
def gate(data: pd.DataFrame) -> pd.DataFrame | None:
    ...

@component(trigger="sometimes")
def wrong(data: pd.DataFrame) -> None:
    ...
"""


def test_an_output_that_may_be_none_may_stay_away() -> None:
    sort, gate = read_module(WAYS, "ways.py", "ways").components
    assert [(port.name, port.optional) for port in sort.outputs] == [("clean", True), ("dirty", True), ("rows", False)]
    assert [(port.name, port.optional) for port in gate.outputs] == [("table", True)]


def test_a_component_may_have_its_own_trigger_and_a_wrong_one_is_named() -> None:
    reading = read_module(WAYS, "ways.py", "ways")
    assert [each.trigger for each in reading.components] == [Trigger.NONE_FAILED, Trigger.ALL_SUCCESS]
    [problem] = reading.problems
    assert (problem.code, problem.message) == ("unknown-trigger", "'sometimes' is no trigger")
    assert "all_success" in problem.hint


def test_both_are_the_same_from_the_cache(tmp_path: Path) -> None:
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "ways.py").write_text(WAYS)
    first = load_catalog(tmp_path, tmp_path / "cache").components["ways.sort"]
    assert load_catalog(tmp_path, tmp_path / "cache").components["ways.sort"] == first
    assert first.trigger is Trigger.NONE_FAILED


def test_only_the_library_has_what_the_engine_waits_for() -> None:
    text = "from treadle import component\n\n\n@component(kind='sensor')\ndef mine() -> int:\n    return 1\n"
    reading = read_module(text, "mine.py", "mine")
    assert [problem.code for problem in reading.problems] == ["unknown-kind"]
    assert reading.components == ()
    assert read_module(text, "mine.py", "mine", builtin=True).components[0].kind is Kind.SENSOR
