"""Folding and unfolding: the same work before and after, for any pipeline and any choice of nodes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from spec.pipelines import CATALOG, churn
from spec.test_subpipelines import FILES, MAIN, PREPARE, pipeline

from treadle.spec import edits
from treadle.spec.file_format import read, write
from treadle.spec.flattening import flatten
from treadle.spec.flow import AtEnd
from treadle.spec.folding import NotFoldable, embed, fold, unfold, use_file
from treadle.spec.lifting import held, inside
from treadle.spec.mapping import Map
from treadle.spec.own_ports import set_inputs, set_outputs
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.validate import validate

PARAMETER = PipelineParameter("share", ParameterType(ParameterKind.FLOAT), 0.5)


@st.composite
def graphs(draw: st.DrawFn) -> Pipeline:
    """Any order of any nodes: data, order alone, clean-up, parameters, ports, pools."""
    nodes: dict[str, Node] = {}
    for number in range(draw(st.integers(1, 7))):
        before = sorted(nodes)
        ends = st.builds(Endpoint, st.sampled_from(before), st.sampled_from(["a", "b"])) if before else st.nothing()
        nodes[f"n{number}"] = Node(
            f"n{number}",
            draw(st.sampled_from(["data.load", "data.split"])),
            inputs=draw(
                st.dictionaries(st.sampled_from(["x", "y"]), st.lists(ends, min_size=1, max_size=2).map(tuple))
                if before
                else st.just({})
            ),
            params=draw(st.dictionaries(st.sampled_from(["p", "q"]), st.sampled_from([1, "$params.share", "$run.id"]))),
            after=tuple(draw(st.lists(st.sampled_from(before), max_size=1))) if before else (),
            teardown_of=tuple(draw(st.lists(st.sampled_from(before), max_size=1)))
            if before and draw(st.integers(0, 5)) == 0
            else (),
            at_end=draw(st.sampled_from([None, None, None, AtEnd.ALWAYS])),
            policy=draw(st.sampled_from([Policy(), Policy(retries=2)])),
        )
    ends = st.builds(Endpoint, st.sampled_from(sorted(nodes)), st.sampled_from(["x", "a"]))
    return Pipeline(
        params={"share": PARAMETER},
        nodes=nodes,
        inputs=draw(st.dictionaries(st.just("given"), st.lists(ends, min_size=1, max_size=2, unique=True).map(tuple))),
        outputs=draw(st.dictionaries(st.sampled_from(["one", "two"]), ends)),
        view={name: (number * 10.0, number * 5.0) for number, name in enumerate(nodes)},
    )


def said(p: Pipeline) -> dict[str, Node]:
    """The nodes of a pipeline by their last names, order without repeats and by name."""
    names = {id_: id_.rpartition("/")[2] for id_ in p.nodes}
    found = edits.rename_nodes(p, names).nodes
    return {id_: replace(node, after=tuple(sorted(node.after))) for id_, node in found.items()}


@given(graphs(), st.data())
def test_folding_changes_no_work_and_unfolding_gives_the_pipeline_back(p: Pipeline, data: st.DataObject) -> None:
    chosen = data.draw(st.sets(st.sampled_from(sorted(p.nodes)), min_size=1))
    try:
        folded, group = fold(p, chosen)
    except NotFoldable:
        assume(False)
    assert set(folded.nodes) == set(p.nodes) - chosen | {group}
    assert said(flatten(folded).pipeline) == said(p)
    back, ids = unfold(folded, group)
    assert ids == chosen
    assert said(back) == said(p)
    assert (back.inputs, back.outputs, back.view) == (p.inputs, p.outputs, p.view)
    reading = read(write(folded))
    assert reading.pipeline == folded


@given(graphs(), st.data())
def test_a_group_of_a_group_is_the_same_work_too(p: Pipeline, data: st.DataObject) -> None:
    try:
        once, group = fold(p, data.draw(st.sets(st.sampled_from(sorted(p.nodes)), min_size=1)))
        others = data.draw(st.sets(st.sampled_from(sorted(once.nodes))))
        twice, outer = fold(once, {group, *others}, "outer")
    except NotFoldable:
        assume(False)
    assert said(flatten(twice).pipeline) == said(p)
    assert said(flatten(unfold(twice, outer)[0]).pipeline) == said(p)


def test_a_fold_of_a_sound_pipeline_is_sound() -> None:
    p = edits.set_pipeline_param(churn(), PARAMETER)
    p = edits.set_param(p, "split", "size", "$params.share")
    folded, group = fold(p, ["split", "fit"], "prepare")
    assert group == "prepare"
    inner = folded.nodes["prepare"].pipeline
    assert inner is not None
    assert inner.inputs == {"data": (Endpoint("split", "data"),)}
    assert inner.outputs == {"model": Endpoint("fit", "model"), "test": Endpoint("split", "test")}
    assert (inner.params, folded.nodes["prepare"].params) == ({"share": PARAMETER}, {"share": "$params.share"})
    assert (folded.view["prepare"], inner.view) == ((240.0, 0.0), {"split": (0.0, 0.0), "fit": (240.0, 0.0)})
    assert validate(folded, CATALOG) == []


def graph(**nodes: Node) -> Pipeline:
    return Pipeline(nodes={name: replace(node, id=name) for name, node in nodes.items()})


def reads(*sources: str, **more: object) -> Node:
    ends = tuple(Endpoint(source, "a") for source in sources)
    return Node("", "data.split", {"x": ends} if ends else {}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("p", "chosen", "reason"),
    [
        (graph(a=reads(), b=reads("a"), c=reads("b")), "ac", "b stands between them"),
        (graph(a=reads()), "", "choose the nodes"),
        (graph(a=reads(), b=reads(), c=reads("a", "b")), "bc", "reads a node outside before"),
        (graph(a=reads(), b=reads(teardown_of=("a",))), "b", "cleans up after a"),
        (graph(a=reads(), b=reads(teardown_of=("a",))), "a", "b cleans up after one of these"),
        (graph(a=reads(), b=reads(), c=reads("b", after=("a",))), "cb", "b does not wait for a"),
        (graph(a=reads(), c=reads("b", after=("a",)), b=reads(after=("a",))), "bc", "c waits for a, and not all"),
        (graph(a=reads(), b=reads(), c=reads(after=("a",))), "bc", "b does not wait for a"),
        (graph(a=reads(), b=reads(after=("a",)), c=reads(after=("d",)), d=reads()), "bc", "waits for"),
        (graph(a=reads(), b=reads(), c=reads(after=("a",))), "ab", "c waits for a part of these"),
        (graph(a=reads(), b=reads(map=Map(rows=Endpoint("a", "a")))), "b", "the rows of a.a"),
        (graph(a=reads(), b=reads(map=Map(rows=Endpoint("a", "a")))), "a", "the rows of a.a"),
        (graph(a=reads(at_end=AtEnd.ALWAYS), b=reads("a", at_end=AtEnd.ALWAYS)), "a", "when everything else has ended"),
    ],
)
def test_what_no_port_can_say_is_refused(p: Pipeline, chosen: str, reason: str) -> None:
    with pytest.raises(NotFoldable, match=reason):
        fold(p, chosen)


def test_order_that_holds_for_all_is_the_groups() -> None:
    p = graph(a=reads(), b=reads(after=("a",)), c=reads(after=("a",)), d=reads(after=("b", "c")))
    folded, _ = fold(p, "bc")
    assert (folded.nodes["group"].after, folded.nodes["d"].after) == (("a",), ("group",))


def test_unknown_nodes_and_plain_ones_are_refused() -> None:
    p = churn()
    with pytest.raises(edits.UnknownNode):
        fold(p, ["nothing"])
    with pytest.raises(edits.UnknownNode):
        unfold(p, "nothing")
    with pytest.raises(edits.UnknownNode):
        embed(p, "nothing", p)
    with pytest.raises(NotFoldable, match="load is no pipeline"):
        unfold(p, "load")
    with pytest.raises(NotFoldable, match="is not there"):
        unfold(pipeline(MAIN), "prep")


def test_a_file_is_unfolded_in_place_under_names_that_are_free() -> None:
    p = edits.add_node(pipeline(MAIN), "data.load", (0, 0), id="fit")[0]
    p = edits.move(p, {"prep": (100, 10)})
    files = {"prepare.treadle.yaml": read(PREPARE + "view:\n  split: [5, 6]\n  gone: [1, 1]\n")}
    found, ids = unfold(p, "prep", files, CATALOG.get)
    assert ids == {"split", "fit_2"}
    assert found.nodes["judge"].inputs["model"] == (Endpoint("fit_2", "model"),)
    assert found.nodes["split"].policy.retries == 2
    assert found.view == {"split": (105.0, 16.0), "fit": (0, 0)}


def test_a_pipelines_input_that_feeds_a_parameter_inside_keeps_the_group() -> None:
    p = replace(pipeline(MAIN), inputs={"how_much": (Endpoint("prep", "share"),)})
    with pytest.raises(NotFoldable, match=r"feeds prep\.share"):
        unfold(p, "prep", FILES)


def test_a_group_saved_as_a_file_and_taken_in_again_is_the_same() -> None:
    p, _ = fold(churn(), ["split", "fit"], "prepare")
    inner = held(p, ("prepare",))
    assert inner is not None
    filed = use_file(p, "prepare", "prepare.treadle.yaml")
    assert (filed.nodes["prepare"].uses, filed.nodes["prepare"].pipeline) == ("prepare.treadle.yaml", None)
    files = {"prepare.treadle.yaml": read(write(inner))}
    assert flatten(filed, files).pipeline == flatten(p).pipeline
    assert embed(filed, "prepare", inner) == p


# Edits inside


def nested() -> Pipeline:
    return fold(fold(churn(), ["split", "fit"], "inner")[0], ["inner"], "outer")[0]


def test_an_edit_inside_is_an_edit_of_the_whole() -> None:
    p = nested()
    after = inside(p, ("outer", "inner"), lambda at: edits.set_param(at, "fit", "rate", 0.3))
    found = held(after, ("outer", "inner"))
    assert found is not None
    assert found.nodes["fit"].params == {"rate": 0.3}
    assert after.nodes["load"] is p.nodes["load"]
    assert inside(p, ("outer", "inner"), lambda at: at) is p
    assert inside(p, (), lambda at: edits.set_name(at, "x")).name == "x"
    for path in (("load",), ("nothing",), ("outer", "nothing")):
        assert held(p, path) is None
        with pytest.raises(edits.UnknownNode):
            inside(p, path, lambda at: at)


def test_what_goes_inside_takes_its_ports_and_their_edges_along() -> None:
    p = nested()
    after = inside(p, ("outer", "inner"), lambda at: edits.remove_nodes(at, ["fit"]))
    outer = held(after, ("outer",))
    assert outer is not None
    assert set(outer.outputs) == {"test"}
    assert set(after.nodes["evaluate"].inputs) == {"data"}
    after = inside(p, ("outer", "inner"), lambda at: edits.remove_nodes(at, ["split"]))
    outer = held(after, ("outer",))
    assert outer is not None
    assert (outer.inputs, outer.nodes["inner"].inputs) == ({"data": (Endpoint("inner", "data"),)}, {})


def test_a_port_renamed_inside_keeps_its_edges() -> None:
    p = fold(churn(), ["split", "fit"])[0]
    rows, best = (
        {"rows": (Endpoint("split", "data"),)},
        {"best": Endpoint("fit", "model"), "test": Endpoint("split", "test")},
    )
    after = inside(p, ("group",), lambda at: set_outputs(set_inputs(at, rows), best))
    assert after.nodes["group"].inputs == {"rows": (Endpoint("load", "table"),)}
    assert after.nodes["evaluate"].inputs["model"] == (Endpoint("group", "best"),)
    assert validate(after, CATALOG) == []


def test_a_node_renamed_inside_keeps_its_ports() -> None:
    p = inside(fold(churn(), ["split", "fit"])[0], ("group",), lambda at: edits.rename_node(at, "fit", "train"))
    assert validate(p, CATALOG) == []


def test_ports_are_set() -> None:
    ends = {"data": (Endpoint("split", "data"),) * 2, "nothing": ()}
    p = set_outputs(set_inputs(churn(), ends), {"model": Endpoint("fit", "model")})
    assert (p.inputs, p.outputs) == ({"data": (Endpoint("split", "data"),)}, {"model": Endpoint("fit", "model")})
    assert set_outputs(set_inputs(p, {}), {}) == churn()


def test_a_node_made_of_a_pipeline_file_is_called_as_the_file() -> None:
    assert edits.add_node(Pipeline(), "parts/clean up.treadle.yaml", (0, 0))[1] == "clean_up"
    assert edits.add_node(Pipeline(), "1.treadle.yaml", (0, 0))[1] == "node"


def test_what_feeds_the_pipeline_feeds_the_group_and_one_output_may_be_read_by_many() -> None:
    nodes = {
        "a": Node("a", "data.split"),
        "b": Node("b", "data.split", inputs={"x": (Endpoint("a", "train"),)}),
        "c": Node("c", "data.split", inputs={"x": (Endpoint("a", "train"),), "y": (Endpoint("b", "train"),)}),
    }
    inputs = {"given": (Endpoint("a", "data"), Endpoint("c", "z")), "other": (Endpoint("c", "w"),)}
    p = Pipeline(nodes=nodes, inputs=inputs, outputs={"one": Endpoint("a", "train")})

    folded, name = fold(p, {"a"})

    assert folded.inputs == {"given": (Endpoint(name, "data"), Endpoint("c", "z")), "other": (Endpoint("c", "w"),)}
    assert folded.outputs == {"one": Endpoint(name, "train")}
    assert unfold(folded, name)[0] == p
