"""Random pipelines of pipelines: folded in place or from files, nested, mapped; and the plans that become of them.

They go the way that a person's go, through flattening and resolving. `waits` says what must have ended
before what, read from the pipelines themselves, knowing nothing of plans.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from simulation.world import SLICE

from treadle.catalog.slices import Slice
from treadle.run.plan import Plan
from treadle.run.resolve import Circumstances, resolve
from treadle.spec.component import Component, InputPort, OutputPort, SourceRef
from treadle.spec.file_format.places import Places
from treadle.spec.file_format.reading import Reading
from treadle.spec.flattening import flatten
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Policy
from treadle.spec.subpipelines import PipelineFiles, inner
from treadle.spec.types import PortType

__all__ = ["Nested", "nested", "waits"]

_JSON, _LIST = PortType("Json"), PortType("Json", many=True)
_INPUT = InputPort("x", _JSON, optional=True)


def _component(name: str, output: PortType) -> Component:
    source = SourceRef("m.py", "m", name, 1)
    return Component(f"m.{name}", name, source, inputs=(_INPUT,), outputs=(OutputPort("y", output),))


class _Catalog:
    """`m.step` gives what it was given; `m.items` gives a list."""

    components: Mapping[str, Component] = {
        each.uses: each for each in (_component("step", _JSON), _component("items", _LIST))
    }

    def get(self, uses: str) -> Component | None:
        return self.components.get(uses)

    def slice(self, uses: str) -> Slice:
        return SLICE

    def input_kinds(self, uses: str) -> Mapping[str, str]:
        return {}


@dataclass
class Nested:
    """A pipeline with pipelines inside, the files some of them stand in, and its plan."""

    pipeline: Pipeline
    files: dict[str, Reading] = field(default_factory=dict)

    def plan(self) -> Plan:
        catalog = _Catalog()
        flat = flatten(self.pipeline, self.files, catalog.get)
        assert flat.problems == ()
        around = Circumstances("run", datetime(2026, 1, 1, tzinfo=UTC))
        return resolve(flat, catalog, around, files=self.files)


def nested(chance: random.Random, size: int, depth: int = 2) -> Nested:
    """A pipeline of about `size` nodes, half of which are pipelines down to `depth` levels; at least one is."""
    made = Nested(Pipeline())
    made.pipeline = _pipeline(chance, size, depth, made.files)
    return made


def _pipeline(chance: random.Random, size: int, depth: int, files: dict[str, Reading]) -> Pipeline:
    nodes: dict[str, Node] = {}
    for number in range(size):
        node = _node(chance, f"n{number}", list(nodes.values()), depth, files, must_nest=number == size - 1)
        nodes[node.id] = node
        if node.map is not None:
            source = Node(f"items{number}", "m.items")
            nodes = {source.id: source, **nodes, node.id: replace(node, inputs={"x": (Endpoint(source.id, "y"),)})}
    open_ = tuple(Endpoint(node.id, "x") for node in nodes.values() if not node.inputs and node.map is None)
    last = next(node for node in reversed(nodes.values()) if node.uses != "m.items")
    return Pipeline("p", nodes=nodes, inputs={"x": open_} if open_ else {}, outputs={"y": Endpoint(last.id, "y")})


def _node(
    chance: random.Random, name: str, before: list[Node], depth: int, files: dict[str, Reading], *, must_nest: bool
) -> Node:
    others = [node for node in before if node.uses != "m.items"]
    needs = chance.sample(others, min(len(others), chance.randrange(3)))
    node = Node(
        name,
        "m.step",
        inputs={"x": (Endpoint(needs[0].id, "y"),)} if needs and chance.random() < 0.7 else {},
        after=tuple(need.id for need in needs[1:]),
        policy=Policy(retries=chance.choice([None, 0, 1, 2]), retry_delay=chance.choice([None, 0.0, 4.0])),
    )
    if not depth or (not must_nest and chance.random() < 0.5):
        return node
    within = _pipeline(chance, chance.randint(1, 3), depth - 1, files)
    if not within.inputs:
        node = replace(node, inputs={})
    elif chance.random() < 0.4:
        node = replace(node, map=Map(over="x", parallel=chance.choice([None, 1, 2])))
    if chance.random() < 0.5:
        return replace(node, pipeline=within)
    file = f"part{len(files)}.treadle.yaml"
    files[file] = Reading(within, (), Places())
    return replace(node, uses=file)


def producer(pipeline: Pipeline, end: Endpoint, files: PipelineFiles, prefix: str = "") -> str:
    """The id of the task that gives what `end` stands for: the node itself, or the one deep inside it; a mapped
    pipeline is a task itself."""
    node = pipeline.nodes[end.node]
    within = inner(node, files)
    if within is None or node.map is not None:
        return f"{prefix}{node.id}"
    return producer(within, within.outputs[end.port], files, f"{prefix}{node.id}/")


def ends_of(pipeline: Pipeline, name: str, files: PipelineFiles, prefix: str = "") -> Iterator[str]:
    """The tasks that have ended once the node `name` has."""
    node = pipeline.nodes[name]
    within = inner(node, files)
    if within is None or node.map is not None:
        yield f"{prefix}{name}"
        return
    for each in within.nodes:
        yield from ends_of(within, each, files, f"{prefix}{name}/")


def consumers(pipeline: Pipeline, end: Endpoint, files: PipelineFiles, prefix: str = "") -> Iterator[str]:
    """The tasks that get what feeds `end`: `producer`, the other way."""
    node = pipeline.nodes[end.node]
    within = inner(node, files)
    if within is None or node.map is not None:
        yield f"{prefix}{node.id}"
        return
    for fed in within.inputs.get(end.port, ()):
        yield from consumers(within, fed, files, f"{prefix}{node.id}/")


def waits(
    pipeline: Pipeline, files: PipelineFiles, prefix: str = "", before: tuple[str, ...] = ()
) -> Iterator[tuple[str, str]]:
    """(task, one that has ended before it begins), for every edge and every `after:`, however deep, but inside maps."""
    for node in pipeline.nodes.values():
        for port, ends in node.inputs.items():
            needs = [producer(pipeline, end, files, prefix) for end in ends]
            for task in consumers(pipeline, Endpoint(node.id, port), files, prefix):
                yield from ((task, need) for need in needs)
        after = (*before, *(each for name in node.after for each in ends_of(pipeline, name, files, prefix)))
        within = inner(node, files)
        if within is None or node.map is not None:
            yield from ((f"{prefix}{node.id}", need) for need in after)
        else:
            yield from waits(within, files, f"{prefix}{node.id}/", after)
