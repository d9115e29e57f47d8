"""Edges drawn and taken away, order, what a node cleans up after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from treadle.spec.edits.finding import find, with_node
from treadle.spec.pipeline import Edge, Endpoint, Pipeline

__all__ = ["connect", "disconnect", "set_after", "set_teardown_of"]


def connect(pipeline: Pipeline, source: Endpoint, target: Endpoint, *, many: bool = False) -> Pipeline:
    """With an edge from `source` to `target`. It takes the place of what fed the port, unless the port takes `many`.

    Raises UnknownNode. Whether the edge makes sense is `connecting.refusal`'s to say.
    """
    find(pipeline, source.node)
    node = find(pipeline, target.node)
    fed = node.inputs.get(target.port, ())
    sources = fed if source in fed and (many or len(fed) == 1) else (*fed, source) if many else (source,)
    return with_node(pipeline, replace(node, inputs={**node.inputs, target.port: sources}))


def disconnect(pipeline: Pipeline, edge: Edge) -> Pipeline:
    """Without `edge`. Raises UnknownNode where its consumer does not exist."""
    node = find(pipeline, edge.target.node)
    left = tuple(source for source in node.inputs.get(edge.target.port, ()) if source != edge.source)
    inputs = {**node.inputs, edge.target.port: left}
    return with_node(pipeline, replace(node, inputs={port: sources for port, sources in inputs.items() if sources}))


def set_after(pipeline: Pipeline, node: str, after: Iterable[str]) -> Pipeline:
    """`node` waits for exactly these by order alone. Raises UnknownNode."""
    return with_node(pipeline, replace(find(pipeline, node), after=_existing(pipeline, after)))


def set_teardown_of(pipeline: Pipeline, node: str, setups: Iterable[str]) -> Pipeline:
    """`node` cleans up after exactly these. Raises UnknownNode."""
    return with_node(pipeline, replace(find(pipeline, node), teardown_of=_existing(pipeline, setups)))


def _existing(pipeline: Pipeline, nodes: Iterable[str]) -> tuple[str, ...]:
    """`nodes`, each once. Raises UnknownNode."""
    return tuple(find(pipeline, node).id for node in dict.fromkeys(nodes))
