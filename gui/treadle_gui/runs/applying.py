"""What was changed in a pipeline since its run began, where the run can still take it up: values of unbegun tasks."""

from __future__ import annotations

from collections.abc import Mapping

from treadle.run.state import TaskState
from treadle.spec.component import Component, Required
from treadle.spec.flattening import flatten
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.subpipelines import NO_FILES, PipelineFiles
from treadle.spec.values import Value

__all__ = ["Changes", "changes_to_apply"]

Changes = Mapping[str, Mapping[str, Value]]
"""Values by parameter, by node."""


def changes_to_apply(
    ran: Pipeline,
    shown: Pipeline,
    tasks: Mapping[str, TaskState],
    components: Mapping[str, Component],
    files: PipelineFiles = NO_FILES,
) -> Changes:
    """`ran` is the pipeline as the run has it, `shown` as it is now; `files` are those that their nodes are. A
    parameter left out has its default."""
    found: dict[str, dict[str, Value]] = {}
    earlier = flatten(ran, files).pipeline.nodes
    for id_, node in flatten(shown, files).pipeline.nodes.items():
        before, task = earlier.get(id_), tasks.get(id_)
        if before is node or before is None or task is None or not task.status.is_unbegun or before.uses != node.uses:
            continue
        has = {**_values(before, components), **task.params}
        wanted = {name: value for name, value in _values(node, components).items() if name not in node.inputs}
        changed = {name: value for name, value in wanted.items() if name not in has or has[name] != value}
        if changed:
            found[id_] = changed
    return found


def _values(node: Node, components: Mapping[str, Component]) -> dict[str, Value]:
    component = component_of(node, components)
    parameters = component.parameters if component is not None else ()
    defaults = {each.name: each.default for each in parameters if not isinstance(each.default, Required)}
    return {**defaults, **node.params}
