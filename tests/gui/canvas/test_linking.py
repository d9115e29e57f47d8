"""Connecting without a mouse: the output and the input that are meant."""

from __future__ import annotations

from treadle.spec import edits
from treadle.spec.component import Component, InputPort, OutputPort, SourceRef
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.types import PortType
from treadle_gui.canvas.linking import link, why_no_link


def component(uses: str, inputs: dict[str, PortType], outputs: dict[str, PortType]) -> Component:
    return Component(
        uses, uses, SourceRef(f"{uses}.py", uses, uses, 1),
        inputs=tuple(InputPort(name, type_) for name, type_ in inputs.items()),
        outputs=tuple(OutputPort(name, type_) for name, type_ in outputs.items()),
    )  # fmt: skip


TABLE, MODEL = PortType("Table"), PortType("Model")
COMPONENTS = {
    each.uses: each
    for each in (
        component("split", {"data": TABLE}, {"train": TABLE, "test": TABLE}),
        component("score", {"model": MODEL, "test": TABLE}, {}),
        component("stack", {"tables": PortType("Table", many=True)}, {"table": TABLE}),
    )
}


def drawn(*uses: str) -> Pipeline:
    pipeline = Pipeline("p")
    for name in uses:
        pipeline, _ = edits.add_node(pipeline, name, (0, 0))
    return pipeline


def test_an_input_of_the_same_name_is_meant_before_another() -> None:
    found = link(drawn("split", "score"), COMPONENTS, "split", "score")
    assert found is not None
    assert (found.source, found.target) == (Endpoint("split", "test"), Endpoint("score", "test"))
    assert found.edit()(drawn("split", "score")).nodes["score"].inputs["test"] == (found.source,)


def test_what_is_fed_already_stays_and_a_list_takes_one_more() -> None:
    pipeline = drawn("split", "stack")
    for port in ("train", "test"):
        found = link(pipeline, COMPONENTS, "split", "stack")
        assert found is not None
        assert found.source.port == port
        pipeline = found.edit()(pipeline)
    assert link(pipeline, COMPONENTS, "split", "stack") is None
    assert why_no_link(pipeline, COMPONENTS, "split", "stack") == "stack has no free input that split could feed"


def test_what_does_not_fit_is_told() -> None:
    only_model = {**COMPONENTS, "score": component("score", {"model": MODEL}, {})}
    assert link(drawn("split", "score"), only_model, "split", "score") is None
    reason = why_no_link(drawn("split", "score"), only_model, "split", "score")
    assert reason == "score.model wants Model, split.train gives Table"


def test_what_would_wait_for_itself_is_told() -> None:
    pipeline = drawn("split", "stack")
    found = link(pipeline, COMPONENTS, "stack", "split")
    assert found is not None
    back = found.edit()(pipeline)
    assert link(back, COMPONENTS, "split", "stack") is None
    assert "wait for each other" in why_no_link(back, COMPONENTS, "split", "stack")
