from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec.pipelines import churn, edited

from treadle.spec import edits
from treadle.spec.pipeline import Edge, Endpoint, Pipeline, PipelineParameter, Policy, Resources
from treadle.spec.types import ParameterKind, ParameterType

MODEL_EDGE = Edge(Endpoint("fit", "model"), Endpoint("evaluate", "model"))


def _dangling(p: Pipeline) -> set[str]:
    ends = {edge.source.node for edge in p.edges()} | {
        other for node in p.nodes.values() for other in (*node.after, *node.teardown_of)
    }
    return (ends | p.view.keys()) - p.nodes.keys()


@given(st.data())
def test_no_edit_leaves_anything_dangling(data):
    before = churn()
    after = data.draw(edited(before, 8))
    assert not _dangling(after)
    assert all(name == node.id for name, node in after.nodes.items())
    assert before == churn()  # the earlier value is the undo


@given(st.data())
def test_an_edit_shares_every_node_that_says_the_same(data):
    before = churn()
    after = data.draw(edited(before, 1))
    for name, node in after.nodes.items():
        old = before.nodes.get(name)
        assert old is None or old is node or repr(old) != repr(node)


@given(st.sets(st.sampled_from(sorted(churn().nodes))), st.booleans())
def test_a_copy_is_wired_inside_as_its_original(ids, same_pipeline):
    source = edits.set_after(churn(), "evaluate", ["load"])
    target = source if same_pipeline else Pipeline("empty")
    after, pasted = edits.paste(target, edits.copy_nodes(source, ids), (10, 20))
    assert len(pasted) == len(ids)
    assert not _dangling(after)
    assert all(after.nodes[name] is node for name, node in target.nodes.items())
    uses = {source.nodes[name].uses: name for name in ids}
    copies = {uses[after.nodes[name].uses]: name for name in pasted}
    for original, copy in copies.items():
        x, y = source.view[original]
        assert after.view[copy] == (x + 10, y + 20)
        for edge in source.edges():
            if edge.target.node == original and (edge.source.node in ids or same_pipeline):
                fed_by = copies.get(edge.source.node, edge.source.node)
                assert after.nodes[copy].inputs[edge.target.port] == (Endpoint(fed_by, edge.source.port),)


def test_ids_come_from_the_component():
    p = Pipeline()
    for _ in range(3):
        p, name = edits.add_node(p, "prepare.split", (0, 0))
    assert list(p.nodes) == ["split", "split_2", "split_3"]
    assert name == "split_3"
    assert edits.add_node(p, "prepare.split", (0, 0), id="mine")[1] == "mine"
    assert edits.add_node(p, "", (0, 0))[1] == "node"


def test_a_copy_of_a_numbered_node_counts_on():
    p, _ = edits.paste(churn(), edits.copy_nodes(churn(), {"fit"}), (0, 0))
    p, pasted = edits.paste(p, edits.copy_nodes(p, {"fit_2"}), (0, 0))
    assert pasted == {"fit_3"}


def test_a_copy_takes_along_the_parameters_it_refers_to():
    rate = PipelineParameter("rate", ParameterType(ParameterKind.FLOAT), 0.5)
    p = edits.set_pipeline_param(edits.set_pipeline_param(churn(), rate), PipelineParameter("other", rate.type))
    p = edits.set_param(edits.set_param(p, "fit", "rate", "$params.rate"), "fit", "label", "$run.id")
    fragment = edits.copy_nodes(p, {"fit"})
    assert fragment.params == {"rate": rate}
    assert edits.paste(Pipeline(), fragment, (0, 0))[0].params == {"rate": rate}
    own = PipelineParameter("rate", rate.type, 0.9)
    kept, _ = edits.paste(edits.set_pipeline_param(Pipeline(), own), fragment, (0, 0))
    assert kept.params == {"rate": own}


def test_removing_a_node_removes_what_led_from_it():
    p = edits.set_after(churn(), "evaluate", ["load", "split"])
    p = edits.remove_nodes(p, {"split"})
    assert p.nodes["fit"].inputs == {}
    assert p.nodes["evaluate"].inputs == {"model": (Endpoint("fit", "model"),)}
    assert p.nodes["evaluate"].after == ("load",)
    assert "split" not in p.view


def test_renaming_reaches_every_mention():
    p = edits.rename_node(edits.set_after(churn(), "evaluate", ["load", "split"]), "split", "cut")
    assert list(p.nodes) == ["load", "cut", "fit", "evaluate"]
    assert p.nodes["cut"].id == "cut"
    assert p.nodes["fit"].inputs["train"] == (Endpoint("cut", "train"),)
    assert p.nodes["evaluate"].after == ("load", "cut")
    assert list(p.view) == ["load", "cut", "fit", "evaluate"]
    with pytest.raises(edits.NameTaken, match="another node is called 'fit'"):
        edits.rename_node(p, "load", "fit")


def test_connecting_replaces_and_a_port_of_many_gathers():
    p, test = churn(), Endpoint("split", "test")
    target = Endpoint("fit", "train")
    assert edits.connect(p, test, target).nodes["fit"].inputs["train"] == (test,)
    both = edits.connect(p, test, target, many=True)
    assert both.nodes["fit"].inputs["train"] == (Endpoint("split", "train"), test)
    assert edits.connect(both, test, target, many=True) is both
    assert edits.connect(both, test, target).nodes["fit"].inputs["train"] == (test,)


def test_disconnecting_takes_only_that_edge():
    p = edits.disconnect(churn(), MODEL_EDGE)
    assert p.nodes["evaluate"].inputs.keys() == {"data"}
    assert edits.disconnect(p, MODEL_EDGE) is p


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: edits.remove_nodes(p, {"ghost"}),
        lambda p: edits.rename_node(p, "fit", "fit"),
        lambda p: edits.move(p, {"fit": p.view["fit"], "ghost": (1, 1)}),
        lambda p: edits.set_param(p, "load", "path", "churn.csv"),
        lambda p: edits.unset_param(p, "load", "unset"),
        lambda p: edits.set_title(p, "load", ""),
        lambda p: edits.set_note(p, "load", None),
        lambda p: edits.set_policy(p, "load", Policy()),
        lambda p: edits.set_resources(p, "load", Resources()),
        lambda p: edits.set_after(p, "load", []),
        lambda p: edits.connect(p, MODEL_EDGE.source, MODEL_EDGE.target),
    ],
)
def test_an_edit_that_changes_nothing_gives_the_same_pipeline(edit):
    p = churn()
    assert edit(p) is p


def test_one_and_true_are_not_the_same_value():
    p = edits.set_param(churn(), "fit", "depth", 1)
    assert edits.set_param(p, "fit", "depth", True).nodes["fit"].params["depth"] is True


def test_settings_are_set():
    p = edits.set_help(edits.set_name(churn(), "n"), "h")
    p = edits.set_defaults(p, Policy(retries=2))
    p = edits.set_note(edits.set_title(p, "fit", "Fit"), "fit", "slow")
    p = edits.set_resources(edits.set_policy(p, "fit", Policy(cache=False)), "fit", Resources(cpu=2))
    assert (p.name, p.help, p.defaults) == ("n", "h", Policy(retries=2))
    fit = p.nodes["fit"]
    assert (fit.title, fit.note, fit.policy, fit.resources) == ("Fit", "slow", Policy(cache=False), Resources(cpu=2))
    assert edits.remove_pipeline_param(edits.set_pipeline_param(p, PipelineParameter("x", None)), "x") == p
    assert edits.move(p, {"fit": (1, 2)}).view["fit"] == (1, 2)


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: edits.set_param(p, "ghost", "a", 1),
        lambda p: edits.connect(p, Endpoint("ghost", "a"), Endpoint("fit", "train")),
        lambda p: edits.connect(p, Endpoint("fit", "a"), Endpoint("ghost", "train")),
        lambda p: edits.set_after(p, "fit", ["ghost"]),
        lambda p: edits.rename_node(p, "ghost", "b"),
    ],
)
def test_an_unknown_node_is_named(edit):
    with pytest.raises(edits.UnknownNode, match="no node 'ghost'"):
        edit(churn())
