"""Lifting: an edit of the pipeline inside a node is an edit of the whole. Undo, saving and validation see one document.

inside(p, ("prepare", "clean"), change)    `change` of the pipeline that the node `clean` of the node `prepare` holds
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from treadle.spec.edits import UnknownNode
from treadle.spec.pipeline import Endpoint, Node, Pipeline

__all__ = ["Change", "held", "inside"]

Change = Callable[[Pipeline], Pipeline]


def held(pipeline: Pipeline, path: tuple[str, ...]) -> Pipeline | None:
    """The pipeline that the node at `path` holds; `pipeline` itself for no path; None where there is none."""
    at: Pipeline | None = pipeline
    for name in path:
        node = None if at is None else at.nodes.get(name)
        at = None if node is None else node.pipeline
    return at


def inside(pipeline: Pipeline, path: tuple[str, ...], change: Change) -> Pipeline:
    """`pipeline` with `change` made to the pipeline at `path`; whatever that takes from its ports, or renames of them,
    its surroundings follow. Raises UnknownNode, and what `change` raises."""
    if not path:
        return change(pipeline)
    name, *rest = path
    node = pipeline.nodes.get(name)
    if node is None or node.pipeline is None:
        raise UnknownNode(name)
    after = inside(node.pipeline, tuple(rest), change)
    if after is node.pipeline:
        return pipeline
    return _following(pipeline, node, node.pipeline, after)


def _following(pipeline: Pipeline, node: Node, before: Pipeline, after: Pipeline) -> Pipeline:
    inputs = _renamed(before.inputs, after.inputs)
    outputs = _renamed(before.outputs, after.outputs)
    fed = {inputs.get(port, port): sources for port, sources in node.inputs.items() if inputs.get(port, port)}
    nodes = {**pipeline.nodes, node.id: replace(node, pipeline=after, inputs=fed)}
    whole = replace(pipeline, nodes=nodes)
    if not outputs:
        return whole

    def followed(source: Endpoint) -> Endpoint | None:
        if source.node != node.id or source.port not in outputs:
            return source
        port = outputs[source.port]
        return Endpoint(node.id, port) if port else None

    nodes = {each.id: _reading(each, followed) for each in nodes.values()}
    given = {port: end for port, source in pipeline.outputs.items() if (end := followed(source)) is not None}
    return replace(whole, nodes=nodes, outputs=given)


def _reading(node: Node, followed: Callable[[Endpoint], Endpoint | None]) -> Node:
    inputs = {
        port: tuple(end for source in sources if (end := followed(source)) is not None)
        for port, sources in node.inputs.items()
    }
    inputs = {port: sources for port, sources in inputs.items() if sources}
    return node if inputs == node.inputs else replace(node, inputs=inputs)


def _renamed(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, str]:
    """The new name of each port that went; empty where it went for good."""
    come = [name for name in after if name not in before]
    found: dict[str, str] = {}
    for old in before:
        if old not in after:
            found[old] = next((name for name in come if after[name] == before[old]), "")
            come = [name for name in come if name != found[old]]
    return found
