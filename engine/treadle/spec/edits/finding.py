"""The node that an edit is about, and the pipeline with it changed."""

from __future__ import annotations

from dataclasses import replace

from treadle.spec.pipeline import Node, Pipeline

__all__ = ["UnknownNode", "find", "with_node"]


class UnknownNode(LookupError):
    """The pipeline has no node of this id."""

    def __init__(self, node: str) -> None:
        super().__init__(f"the pipeline has no node {node!r}")
        self.node = node


def find(pipeline: Pipeline, node: str) -> Node:
    """Raises UnknownNode."""
    try:
        return pipeline.nodes[node]
    except KeyError:
        raise UnknownNode(node) from None


def with_node(pipeline: Pipeline, node: Node) -> Pipeline:
    """With `node` in the place of the one of its id; the very same pipeline where that changes nothing."""
    # repr tells 1 from 1.0 and true, which == does not.
    old = pipeline.nodes[node.id]
    if old == node and repr(old.params) == repr(node.params):
        return pipeline
    return replace(pipeline, nodes={**pipeline.nodes, node.id: node})
