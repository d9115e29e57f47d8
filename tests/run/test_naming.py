"""A node as a person names it in a run; where there is none of that name, the answer says what there is."""

from __future__ import annotations

import pytest

from treadle.run.naming import UnknownTask, find_task

TASKS = ["load", "prepare/clean", "prepare/split", "each", "each[0]", "each[1]"]


@pytest.mark.parametrize("name", ["load", "prepare/clean", "each", "each[1]"])
def test_a_node_an_inner_one_and_an_item_are_found_by_their_names(name: str) -> None:
    assert find_task("r1", TASKS, name) == name


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("laod", "run r1 has no node 'laod'; it has: load, prepare/clean, prepare/split, each"),
        ("each[7]", "run r1 has no node 'each[7]'; it has: load, prepare/clean, prepare/split, each"),
        ("prepare", "prepare is a pipeline in run r1: name one of its nodes: prepare/clean, prepare/split"),
    ],
)
def test_a_name_of_none_is_answered_with_those_there_are_and_no_item(written: str, told: str) -> None:
    with pytest.raises(UnknownTask) as refused:
        find_task("r1", TASKS, written)
    assert str(refused.value) == told


def test_of_many_the_first_dozen_are_named() -> None:
    with pytest.raises(UnknownTask, match=r"n0, .*, n11 and 88 more$"):
        find_task("r1", [f"n{number}" for number in range(100)], "x")


def test_of_a_run_that_has_none_it_is_said() -> None:
    with pytest.raises(UnknownTask, match="it has: none"):
        find_task("r1", [], "x")
