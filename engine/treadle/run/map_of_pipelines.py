"""A mapped node that is a pipeline: its nodes as the tasks that run for each item.

    each: {uses: prepare.treadle.yaml, map: {over: data}}  ─►  each, whose body is each/clean and each/split

What an item gives is found by flattening the node once with a mark in its place: wherever the mark comes to feed a
node inside, the item does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from treadle.catalog.extended import Extended
from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.cleaning import Care, care_of
from treadle.run.ground import Ground, Scopes
from treadle.run.map_making import make_mapped
from treadle.run.plan import ROWS, PlanMap, PlanTask, TaskInput
from treadle.run.settling import items_of, without_values
from treadle.run.task_making import make_task
from treadle.spec.component import Component, Required
from treadle.spec.flattening import Flat, flatten
from treadle.spec.mapping import Map
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import DEEPEST
from treadle.spec.values import Value

__all__ = ["MadeOfPipeline", "make_mapped_pipeline"]

_MARK: Final = "\0"
"""Begins the name of what stands for a map's item, before the mapped node's id; no node is called so."""

Taken = dict[str, dict[str, str]]
"""By task, its inputs and parameters that an item gives, and what those are called in the item."""


@dataclass(frozen=True, slots=True)
class MadeOfPipeline:
    """A mapped task, the slices of its body, and what tasks of the body take of the items of maps around it."""

    task: PlanTask
    slices: Mapping[str, Slice]
    taken: Mapping[str, Taken] = field(default_factory=dict)


@dataclass(slots=True)
class _Body:
    """The nodes inside as they are for one item; `taken` by the mapped node whose item it is."""

    nodes: dict[str, Node] = field(default_factory=dict)
    taken: dict[str, Taken] = field(default_factory=dict)
    tasks: list[PlanTask] = field(default_factory=list)
    slices: dict[str, Slice] = field(default_factory=dict)

    def take(self, owner: str, task: str, given: Mapping[str, str]) -> None:
        self.taken.setdefault(owner, {}).setdefault(task, {}).update(given)

    def put(self, mapped: MadeOfPipeline) -> None:
        """A map within the body; its items may take of the items around it."""
        self.tasks.append(mapped.task)
        self.slices |= mapped.slices
        for owner, taken in mapped.taken.items():
            for task, given in taken.items():
                self.take(owner, task, given)


def make_mapped_pipeline(ground: Ground, node: Node) -> MadeOfPipeline | list[Problem]:
    """The mapped task of `node`, which is a pipeline and has a `map:`, or every reason why there is none. In a map's
    body its inputs may be marks."""
    assert node.map is not None
    one = replace(node, map=None, after=(), trigger=None)
    component = component_of(one, ground.catalog)
    if component is None or node.id.count("/") > DEEPEST:
        message = f"{node.id} is a pipeline that can't be opened"
        return [Problem("missing-pipeline", message, Where(node=node.id))]
    named = _named(node, node.map, component)
    if isinstance(named, Problem):
        return [named]
    plan_map = _plan_map(node, node.map, component, ground.scopes)
    if isinstance(plan_map, Problem):
        return [plan_map]
    marks = {name: (Endpoint(f"{_MARK}{node.id}", name),) for name in named}
    marked = _flat(ground, replace(one, inputs={**one.inputs, **marks}))
    if marked.problems:
        return list(marked.problems)
    needed = frozenset(plan_map.rows or ()) | (frozenset() if node.map.rows is not None else frozenset(named))
    plain = _flat(ground, replace(one, params={**one.params, **dict.fromkeys(needed)}))
    body = _body(node, marked.pipeline, plain.pipeline, needed)
    problems = _make(ground, body)
    if problems:
        return problems
    own = body.taken.pop(node.id, {})
    mapping = replace(
        plan_map,
        body=tuple(body.tasks),
        outputs={port: TaskInput(end.node, end.port) for port, end in marked.pipeline.outputs.items()},
        feeds={id_: tuple(given) for id_, given in own.items()},
        params=own,
    )
    return MadeOfPipeline(_mapped(node, component, mapping, ground.care), body.slices, body.taken)


def _named(node: Node, over: Map, component: Component) -> tuple[str, ...] | Problem:
    """The inputs and parameters of the node that an item gives."""
    if over.rows is not None:
        return tuple(each.name for each in component.parameters if each.name not in node.inputs)
    name = over.over or ""
    known = component.parameter(name) is not None or (component.input(name) is not None and over.files is None)
    if known:
        return (name,)
    message = f"{node.id} is mapped over {name or 'nothing'}, which it does not have"
    return Problem("map-over", message, Where(node=node.id), "name an input or a parameter of it")


def _plan_map(node: Node, over: Map, component: Component, scopes: Scopes) -> PlanMap | Problem:
    """Where the items come from; the body is still to be made."""
    empty = PlanMap((), {}, parallel=over.parallel)
    if over.rows is not None:
        free = [each for each in component.parameters if each.name not in {*node.inputs, *node.params}]
        return replace(empty, rows=tuple(each.name for each in free if isinstance(each.default, Required)))
    if over.files is not None:
        return replace(empty, files=over.files)
    name = over.over or ""
    if node.inputs.get(name):
        return replace(empty, port=name)
    parameter = component.parameter(name)
    if parameter is None:
        return without_values(node, name)
    values = items_of(node, name, parameter.type, scopes)
    return values if isinstance(values, Problem) else replace(empty, values=values)


def _flat(ground: Ground, node: Node) -> Flat:
    """The node alone, flattened, with its outputs."""
    given = node.pipeline.outputs if node.pipeline is not None else {}
    outputs = {port: Endpoint(node.id, port) for port in given}
    lone = replace(ground.pipeline, nodes={node.id: node}, inputs={}, outputs=outputs, view={})
    return flatten(lone, ground.files, ground.catalog.get)


def _body(node: Node, marked: Pipeline, plain: Pipeline, needed: frozenset[str]) -> _Body:
    body = _Body()
    for id_, inside in marked.nodes.items():
        own = plain.nodes[id_].params if id_ in plain.nodes else {}
        values: dict[str, Value] = {}
        for port, mark in _marks(inside):
            owner = mark.node.removeprefix(_MARK)
            if not inside.is_pipeline:
                body.take(owner, id_, {port: mark.port})
            if owner == node.id and mark.port not in needed and port in own:
                values[port] = own[port]
        inputs = {port: _real(node, sources) for port, sources in inside.inputs.items()}
        if inside.is_pipeline:  # its own nodes are marked in turn
            inputs = {port: inputs[port] or sources for port, sources in inside.inputs.items()}
        body.nodes[id_] = replace(
            inside,
            inputs={port: sources for port, sources in inputs.items() if sources},
            params={**inside.params, **values},
        )
    return body


def _marks(inside: Node) -> Iterator[tuple[str, Endpoint]]:
    """Each input and parameter of a node inside that an item gives, and the mark of what of it."""
    for port, sources in inside.inputs.items():
        for source in sources:
            if source.node.startswith(_MARK):
                yield port, source


def _real(node: Node, sources: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    """What feeds an input as the plan knows it: the list whose items come instead of it."""
    found: list[Endpoint] = []
    for source in sources:
        if not source.node.startswith(_MARK):
            found.append(source)
        elif source.node == f"{_MARK}{node.id}":
            found += (end for end in node.inputs.get(source.port, ()) if not end.node.startswith(_MARK))
    return tuple(found)


def _make(ground: Ground, body: _Body) -> list[Problem]:
    """Makes the body's tasks; what stands in the way of that."""
    inside = replace(ground.pipeline, nodes=body.nodes)
    within = replace(
        ground,
        pipeline=replace(ground.pipeline, nodes={**ground.pipeline.nodes, **body.nodes}),
        catalog=Extended(ground.catalog, inside, ground.files),
        care=care_of(inside),
    )
    return [problem for node in body.nodes.values() for problem in _make_node(within, body, node)]


def _make_node(within: Ground, body: _Body, node: Node) -> list[Problem]:
    if node.is_pipeline:
        mapped = make_mapped_pipeline(within, node)
        if isinstance(mapped, list):
            return mapped
        body.put(mapped)
        return []
    late = frozenset(port for taken in body.taken.values() for port in taken.get(node.id, ()))
    made = make_task(within, node, late) if node.map is None else make_mapped(within, node, late)
    if isinstance(made, list):
        return made
    task, slice_ = made
    body.tasks.append(task)
    body.slices[task.slice] = slice_
    return []


def _mapped(node: Node, component: Component, mapping: PlanMap, care: Care) -> PlanTask:
    rows = node.map.rows if node.map is not None else None
    inputs = {
        port: tuple(TaskInput(end.node, end.port) for end in ends if not end.node.startswith(_MARK))
        for port, ends in node.inputs.items()
    }
    return PlanTask(
        id=node.id,
        node=node.id,
        uses=node.uses,
        slice=mapping.body[0].slice if mapping.body else "",
        inputs=inputs if rows is None else {**inputs, ROWS: (TaskInput(rows.node, rows.port),)},
        params={},
        outputs=tuple(Output(output.name, f"list[{output.type}]") for output in component.outputs),
        after=node.after,
        optional=frozenset(port.name for port in component.inputs if port.optional),
        setups=care.setups.get(node.id, ()),
        settled=care.settled.get(node.id, ()),
        map=mapping,
    )
