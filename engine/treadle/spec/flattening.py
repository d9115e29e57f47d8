"""Flattening: a pipeline of pipelines becomes one plain pipeline, whose nodes bear the way to them as their ids.

    prep: {uses: prepare.treadle.yaml,          prep/clean: {in: {rows: load.table}}
           in: {data: load.table},       ──►    prep/split: {in: {data: prep/clean.table}, with: {share: 0.3}}
           with: {share: 0.3}}                  fit:        {in: {train: prep/split.train}}
    fit: {in: {train: prep.train}}

`$params.share` inside means the sub-pipeline's own parameter: what the node's `with:` says in the words of the
pipeline around it, else what feeds the node's input of that name, else the default. `after:` a pipeline waits for the
last of its nodes, `after:` of one holds for the first of them. What a node inside leaves open about how it is tried and
what it needs, the node that is the pipeline says, then the pipeline's own `defaults:`, and so on outwards. A pool's
size is the outermost's. Limits of a whole run (`timeout:`, `concurrency:`) count only where it is of that pipeline.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from treadle.spec.component import Component
from treadle.spec.flow import AtEnd
from treadle.spec.graph import predecessors
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Endpoint, Node, Pipeline, PipelineParameter, Policy
from treadle.spec.problems import Problem, Where
from treadle.spec.resources import Resources
from treadle.spec.subpipelines import DEEPEST, NO_FILES, PipelineFiles, inner
from treadle.spec.values import Value, literal, parameters_in, with_parameters

__all__ = ["MOST_NODES", "Flat", "Given", "flatten", "members", "opened"]

MOST_NODES: Final = 100_000
"""Pipelines that use each other many times over would grow without bound."""

ComponentOf = Callable[[str], Component | None]
Sources = tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a sub-pipeline's parameter is given, in the words of the outermost pipeline."""

    node: str
    parameter: PipelineParameter
    value: Value


@dataclass(frozen=True, slots=True)
class Flat:
    """`pipeline` has no pipelines inside. `given` has to fit once references are rendered. With `problems` of nodes
    that could not be opened, those are missing from it."""

    pipeline: Pipeline
    given: tuple[Given, ...] = ()
    problems: tuple[Problem, ...] = ()


def flatten(
    pipeline: Pipeline, files: PipelineFiles = NO_FILES, component_of: ComponentOf = lambda _uses: None
) -> Flat:
    """The same work without sub-pipelines; `pipeline` itself where it has none.

    `component_of` tells the kind of what a node uses: one that waits inherits no retries and no timeout.
    """
    if not any(node.is_pipeline for node in pipeline.nodes.values()):
        return Flat(pipeline)
    flattening = _Flattening(pipeline.pools, files, component_of)
    for node in flattening.level(_Level(pipeline)):
        flattening.nodes[node.id] = node
        if len(flattening.nodes) > MOST_NODES:
            flattening.refuse("too-many-nodes", f"these pipelines make more than {MOST_NODES:,} nodes", node.id)
            break
    nodes = flattening.nodes
    view = {name: at for name, at in pipeline.view.items() if name in nodes}
    flat = replace(
        pipeline,
        nodes=nodes,
        view=view,
        pools=flattening.pools,
        inputs={port: tuple(flattening.ends(pipeline, "", ends)) for port, ends in pipeline.inputs.items()},
        outputs=flattening.outputs(pipeline),
    )
    return Flat(flat, tuple(flattening.given), tuple(flattening.problems))


def opened(pipeline: Pipeline, name: str, files: PipelineFiles, component_of: ComponentOf) -> Flat:
    """As `flatten`, of the one node `name`, one level down: pipelines around and inside it stay nodes."""
    flattening = _Flattening(pipeline.pools, files, component_of, only=name)
    nodes = {node.id: node for node in flattening.level(_Level(pipeline))}
    inputs = {port: tuple(flattening.ends(pipeline, "", ends)) for port, ends in pipeline.inputs.items()}
    outputs = flattening.outputs(pipeline)
    flat = replace(pipeline, nodes=nodes, pools=flattening.pools, inputs=inputs, outputs=outputs)
    return Flat(flat, tuple(flattening.given), tuple(flattening.problems))


def members(pipeline: Pipeline, written: str) -> tuple[str, ...]:
    """The nodes of a flat pipeline that `written` names: one, or all inside a sub-pipeline."""
    if written in pipeline.nodes:
        return (written,)
    return tuple(name for name in pipeline.nodes if name.startswith(f"{written}/"))


@dataclass(frozen=True, slots=True)
class _Level:
    """A pipeline at the place where it is used. Everything in it but `pipeline` is in the words of the flat one."""

    pipeline: Pipeline
    prefix: str = ""
    chain: tuple[str, ...] = ()
    """The files that it stands in."""
    fed: Mapping[str, Mapping[str, Sources]] = field(default_factory=dict)
    """What comes from outside, by the inner node and input it feeds."""
    values: Mapping[str, Value] | None = None
    """Its parameters; None for the outermost, whose own are known when it runs."""
    edges: Mapping[str, Sources] = field(default_factory=dict)
    """Its parameters that are fed."""
    after: tuple[str, ...] = ()
    at_end: AtEnd | None = None
    policy: Policy = Policy()
    resources: Resources = Resources()

    @property
    def depth(self) -> int:
        return self.prefix.count("/")


class _Flattening:
    def __init__(
        self, pools: Mapping[str, int], files: PipelineFiles, component_of: ComponentOf, only: str | None = None
    ) -> None:
        """`only` is the one node to open; None for all."""
        self.nodes: dict[str, Node] = {}
        self.pools = dict(pools)
        self.given: list[Given] = []
        self.problems: list[Problem] = []
        self._files = files
        self._component_of = component_of
        self._only = only
        self._openings = 0
        self._walked = 0
        self._lasts: dict[str, tuple[str, ...]] = {}

    def _inner(self, prefix: str, node: Node | None) -> Pipeline | None:
        """The pipeline that stands for `node`, where it is to be opened."""
        return None if node is None or self._stays(prefix, node) else inner(node, self._files)

    def _stays(self, prefix: str, node: Node) -> bool:
        """A mapped one is opened for each item, when those are known."""
        if not node.is_pipeline or node.map is not None:
            return True
        return self._only is not None and f"{prefix}{node.id}" != self._only

    def refuse(self, code: str, message: str, node: str, hint: str = "", parameter: str | None = None) -> None:
        self.problems.append(Problem(code, message, Where(node=node, parameter=parameter), hint))

    def level(self, level: _Level) -> Iterator[Node]:
        """The flat nodes of a pipeline."""
        before = predecessors(level.pipeline)
        for node in level.pipeline.nodes.values():
            bound = self._bound(level, node, is_first=not before[node.id])
            if self._stays(level.prefix, node):
                yield self._staying(level, node, bound)
                continue
            within = self._opened(level, node)
            if within is not None:
                yield from self.level(self._inside(level, node, bound, within))

    def _opened(self, level: _Level, node: Node) -> Pipeline | None:
        id_ = f"{level.prefix}{node.id}"
        if node.pipeline is None and node.uses in level.chain:
            way = " → ".join([*level.chain[level.chain.index(node.uses) :], node.uses])
            self.refuse("pipeline-cycle", f"{id_}: pipelines that use each other never end: {way}", id_)
            return None
        self._openings += 1
        if self._openings > MOST_NODES:  # without nodes of their own they would go on for ever
            if self._openings == MOST_NODES + 1:
                self.refuse("too-many-nodes", f"there are more than {MOST_NODES:,} pipelines inside", id_)
            return None
        if level.depth >= DEEPEST:
            self.refuse("too-deep", f"{id_} is a pipeline more than {DEEPEST} levels deep", id_)
            return None
        within = inner(node, self._files)
        if within is None:
            what = "has errors" if node.uses in self._files else "is not there"
            self.refuse("missing-pipeline", f"{id_} is the pipeline {node.uses}, which {what}", id_)
        return within

    def _staying(self, level: _Level, node: Node, bound: Node) -> Node:
        """A pipeline that stays keeps what it inherits as defaults of its own: its nodes still come before those."""
        within = inner(node, self._files)
        if within is None:
            return replace(bound, policy=self._policy(level, node, bound))
        defaults, resources = within.defaults.over(level.policy), within.resources.layered_over(level.resources)
        inside = replace(within, defaults=defaults, resources=resources)
        return replace(bound, policy=node.policy, resources=node.resources, pipeline=inside)

    # A node, in the words of the flat pipeline

    def _bound(self, level: _Level, node: Node, *, is_first: bool) -> Node:
        inputs = {port: self._sources(level, sources) for port, sources in node.inputs.items()}
        for port, sources in level.fed.get(node.id, {}).items():
            inputs[port] = (*inputs.get(port, ()), *sources)
        params: dict[str, Value] = {}
        for name, value in node.params.items():
            fed = self._edge(level, value)
            if fed is None:
                params[name] = self._worded(level, node.id, name, value)
            else:
                inputs[name] = (*inputs.get(name, ()), *fed)
        order = [last for other in node.after for last in self._last(level, other)]
        return replace(
            node,
            id=f"{level.prefix}{node.id}",
            inputs=inputs,
            params=params,
            after=tuple(dict.fromkeys([*order, *(level.after if is_first else ())])),
            teardown_of=tuple(f"{level.prefix}{other}" for other in node.teardown_of),
            map=self._map(level, node),
            at_end=node.at_end or level.at_end,
            policy=self._with_words(level, node.id, node.policy),
            resources=node.resources.layered_over(level.resources),
        )

    def _map(self, level: _Level, node: Node) -> Map | None:
        if node.map is None or node.map.rows is None:
            return node.map
        rows = self.source(level.pipeline, level.prefix, node.map.rows)
        return replace(node.map, rows=rows or node.map.rows)

    def _policy(self, level: _Level, node: Node, bound: Node) -> Policy:
        component = self._component_of(node.uses)
        waits = component is not None and component.kind.waits
        every = level.policy
        return bound.policy.over(Policy(environment=every.environment, priority=every.priority) if waits else every)

    def _with_words(self, level: _Level, owner: str, policy: Policy) -> Policy:
        variables = policy.environment.variables
        if level.values is None or not variables:
            return policy
        worded = {name: _text(self._worded(level, owner, name, value)) for name, value in variables.items()}
        return replace(policy, environment=replace(policy.environment, variables=worded))

    def _edge(self, level: _Level, value: Value) -> Sources | None:
        """What feeds a value that is nothing but a parameter which an edge feeds."""
        if not level.edges or not isinstance(value, str):
            return None
        return next((level.edges[each.name] for each in parameters_in(value) if each.name in level.edges), None)

    def _worded(self, level: _Level, owner: str, name: str, value: Value) -> Value:
        """`value` with this level's parameters replaced by what they are given."""
        if level.values is None:
            return value
        for reference in parameters_in(value):
            id_ = f"{level.prefix}{owner}"
            if reference.name in level.edges:
                message = f"{id_}.{name} has {reference} inside another value, but an output feeds it"
                self.refuse("bad-reference", message, id_, "make it the whole value", name)
            elif reference.name not in level.values:
                message = f"{id_}.{name} refers to {reference}, but its pipeline has no such parameter"
                self.refuse("bad-reference", message, id_, f"declare {reference.name} under params:", name)
        return with_parameters(value, level.values)

    # What feeds what

    def _sources(self, level: _Level, sources: Sources) -> Sources:
        return tuple(found for source in sources if (found := self.source(level.pipeline, level.prefix, source)))

    def source(self, pipeline: Pipeline, prefix: str, source: Endpoint) -> Endpoint | None:
        """The output of a plain node that `source` stands for; None where a pipeline has no such output."""
        at: Endpoint | None = source
        while at is not None:
            within = self._inner(prefix, pipeline.nodes.get(at.node))
            if within is None or prefix.count("/") > DEEPEST:
                return Endpoint(f"{prefix}{at.node}", at.port)
            prefix, pipeline, at = f"{prefix}{at.node}/", within, within.outputs.get(at.port)
        return None

    def outputs(self, pipeline: Pipeline) -> dict[str, Endpoint]:
        """What the pipeline gives, from the nodes that make it."""
        found = {port: self.source(pipeline, "", source) for port, source in pipeline.outputs.items()}
        return {port: end for port, end in found.items() if end is not None}

    def ends(self, pipeline: Pipeline, prefix: str, ends: Sources) -> Iterator[Endpoint]:
        """The inputs of plain nodes that stand for `ends`."""
        for end in ends:
            within = self._inner(prefix, pipeline.nodes.get(end.node))
            if within is None or self._is_endless(prefix):
                yield Endpoint(f"{prefix}{end.node}", end.port)
            else:
                yield from self.ends(within, f"{prefix}{end.node}/", within.inputs.get(end.port, ()))

    def _is_endless(self, prefix: str) -> bool:
        """Whether pipelines have been looked into so deep or so often that they must use each other many times over."""
        self._walked += 1
        return self._walked > MOST_NODES or prefix.count("/") > DEEPEST

    def _last(self, level: _Level, name: str) -> tuple[str, ...]:
        """Whom one waits for that comes after `name`."""
        id_ = f"{level.prefix}{name}"
        if id_ not in self._lasts:
            self._lasts[id_] = tuple(self._leaves(level.pipeline, level.prefix, name))
        return self._lasts[id_]

    def _leaves(self, pipeline: Pipeline, prefix: str, name: str) -> Iterator[str]:
        within = self._inner(prefix, pipeline.nodes.get(name))
        if within is None or self._is_endless(prefix):
            yield f"{prefix}{name}"
            return
        # As Airflow has it of a group: what cleans up or tells is not waited for.
        working = {each.id for each in within.nodes.values() if not each.teardown_of and each.at_end is None}
        waited_for = {other for each in working for other in within.upstream(each)}
        for each in within.nodes:
            if each in working and each not in waited_for:
                yield from self._leaves(within, f"{prefix}{name}/", each)

    # One level down

    def _inside(self, level: _Level, node: Node, bound: Node, within: Pipeline) -> _Level:
        fed: dict[str, dict[str, Sources]] = {}
        for port, ends in within.inputs.items():
            for end in ends if bound.inputs.get(port) else ():
                ports = fed.setdefault(end.node, {})
                ports[end.port] = (*ports.get(end.port, ()), *bound.inputs[port])
        edges = {name: sources for name, sources in bound.inputs.items() if name in within.params and sources}
        inside = _Level(
            within,
            prefix=f"{bound.id}/",
            chain=level.chain if node.pipeline is not None else (*level.chain, node.uses),
            fed=fed,
            values=self._values(bound, within, edges),
            edges=edges,
            after=bound.after,
            at_end=bound.at_end,
            resources=node.resources.layered_over(within.resources).layered_over(level.resources),
        )
        for pool, size in within.pools.items():
            self.pools.setdefault(pool, size)
        defaults = self._with_words(inside, "defaults", within.defaults)
        return replace(inside, policy=bound.policy.over(defaults).over(level.policy))

    def _values(self, bound: Node, within: Pipeline, edges: Mapping[str, Sources]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, declared in within.params.items():
            if name in bound.params:
                values[name] = bound.params[name]
                self.given.append(Given(bound.id, declared, bound.params[name]))
            elif declared.required and declared.default is None and name not in edges:
                self.refuse("missing-parameter", f"{bound.id} needs a value for {name}", bound.id, parameter=name)
            else:
                values[name] = literal(declared.default)
        return values


def _text(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
