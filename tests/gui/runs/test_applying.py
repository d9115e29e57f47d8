"""What a paused run can still take up of what was edited since it began."""

from __future__ import annotations

from dataclasses import replace

import pytest

from treadle.run.state import TaskState, TaskStatus
from treadle.spec.component import Component, Parameter, SourceRef
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.types import ParameterKind, ParameterType
from treadle_gui.runs.applying import changes_to_apply

FIT = Component(
    "m.fit",
    "Fit",
    SourceRef("m.py", "m", "fit", 1),
    parameters=(Parameter("depth", ParameterType(ParameterKind.INT), default=2),),
)
RAN = Pipeline(nodes={"fit": Node("fit", "m.fit", params={"depth": 3})})
WAITING = {"fit": TaskState()}


def changed(node: Node, tasks: dict[str, TaskState] = WAITING) -> object:
    return changes_to_apply(RAN, Pipeline(nodes={node.id: node}), tasks, {"m.fit": FIT})


def test_values_that_were_changed_or_set_back_to_their_default_are_found() -> None:
    assert changed(Node("fit", "m.fit", params={"depth": 4})) == {"fit": {"depth": 4}}
    assert changed(Node("fit", "m.fit")) == {"fit": {"depth": 2}}
    assert changed(RAN.nodes["fit"]) == {}


def test_what_the_run_has_taken_up_already_is_none() -> None:
    taken = {"fit": TaskState(params={"depth": 4})}
    assert changed(Node("fit", "m.fit", params={"depth": 4}), taken) == {}
    assert changed(Node("fit", "m.fit", params={"depth": 3}), taken) == {"fit": {"depth": 3}}


@pytest.mark.parametrize("status", [TaskStatus.RUNNING, TaskStatus.SUCCEEDED, TaskStatus.CANCELLED])
def test_what_has_begun_takes_nothing_up(status: TaskStatus) -> None:
    assert changed(Node("fit", "m.fit", params={"depth": 4}), {"fit": TaskState(status)}) == {}


def test_a_node_that_is_new_fed_or_another_component_takes_nothing_up() -> None:
    assert changed(Node("more", "m.fit", params={"depth": 4})) == {}
    assert changed(Node("fit", "m.other", params={"depth": 4})) == {}
    fed = replace(RAN.nodes["fit"], params={}, inputs={"depth": (Endpoint("load", "value"),)})
    assert changed(fed) == {}


def test_a_value_within_a_group_is_found_by_the_name_that_its_task_has() -> None:
    def group(depth: int) -> Pipeline:
        inner = Pipeline(nodes={"fit": Node("fit", "m.fit", params={"depth": depth})})
        return Pipeline(nodes={"prep": Node("prep", "", pipeline=inner)})

    found = changes_to_apply(group(3), group(4), {"prep/fit": TaskState()}, {"m.fit": FIT})
    assert found == {"prep/fit": {"depth": 4}}
