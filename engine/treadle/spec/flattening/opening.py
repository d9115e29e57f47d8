"""flatten: level by level, each node in the words of the flat pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from treadle.spec.component import Component
from treadle.spec.flattening.ends import Ends
from treadle.spec.flattening.flat import MOST_NODES, Flat, Refusals
from treadle.spec.flattening.level import Level, Sources
from treadle.spec.flattening.words import Words
from treadle.spec.graph import predecessors
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Node, Pipeline, Policy
from treadle.spec.subpipelines import DEEPEST, NO_FILES, PipelineFiles, inner
from treadle.spec.values import Value

__all__ = ["ComponentOf", "flatten", "members", "opened"]

ComponentOf = Callable[[str], Component | None]


def flatten(
    pipeline: Pipeline, files: PipelineFiles = NO_FILES, component_of: ComponentOf = lambda _uses: None
) -> Flat:
    """The same work without sub-pipelines; `pipeline` itself where it has none.

    `component_of` tells the kind of what a node uses: one that waits inherits no retries and no timeout.
    """
    if not any(node.is_pipeline for node in pipeline.nodes.values()):
        return Flat(pipeline)
    flattening = _Flattening(pipeline, files, component_of)
    for node in flattening.level(Level(pipeline)):
        flattening.nodes[node.id] = node
        if len(flattening.nodes) > MOST_NODES:
            flattening.problems.refuse(
                "too-many-nodes", f"these pipelines make more than {MOST_NODES:,} nodes", node.id
            )
            break
    view = {name: at for name, at in pipeline.view.items() if name in flattening.nodes}
    return flattening.flat(replace(pipeline, nodes=flattening.nodes, view=view))


def opened(pipeline: Pipeline, name: str, files: PipelineFiles, component_of: ComponentOf) -> Flat:
    """As `flatten`, of the one node `name`, one level down: pipelines around and inside it stay nodes."""
    flattening = _Flattening(pipeline, files, component_of, only=name)
    nodes = {node.id: node for node in flattening.level(Level(pipeline))}
    return flattening.flat(replace(pipeline, nodes=nodes))


def members(pipeline: Pipeline, written: str) -> tuple[str, ...]:
    """The nodes of a flat pipeline that `written` names: one, or all inside a sub-pipeline."""
    if written in pipeline.nodes:
        return (written,)
    return tuple(name for name in pipeline.nodes if name.startswith(f"{written}/"))


class _Flattening:
    def __init__(
        self, whole: Pipeline, files: PipelineFiles, component_of: ComponentOf, only: str | None = None
    ) -> None:
        """`only` is the one node to open; None for all."""
        self.nodes: dict[str, Node] = {}
        self.problems = Refusals()
        self._whole = whole
        self._pools = dict(whole.pools)
        self._ends = Ends(files, only)
        self._words = Words(self.problems)
        self._files = files
        self._component_of = component_of
        self._openings = 0

    def flat(self, pipeline: Pipeline) -> Flat:
        """`pipeline`, whose nodes are flat, with the pools, inputs and outputs that go with them."""
        inputs, outputs = self._ends.inputs(self._whole), self._ends.outputs(self._whole)
        flat = replace(pipeline, pools=self._pools, inputs=inputs, outputs=outputs)
        return Flat(flat, tuple(self._words.given), tuple(self.problems))

    def level(self, level: Level) -> Iterator[Node]:
        """The flat nodes of a pipeline."""
        before = predecessors(level.pipeline)
        for node in level.pipeline.nodes.values():
            bound = self._bound(level, node, is_first=not before[node.id])
            if self._ends.stays(level.prefix, node):
                yield self._staying(level, node, bound)
                continue
            within = self._opened(level, node)
            if within is not None:
                yield from self.level(self._inside(level, node, bound, within))

    def _opened(self, level: Level, node: Node) -> Pipeline | None:
        id_ = f"{level.prefix}{node.id}"
        if node.pipeline is None and node.uses in level.chain:
            way = " → ".join([*level.chain[level.chain.index(node.uses) :], node.uses])
            self.problems.refuse("pipeline-cycle", f"{id_}: pipelines that use each other never end: {way}", id_)
            return None
        self._openings += 1
        if self._openings > MOST_NODES:  # without nodes of their own they would go on for ever
            if self._openings == MOST_NODES + 1:
                self.problems.refuse("too-many-nodes", f"there are more than {MOST_NODES:,} pipelines inside", id_)
            return None
        if level.depth >= DEEPEST:
            self.problems.refuse("too-deep", f"{id_} is a pipeline more than {DEEPEST} levels deep", id_)
            return None
        within = inner(node, self._files)
        if within is None:
            what = "has errors" if node.uses in self._files else "is not there"
            self.problems.refuse("missing-pipeline", f"{id_} is the pipeline {node.uses}, which {what}", id_)
        return within

    def _staying(self, level: Level, node: Node, bound: Node) -> Node:
        """A pipeline that stays keeps what it inherits as defaults of its own: its nodes still come before those."""
        within = inner(node, self._files)
        if within is None:
            return replace(bound, policy=self._policy(level, node, bound))
        defaults, resources = within.defaults.over(level.policy), within.resources.layered_over(level.resources)
        inside = replace(within, defaults=defaults, resources=resources)
        return replace(bound, policy=node.policy, resources=node.resources, pipeline=inside)

    # A node, in the words of the flat pipeline

    def _bound(self, level: Level, node: Node, *, is_first: bool) -> Node:
        inputs = {port: self._ends.sources(level, sources) for port, sources in node.inputs.items()}
        for port, sources in level.fed.get(node.id, {}).items():
            inputs[port] = (*inputs.get(port, ()), *sources)
        params: dict[str, Value] = {}
        for name, value in node.params.items():
            fed = self._words.edge(level, value)
            if fed is None:
                params[name] = self._words.value(level, node.id, name, value)
            else:
                inputs[name] = (*inputs.get(name, ()), *fed)
        order = [last for other in node.after for last in self._ends.last(level, other)]
        return replace(
            node,
            id=f"{level.prefix}{node.id}",
            inputs=inputs,
            params=params,
            after=tuple(dict.fromkeys([*order, *(level.after if is_first else ())])),
            teardown_of=tuple(f"{level.prefix}{other}" for other in node.teardown_of),
            map=self._map(level, node),
            at_end=node.at_end or level.at_end,
            policy=self._words.policy(level, node.id, node.policy),
            resources=node.resources.layered_over(level.resources),
        )

    def _map(self, level: Level, node: Node) -> Map | None:
        if node.map is None or node.map.rows is None:
            return node.map
        rows = self._ends.source(level.pipeline, level.prefix, node.map.rows)
        return replace(node.map, rows=rows or node.map.rows)

    def _policy(self, level: Level, node: Node, bound: Node) -> Policy:
        component = self._component_of(node.uses)
        waits = component is not None and component.kind.waits
        return bound.policy.over(level.policy.of_waiting() if waits else level.policy)

    # One level down

    def _inside(self, level: Level, node: Node, bound: Node, within: Pipeline) -> Level:
        fed: dict[str, dict[str, Sources]] = {}
        for port, ends in within.inputs.items():
            for end in ends if bound.inputs.get(port) else ():
                ports = fed.setdefault(end.node, {})
                ports[end.port] = (*ports.get(end.port, ()), *bound.inputs[port])
        edges = {name: sources for name, sources in bound.inputs.items() if name in within.params and sources}
        inside = Level(
            within,
            prefix=f"{bound.id}/",
            chain=level.chain if node.pipeline is not None else (*level.chain, node.uses),
            fed=fed,
            values=self._words.parameters(bound, within, edges),
            edges=edges,
            after=bound.after,
            at_end=bound.at_end,
            resources=node.resources.layered_over(within.resources).layered_over(level.resources),
        )
        for pool, size in within.pools.items():
            self._pools.setdefault(pool, size)
        defaults = self._words.policy(inside, "defaults", within.defaults)
        return replace(inside, policy=bound.policy.over(defaults).over(level.policy))
