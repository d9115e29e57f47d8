"""A task of a node: its component's function, with every value settled and every input traced to an output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from treadle.catalog.slicer import NotSliceable
from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.cleaning import Care
from treadle.run.ground import Components, Ground
from treadle.run.plan import PlanTask, TaskInput
from treadle.run.programs import declared_outputs, declared_slice, input_forms
from treadle.run.settling import Settled, settle
from treadle.run.task_inputs import gathering_ports, input_problems
from treadle.spec.component import Component, Required
from treadle.spec.environments import Isolation
from treadle.spec.flow import Trigger
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Node
from treadle.spec.problems import Problem, Where
from treadle.spec.resources import Resources

__all__ = ["make_task"]


def make_task(
    ground: Ground, node: Node, late: AbstractSet[str] = frozenset()
) -> tuple[PlanTask, Slice] | list[Problem]:
    """The task and its slice, or every reason why there is none.

    Parameters that are `late` may have no value so far: a map gives it with each item.
    """
    component = component_of(node, ground.catalog)
    if component is None:
        message = f"{node.id} uses {node.uses}, which is no known component"
        return [
            Problem("unknown-component", message, Where(node=node.id), "add it to the project's components/ folder")
        ]
    settled = settle(ground, node, component, late)
    slice_ = _slice(node, component, ground.catalog)
    problems = [*input_problems(ground, node, component), *settled.problems]
    if isinstance(slice_, NotSliceable):
        return [*problems, *slice_.problems]
    return problems or (_task(ground, node, component, settled, slice_.digest), slice_)


def _slice(node: Node, component: Component, catalog: Components) -> Slice | NotSliceable:
    try:
        return declared_slice(node, component) if component.kind.declares_ports else catalog.slice(node.uses)
    except NotSliceable as refusal:
        return refusal


def _task(ground: Ground, node: Node, component: Component, settled: Settled, slice_: str) -> PlanTask:
    policy, care = settled.policy, ground.care
    return PlanTask(
        id=node.id,
        node=node.id,
        uses=node.uses,
        slice=slice_,
        inputs={port: tuple(TaskInput(end.node, end.port) for end in ends) for port, ends in node.inputs.items()},
        params=settled.params,
        outputs=_outputs(node, component),
        returns_tuple=component.returns_tuple,
        many=frozenset(gathering_ports(ground, node, component)),
        input_kinds=dict(_input_kinds(node, component, ground.catalog)),
        after=tuple(dict.fromkeys((*node.after, *node.teardown_of))),
        resources=Resources() if component.kind.waits else node.resources.over(ground.pipeline.resources),
        priority=policy.priority or 0,
        secret_variables=settled.secret_variables,
        secrets=settled.secrets,
        retries=policy.retries or 0,
        retry_delay=policy.retry_delay or 0.0,
        retry=policy.retry,
        isolation=policy.isolation or Isolation.FRESH,
        environment=settled.environment,
        timeout=policy.timeout,
        cache=_is_cached(node, component, settled, care),
        cache_version=policy.cache_version or "",
        cache_expires=policy.cache_expires,
        optional=frozenset(_optional(component)),
        trigger=Trigger.ALL_DONE_SETUP_SUCCESS if node.teardown_of else node.trigger or component.trigger,
        teardown_of=node.teardown_of,
        setups=care.setups.get(node.id, ()),
        settled=care.settled.get(node.id, ()),
        at_end=node.at_end,
        kind=component.kind,
        paths=settled.paths,
    )


def _outputs(node: Node, component: Component) -> tuple[Output, ...]:
    if component.kind.declares_ports:
        return declared_outputs(node)
    return tuple(Output(output.name, str(output.type), output.optional) for output in component.outputs)


def _input_kinds(node: Node, component: Component, catalog: Components) -> Mapping[str, str]:
    return input_forms(node, component) if component.kind.declares_ports else catalog.input_kinds(node.uses)


def _is_cached(node: Node, component: Component, settled: Settled, care: Care) -> bool:
    """What sets up, cleans up or tells is wanted for what it does, not for what it gives."""
    if component.kind.waits:
        return False
    if settled.policy.cache is not None:
        return settled.policy.cache
    return not (node.id in care.sets_up or node.teardown_of or node.at_end is not None)


def _optional(component: Component) -> Iterator[str]:
    """Inputs, promoted parameters included, that the function has a default for."""
    yield from (port.name for port in component.inputs if port.optional)
    yield from (each.name for each in component.parameters if not isinstance(each.default, Required))
