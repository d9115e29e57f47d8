"""What the inspector says that a reference stands for, and what Details say a node was given."""

from __future__ import annotations

import pytest

from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.types import ParameterKind as Kind
from treadle.spec.types import ParameterType
from treadle_gui.panels.history.run_words import given_rows
from treadle_gui.panels.inspector.rendered import rendered_words
from treadle_gui.runs.planned import Planned, read_planned

PIPELINE = Pipeline(
    params={
        "size": PipelineParameter("size", ParameterType(Kind.FLOAT), 0.2),
        "who": PipelineParameter("who", ParameterType(Kind.STR), required=True),
        "note": PipelineParameter("note", ParameterType(Kind.STR)),
        "home": PipelineParameter("home", ParameterType(Kind.STR), "$env.HOME"),
        "key": PipelineParameter("key", ParameterType(Kind.SECRET), "$secrets.door"),
    }
)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("$params.size", "= 0.2, unless the run is given another"),
        ("$params.who", "= what the run is given"),
        ("$params.note", "= nothing, unless the run is given it"),
        ("$params.home", "= /home/ada, unless the run is given another"),
        ("$params.key", "= •••"),
        ("$params.gone", ""),
        ("$env.HOME", "= /home/ada"),
        ("$env.NOWHERE", "NOWHERE is not set: no run will begin"),
        ("$secrets.door", "= •••"),
        ("$run.id", "= the run's id"),
        ("$run.date", "= when the run begins"),
        ("$$5", ""),
        (0.3, ""),
        (["$params.size"], ""),
    ],
)
def test_a_reference_is_shown_rendered(value: object, words: str) -> None:
    assert rendered_words(value, PIPELINE, {"HOME": "/home/ada"}) == words


def test_details_show_what_was_given() -> None:
    assert given_rows({}) == {}
    assert given_rows({"size": 0.2, "key": "$secrets.door", "none": None, "long": "x" * 300}) == {
        "Given": f"size = 0.2\nkey = $secrets.door\nlong = {'x' * 200}…"
    }


def test_a_plan_that_is_none_says_nothing(tmp_path) -> None:
    plan = tmp_path / "plan.json"
    for text in ("", "[]", '{"tasks": []}', '{"tasks": {"a": 3, "b": {"retries": "x", "params": []}}}'):
        plan.write_text(text)
        assert read_planned(plan) == Planned()
    plan.write_text('{"tasks": {"a": {"retries": 2, "params": {"x": 1}}}}')
    assert read_planned(plan) == Planned({"a": 3}, {"a": {"x": 1}})
