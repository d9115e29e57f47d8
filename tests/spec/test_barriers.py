"""What a node that is a pipeline waits for: data holds back only who reads it, order alone all that is inside."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from spec.test_folding import graphs

from treadle.spec.file_format import read
from treadle.spec.flattening import flatten
from treadle.spec.graph import ancestors
from treadle.spec.pipeline import Node, Pipeline

GROUP = """treadle: 1
nodes:
  slow: {uses: data.load, with: {path: x}}
  group:
    in: {data: slow.table}
    pipeline:
      inputs: {data: reads.data}
      nodes:
        reads: {uses: data.split}
        then: {uses: data.split, in: {data: reads.train}}
        alone: {uses: data.load, with: {path: y}}
"""


def waits(pipeline: Pipeline) -> set[str]:
    """Who inside the group waits for `slow`."""
    flat = flatten(pipeline)
    assert not flat.problems
    return {id_ for id_ in flat.pipeline.nodes if "slow" in ancestors(flat.pipeline, id_) and "/" in id_}


def test_data_into_a_group_holds_back_only_who_reads_it() -> None:
    pipeline = read(GROUP).pipeline
    assert pipeline is not None
    assert waits(pipeline) == {"group/reads", "group/then"}


def test_order_alone_holds_back_all_of_a_group() -> None:
    pipeline = read(
        GROUP.replace("    in: {data: slow.table}\n", "    in: {data: slow.table}\n    after: [slow]\n")
    ).pipeline
    assert pipeline is not None
    assert waits(pipeline) == {"group/reads", "group/then", "group/alone"}


@given(graphs())
def test_nothing_in_a_group_begins_before_what_the_group_comes_after(inside: Pipeline) -> None:
    """Whatever is in it, two levels down, but for what runs at the end of the run."""
    inner = Node("inner", "", pipeline=replace(inside, inputs={}))
    outer = Node("group", "", after=("slow",), pipeline=Pipeline(nodes={"inner": inner}))
    pipeline = Pipeline(nodes={"slow": Node("slow", "data.load"), "group": outer})
    at_end = {f"group/inner/{id_}" for id_, node in inside.nodes.items() if node.at_end is not None}
    assert waits(pipeline) >= {f"group/inner/{id_}" for id_ in inside.nodes} - at_end
