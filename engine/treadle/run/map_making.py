"""A mapped task of a node: what it is mapped over, and the task that its component becomes for one item."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.ground import Ground, Scopes
from treadle.run.plan import ROWS, PlanMap, PlanTask, TaskInput
from treadle.run.settling import items_of
from treadle.run.task_making import make_task
from treadle.spec.component import Component, Required
from treadle.spec.flow import Kind, Trigger
from treadle.spec.mapping import Map
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Node
from treadle.spec.problems import Problem, Where

__all__ = ["make_mapped"]


@dataclass(frozen=True, slots=True)
class _Over:
    """What of a PlanMap the node's `map:` says; `late` are the parameters that items give."""

    map: PlanMap
    late: frozenset[str] = frozenset()


def make_mapped(
    ground: Ground, node: Node, late: AbstractSet[str] = frozenset()
) -> tuple[PlanTask, Slice] | list[Problem]:
    """The mapped task of `node`, which has a `map:`, and its slice, or every reason why there is none. Parameters that
    are `late` an item of a map around it gives."""
    assert node.map is not None
    one = replace(node, map=None, after=(), trigger=Trigger.ALL_SUCCESS)
    component = component_of(one, ground.catalog)
    over = None if component is None else _over(node, node.map, component, ground.scopes)
    if isinstance(over, Problem):
        return [over]
    late = late | over.late if over is not None else late
    if node.map.files is None and node.map.over not in node.inputs:
        one = replace(one, params={name: value for name, value in node.params.items() if name != node.map.over})
    made = make_task(ground, one, late)
    if isinstance(made, list) or component is None or over is None:
        return made
    task, slice_ = made
    body = replace(task, setups=(), settled=())
    rows = {} if node.map.rows is None else {ROWS: (TaskInput(node.map.rows.node, node.map.rows.port),)}
    ends = {output.name: TaskInput(node.id, output.name) for output in task.outputs}
    mapped = replace(
        task,
        inputs={**task.inputs, **rows},
        outputs=tuple(Output(output.name, f"list[{output.type}]") for output in task.outputs),
        after=tuple(dict.fromkeys(node.after)),
        trigger=node.trigger or component.trigger,
        retries=0,
        kind=Kind.FUNCTION,
        map=replace(over.map, body=(body,), outputs=ends, parallel=node.map.parallel),
    )
    return mapped, slice_


def _over(node: Node, over: Map, component: Component, scopes: Scopes) -> _Over | Problem:
    empty = PlanMap((), {})
    if over.rows is not None:
        free = [parameter for parameter in component.parameters if parameter.name not in node.inputs]
        named = {parameter.name: parameter.name for parameter in free}
        needed = [each.name for each in free if each.name in _unsaid(node, component)]
        return _Over(replace(empty, rows=tuple(needed), params={node.id: named}), frozenset(named))
    name = over.over or ""
    parameter = component.parameter(name)
    if parameter is None and (component.input(name) is None or over.files is not None):
        message = f"{node.id} is mapped over {name or 'nothing'}, which it does not have"
        return Problem("map-over", message, Where(node=node.id), "name an input or a parameter of it")
    params = {} if parameter is None else {node.id: {name: name}}
    if over.files is not None:
        return _Over(replace(empty, files=over.files, params=params), frozenset({name}))
    if name in node.inputs:
        return _Over(replace(empty, port=name, feeds={node.id: (name,)}, params=params))
    if parameter is None:
        return _Over(replace(empty, port=name))
    values = items_of(node, name, parameter.type, scopes)
    if isinstance(values, Problem):
        return values
    return _Over(replace(empty, values=values, params=params), frozenset({name}))


def _unsaid(node: Node, component: Component) -> frozenset[str]:
    """Parameters without a value of their own."""
    return frozenset(
        each.name
        for each in component.parameters
        if each.name not in node.params and isinstance(each.default, Required)
    )
