"""Every change a person can make to a pipeline, as a function Pipeline → Pipeline.

An edit shares each Node it did not change by identity, never leaves an edge, an `after:` or a position behind for a
node that is gone, and gives the very same pipeline back where it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from treadle.spec.flow import AtEnd, Trigger
from treadle.spec.mapping import Map
from treadle.spec.own_ports import keeping_ends, unused_name, with_names
from treadle.spec.pipeline import SUFFIX, Edge, Endpoint, Node, Pipeline, PipelineParameter, Point, Policy
from treadle.spec.resources import Concurrency, Resources
from treadle.spec.values import Reference, Value, references

__all__ = [
    "NameTaken", "UnknownNode", "add_node", "connect", "copy_nodes", "disconnect", "move", "paste", "remove_nodes",
    "remove_pipeline_param", "rename_node", "rename_nodes", "set_after", "set_at_end", "set_concurrency",
    "set_default_resources",
    "set_defaults", "set_help", "set_name", "set_note", "set_param", "set_pipeline_param", "set_policy", "set_pools",
    "set_resources", "set_teardown_of", "set_timeout", "set_title", "set_trigger", "unset_param", "unused_id",
]  # fmt: skip

_NO_NAME: Final = re.compile(r"\W+|^[^A-Za-z]+")
_NUMBER_SUFFIX: Final = re.compile(r"_\d+\Z")


class UnknownNode(LookupError):
    """The pipeline has no node of this id."""

    def __init__(self, node: str) -> None:
        super().__init__(f"the pipeline has no node {node!r}")
        self.node = node


class NameTaken(ValueError):
    """Another node bears this id."""

    def __init__(self, node: str) -> None:
        super().__init__(f"another node is called {node!r}")
        self.node = node


# Nodes


def unused_id(pipeline: Pipeline, wanted: str) -> str:
    """`wanted`, or the first of `wanted_2`, `wanted_3` … that no node bears."""
    return unused_name(wanted, pipeline.nodes)


def add_node(pipeline: Pipeline, uses: str, position: Point, *, id: str | None = None) -> tuple[Pipeline, str]:  # noqa: A002
    """The pipeline with one more node at its end, and the node's id: made from the component's name where not given."""
    node = unused_id(pipeline, id or _name_of(uses) or "node")
    nodes = {**pipeline.nodes, node: Node(node, uses)}
    return replace(pipeline, nodes=nodes, view={**pipeline.view, node: position}), node


def _name_of(uses: str) -> str:
    if uses.endswith(SUFFIX):
        return _NO_NAME.sub("_", uses.rpartition("/")[2].removesuffix(SUFFIX)).strip("_")
    return uses.rpartition(".")[2]


def remove_nodes(pipeline: Pipeline, ids: Iterable[str]) -> Pipeline:
    """Without these nodes, and without what led from them."""
    gone = frozenset(ids)
    if not gone & (pipeline.nodes.keys() | pipeline.view.keys()):
        return pipeline
    nodes = {name: _forgetting(node, gone) for name, node in pipeline.nodes.items() if name not in gone}
    left = replace(pipeline, nodes=nodes, view={name: at for name, at in pipeline.view.items() if name not in gone})
    return keeping_ends(left, lambda name: name not in gone)


def _forgetting(node: Node, gone: frozenset[str]) -> Node:
    return _keeping(node, lambda other: other not in gone)


def _keeping(node: Node, keeps: Callable[[str], bool]) -> Node:
    """`node` without what leads to it from nodes that `keeps` is false of."""
    if all(map(keeps, node.waits_for())):
        return node
    inputs = {
        port: kept
        for port, sources in node.inputs.items()
        if (kept := tuple(source for source in sources if keeps(source.node)))
    }
    after, teardown_of = tuple(filter(keeps, node.after)), tuple(filter(keeps, node.teardown_of))
    over = None if node.map is not None and node.map.rows and not keeps(node.map.rows.node) else node.map
    return replace(node, inputs=inputs, after=after, teardown_of=teardown_of, map=over)


def rename_node(pipeline: Pipeline, old: str, new: str) -> Pipeline:
    """`old` called `new`, in every edge, `after:` and position too. Raises UnknownNode, NameTaken."""
    _node(pipeline, old)
    if new == old:
        return pipeline
    if new in pipeline.nodes:
        raise NameTaken(new)
    return rename_nodes(
        replace(pipeline, view={name: at for name, at in pipeline.view.items() if name != new}), {old: new}
    )


def rename_nodes(pipeline: Pipeline, names: Mapping[str, str]) -> Pipeline:
    """Each node of `names` called as it says, which no other is."""
    renamed = replace(
        pipeline,
        nodes={names.get(name, name): _renamed(node, names) for name, node in pipeline.nodes.items()},
        view={names.get(name, name): at for name, at in pipeline.view.items()},
    )
    return with_names(renamed, names)


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    """`node` with each id in `names` replaced, its own included; the same object where none occurs."""
    if names.keys().isdisjoint({node.id, *node.waits_for()}):
        return node
    inputs = {
        port: tuple(Endpoint(names.get(source.node, source.node), source.port) for source in sources)
        for port, sources in node.inputs.items()
    }
    after = tuple(names.get(other, other) for other in node.after)
    teardown_of = tuple(names.get(other, other) for other in node.teardown_of)
    over = node.map
    if over is not None and over.rows is not None:
        over = replace(over, rows=Endpoint(names.get(over.rows.node, over.rows.node), over.rows.port))
    id_ = names.get(node.id, node.id)
    return replace(node, id=id_, inputs=inputs, after=after, teardown_of=teardown_of, map=over)


def move(pipeline: Pipeline, positions: Mapping[str, Point]) -> Pipeline:
    """With these nodes elsewhere; ids the pipeline does not have are passed over."""
    moved = {name: at for name, at in positions.items() if name in pipeline.nodes and pipeline.view.get(name) != at}
    return replace(pipeline, view={**pipeline.view, **moved}) if moved else pipeline


# Edges


def connect(pipeline: Pipeline, source: Endpoint, target: Endpoint, *, many: bool = False) -> Pipeline:
    """With an edge from `source` to `target`. It takes the place of what fed the port, unless the port takes `many`.

    Raises UnknownNode. Whether the edge makes sense is `connecting.refusal`'s to say.
    """
    _node(pipeline, source.node)
    node = _node(pipeline, target.node)
    fed = node.inputs.get(target.port, ())
    sources = fed if source in fed and (many or len(fed) == 1) else (*fed, source) if many else (source,)
    return _with_node(pipeline, replace(node, inputs={**node.inputs, target.port: sources}))


def disconnect(pipeline: Pipeline, edge: Edge) -> Pipeline:
    """Without `edge`. Raises UnknownNode where its consumer does not exist."""
    node = _node(pipeline, edge.target.node)
    left = tuple(source for source in node.inputs.get(edge.target.port, ()) if source != edge.source)
    inputs = {**node.inputs, edge.target.port: left}
    return _with_node(pipeline, replace(node, inputs={port: sources for port, sources in inputs.items() if sources}))


def set_after(pipeline: Pipeline, node: str, after: Iterable[str]) -> Pipeline:
    """`node` waits for exactly these by order alone. Raises UnknownNode."""
    return _with_node(pipeline, replace(_node(pipeline, node), after=_existing(pipeline, after)))


def set_teardown_of(pipeline: Pipeline, node: str, setups: Iterable[str]) -> Pipeline:
    """`node` cleans up after exactly these. Raises UnknownNode."""
    return _with_node(pipeline, replace(_node(pipeline, node), teardown_of=_existing(pipeline, setups)))


def _existing(pipeline: Pipeline, nodes: Iterable[str]) -> tuple[str, ...]:
    """`nodes`, each once. Raises UnknownNode."""
    return tuple(_node(pipeline, node).id for node in dict.fromkeys(nodes))


# What a node says


def set_param(pipeline: Pipeline, node: str, name: str, value: Value) -> Pipeline:
    """Raises UnknownNode, as all of these do."""
    found = _node(pipeline, node)
    return _with_node(pipeline, replace(found, params={**found.params, name: value}))


def unset_param(pipeline: Pipeline, node: str, name: str) -> Pipeline:
    """Back to the component's default."""
    found = _node(pipeline, node)
    return _with_node(pipeline, replace(found, params={key: v for key, v in found.params.items() if key != name}))


def set_title(pipeline: Pipeline, node: str, title: str | None) -> Pipeline:
    return _with_node(pipeline, replace(_node(pipeline, node), title=title or None))


def set_note(pipeline: Pipeline, node: str, note: str | None) -> Pipeline:
    return _with_node(pipeline, replace(_node(pipeline, node), note=note or None))


def set_policy(pipeline: Pipeline, node: str, policy: Policy) -> Pipeline:
    return _with_node(pipeline, replace(_node(pipeline, node), policy=policy))


def set_trigger(pipeline: Pipeline, node: str, trigger: Trigger | None) -> Pipeline:
    return _with_node(pipeline, replace(_node(pipeline, node), trigger=trigger))


def set_at_end(pipeline: Pipeline, node: str, at_end: AtEnd | None) -> Pipeline:
    return _with_node(pipeline, replace(_node(pipeline, node), at_end=at_end))


def set_map(pipeline: Pipeline, node: str, over: Map | None) -> Pipeline:
    """`node` runs once for each item of that, or once."""
    return _with_node(pipeline, replace(_node(pipeline, node), map=over))


def set_resources(pipeline: Pipeline, node: str, resources: Resources) -> Pipeline:
    return _with_node(pipeline, replace(_node(pipeline, node), resources=resources))


# What the pipeline says


def set_name(pipeline: Pipeline, name: str) -> Pipeline:
    return replace(pipeline, name=name)


def set_help(pipeline: Pipeline, text: str) -> Pipeline:
    return replace(pipeline, help=text)


def set_timeout(pipeline: Pipeline, timeout: float | None) -> Pipeline:
    """`timeout` in seconds, of a whole run."""
    return replace(pipeline, timeout=timeout)


def set_default_resources(pipeline: Pipeline, resources: Resources) -> Pipeline:
    return replace(pipeline, resources=resources)


def set_pools(pipeline: Pipeline, pools: Mapping[str, int]) -> Pipeline:
    """`pools` are slots by pool, all that the pipeline says."""
    return replace(pipeline, pools=pools)


def set_concurrency(pipeline: Pipeline, concurrency: Concurrency) -> Pipeline:
    return replace(pipeline, concurrency=concurrency)


def set_defaults(pipeline: Pipeline, defaults: Policy) -> Pipeline:
    return replace(pipeline, defaults=defaults)


def set_pipeline_param(pipeline: Pipeline, parameter: PipelineParameter) -> Pipeline:
    """With this parameter declared, in the place of one of the same name."""
    return replace(pipeline, params={**pipeline.params, parameter.name: parameter})


def remove_pipeline_param(pipeline: Pipeline, name: str) -> Pipeline:
    """Without the parameter; nodes that refer to it keep saying so, and validation names them."""
    return replace(pipeline, params={key: value for key, value in pipeline.params.items() if key != name})


# Copy and paste


def copy_nodes(pipeline: Pipeline, ids: Iterable[str]) -> Pipeline:
    """A fragment: these nodes with their positions, what leads to them, and the pipeline parameters they refer to."""
    wanted = frozenset(ids)
    nodes = {name: node for name, node in pipeline.nodes.items() if name in wanted}
    used = {
        reference.name
        for node in nodes.values()
        for value in node.params.values()
        for reference in references(value)
        if isinstance(reference, Reference) and reference.scope == "params"
    }
    return Pipeline(
        name=pipeline.name,
        params={name: parameter for name, parameter in pipeline.params.items() if name in used},
        nodes=nodes,
        view={name: at for name, at in pipeline.view.items() if name in nodes},
    )


def paste(pipeline: Pipeline, fragment: Pipeline, offset: Point) -> tuple[Pipeline, frozenset[str]]:
    """With the fragment's nodes under unused ids, moved by `offset`, and those ids.

    Edges inside the fragment lead to the copies. An edge from outside it is kept where this pipeline has a node of
    that id (so a duplicate reads what its original reads), else dropped.
    """
    names: dict[str, str] = {}
    nodes = dict(pipeline.nodes)
    for name in fragment.nodes:
        wanted = name if name not in nodes else _NUMBER_SUFFIX.sub("", name) or name
        names[name] = unused_id(replace(pipeline, nodes=nodes), wanted)
        nodes[names[name]] = fragment.nodes[name]
    known = pipeline.nodes.keys() | fragment.nodes.keys()
    for name, node in fragment.nodes.items():
        nodes[names[name]] = _renamed(_keeping(node, known.__contains__), names)
    positions = {names[n]: (x + offset[0], y + offset[1]) for n, (x, y) in fragment.view.items() if n in names}
    pasted = replace(
        pipeline,
        params={**fragment.params, **pipeline.params},
        nodes=nodes,
        view={**pipeline.view, **positions},
    )
    return pasted, frozenset(names.values())


def _node(pipeline: Pipeline, node: str) -> Node:
    try:
        return pipeline.nodes[node]
    except KeyError:
        raise UnknownNode(node) from None


def _with_node(pipeline: Pipeline, node: Node) -> Pipeline:
    # repr tells 1 from 1.0 and true, which == does not.
    old = pipeline.nodes[node.id]
    if old == node and repr(old.params) == repr(node.params):
        return pipeline
    return replace(pipeline, nodes={**pipeline.nodes, node.id: node})
