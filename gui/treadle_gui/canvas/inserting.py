"""Putting a node into an edge: which of its ports take the edge's two halves. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from treadle.spec import edits
from treadle.spec.component import Component
from treadle.spec.connecting import mismatch
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Edge, Endpoint, Pipeline

__all__ = ["insertion", "splice"]


def insertion(
    pipeline: Pipeline, components: Mapping[str, Component], edge: Edge, inserted: Component, node: str
) -> tuple[Endpoint, Endpoint] | None:
    """The first input that takes what the edge carries and the first output that its end takes; None if none fit.

    `node` is the id that the inserted node has or will have.
    """
    feeder = component_of(pipeline.nodes[edge.source.node], components)
    eater = component_of(pipeline.nodes[edge.target.node], components)
    if feeder is None or eater is None or node in (edge.source.node, edge.target.node):
        return None
    inputs = (Endpoint(node, port.name) for port in inserted.inputs)
    outputs = (Endpoint(node, port.name) for port in inserted.outputs)
    entry = next((end for end in inputs if mismatch(feeder, inserted, edge.source, end) is None), None)
    leave = next((end for end in outputs if mismatch(inserted, eater, end, edge.target) is None), None)
    return (entry, leave) if entry and leave else None


def splice(edge: Edge, entry: Endpoint, leave: Endpoint, many: bool) -> Callable[[Pipeline], Pipeline]:
    """The edit that leads `edge` through a node, in at `entry` and out at `leave`."""

    def change(pipeline: Pipeline) -> Pipeline:
        parted = edits.disconnect(pipeline, edge)
        entered = edits.connect(parted, edge.source, entry)
        return edits.connect(entered, leave, edge.target, many=many)

    return change
