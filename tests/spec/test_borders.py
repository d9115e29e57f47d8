"""Borders: a pipeline's own ports as nodes, which every edit of nodes edits, and which stand in no pipeline kept."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from spec.pipelines import CATALOG
from spec.test_folding import graphs

from treadle.spec import edits
from treadle.spec.borders import (
    INPUTS,
    OUTPUTS,
    border_components,
    bordered,
    goes_straight_through,
    is_border,
    through_border,
    unused_border_port,
)
from treadle.spec.file_format import read
from treadle.spec.interfaces import interface
from treadle.spec.pipeline import Edge, Endpoint, Pipeline

TEXT = """treadle: 1
name: part
inputs: {data: [clean.table, fit.table]}
outputs: {model: fit.model}
nodes:
  clean: {uses: data.clean}
  fit: {uses: train.fit, in: {table: clean.table, more: clean.table}}
view: {clean: [0, 0], fit: [280, 100]}
"""


def part() -> Pipeline:
    pipeline = read(TEXT).pipeline
    assert pipeline is not None
    return pipeline


def test_ports_are_drawn_as_nodes_at_the_sides() -> None:
    drawn = bordered(part())
    assert list(drawn.nodes) == [INPUTS, "clean", "fit", OUTPUTS]
    assert drawn.nodes["clean"].inputs == {"table": (Endpoint(INPUTS, "data"),)}
    assert drawn.nodes["fit"].inputs["table"] == (Endpoint("clean", "table"), Endpoint(INPUTS, "data"))
    assert drawn.nodes[OUTPUTS].inputs == {"model": (Endpoint("fit", "model"),)}
    assert (drawn.view[INPUTS], drawn.view[OUTPUTS]) == ((-280.0, 50.0), (560.0, 50.0))
    assert bordered(Pipeline()).view == {}


def test_what_the_border_does_not_touch_is_the_very_same() -> None:
    without = replace(part(), inputs={})
    assert all(bordered(without).nodes[name] is node for name, node in without.nodes.items())
    moved = through_border(part(), lambda drawn: edits.move(drawn, {"fit": (8.0, 8.0)}))
    assert moved.nodes == part().nodes
    assert moved.view == {"clean": (0, 0), "fit": (8, 8)}


@given(graphs())
def test_an_edit_that_does_nothing_changes_nothing(pipeline: Pipeline) -> None:
    """Also one that makes every node anew."""
    assert through_border(pipeline, lambda drawn: drawn) is pipeline
    copied = through_border(
        pipeline, lambda drawn: replace(drawn, nodes={id_: replace(node) for id_, node in drawn.nodes.items()})
    )
    there = {port: tuple(end for end in ends if end.node in pipeline.nodes) for port, ends in pipeline.inputs.items()}
    assert copied == replace(pipeline, inputs=there)


def test_an_edge_from_the_border_makes_an_input_and_its_last_end_takes_it() -> None:
    source, target = Endpoint(INPUTS, "rows"), Endpoint("clean", "rows")
    made = through_border(part(), lambda drawn: edits.connect(drawn, source, target))
    assert made.inputs == {**part().inputs, "rows": (target,)}
    assert made.nodes == part().nodes
    gone = through_border(made, lambda drawn: edits.disconnect(drawn, Edge(source, target)))
    assert gone == part()


def test_an_edge_to_the_border_makes_an_output_and_another_takes_its_place() -> None:
    table, port = Endpoint("clean", "table"), Endpoint(OUTPUTS, "table")
    made = through_border(part(), lambda drawn: edits.connect(drawn, table, port))
    assert made.outputs == {"model": Endpoint("fit", "model"), "table": table}
    again = through_border(made, lambda drawn: edits.connect(drawn, Endpoint("fit", "table"), port))
    assert again.outputs["table"] == Endpoint("fit", "table")


def test_an_edge_inside_takes_the_place_of_one_from_the_border() -> None:
    fed = through_border(
        part_with_load(), lambda drawn: edits.connect(drawn, Endpoint("load", "t"), Endpoint("clean", "table"))
    )
    assert fed.inputs == {"data": (Endpoint("fit", "table"),)}


def part_with_load() -> Pipeline:
    return edits.add_node(part(), "data.load", (0, 0), id="load")[0]


def test_a_node_takes_its_ends_with_it_and_a_new_name_brings_them_along() -> None:
    left = through_border(part(), lambda drawn: edits.remove_nodes(drawn, {"fit"}))
    assert (left.inputs, left.outputs) == ({"data": (Endpoint("clean", "table"),)}, {})
    named = through_border(part(), lambda drawn: edits.rename_node(drawn, "clean", "tidy"))
    assert set(named.inputs["data"]) == {Endpoint("tidy", "table"), Endpoint("fit", "table")}


def test_an_end_that_leads_nowhere_stays_as_it_was() -> None:
    """As in a file that somebody is still writing."""
    broken = replace(part(), inputs={"data": (Endpoint("gone", "x"), Endpoint("clean", "table"))})
    moved = through_border(broken, lambda drawn: edits.move(drawn, {"fit": (0, 0)}))
    assert moved.inputs == broken.inputs


def test_nothing_goes_straight_through() -> None:
    source, target = Endpoint(INPUTS, "data"), Endpoint(OUTPUTS, "data")
    assert goes_straight_through(source, target)
    assert not goes_straight_through(source, Endpoint("fit", "table"))
    assert through_border(part(), lambda drawn: edits.connect(drawn, source, target)) == part()
    assert through_border(part(), lambda drawn: edits.remove_nodes(drawn, {OUTPUTS})).outputs == {}


def test_a_new_port_has_a_name_of_its_own() -> None:
    assert unused_border_port(part(), INPUTS, "data") == "data_2"
    assert unused_border_port(part(), OUTPUTS, "data") == "data"
    assert is_border(OUTPUTS)
    assert not is_border("outputs")


def test_the_border_has_the_types_that_the_ports_have() -> None:
    inside = read(TEXT.replace("data.clean", "data.split").replace("table: clean", "x: clean")).pipeline
    assert inside is not None
    own = interface("", inside, CATALOG)
    made = border_components(own)
    assert [(port.name, port.type) for port in made[INPUTS].outputs] == [(port.name, port.type) for port in own.inputs]
    assert [(port.name, port.type) for port in made[OUTPUTS].inputs] == [(port.name, port.type) for port in own.outputs]
    assert made[INPUTS].inputs == made[OUTPUTS].outputs == ()
