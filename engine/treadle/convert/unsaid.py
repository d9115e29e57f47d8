"""What a pipeline says and a Python target can't: listed before anything is written, node by node.

A warning where the export does the same work without it; an error where it would do something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from treadle.convert.programs import can_be_said
from treadle.spec.component import Component
from treadle.spec.flow import Trigger
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Policy, Resources
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.values import Reference, references

__all__ = ["SCRIPT", "unsaid"]

SCRIPT = "script"
"""The target that runs node after node, each once."""


def unsaid(
    pipeline: Pipeline, node: Node, components: Mapping[str, Component | None], target: str
) -> Iterator[Problem]:
    """`target` is how it is called in a sentence: `script`, `DAG`. `components` are those that the nodes use."""
    yield from _secrets(node, target)
    yield from _flow(pipeline, node, components, target)
    component = component_of(node, components)
    yield from _waiting(node, component, target)
    yield from _program(node, component, target)
    priority = pipeline.defaults.priority if node.policy.priority is None else node.policy.priority
    if node.resources.over(pipeline.resources) != Resources() or priority:
        yield _warning(
            "resources-not-exported", node, f"what it asks for and its priority are not carried over to the {target}",
            "set them where it runs",
        )  # fmt: skip
    if node.policy.environment != Policy().environment or pipeline.defaults.environment != Policy().environment:
        yield _warning(
            "environment-not-exported", node, f"the {target} runs it in its own environment",
            "install what the node needs where it runs",
        )  # fmt: skip
    if target == SCRIPT and _has_patience(node.policy, pipeline.defaults):
        yield _warning(
            "policy-not-exported", node, "the script tries it once, for as long as it takes",
            "retry and limit the script where it is started",
        )  # fmt: skip


def _secrets(node: Node, target: str) -> Iterator[Problem]:
    for parameter, value in node.params.items():
        for found in references(value):
            if isinstance(found, Reference) and found.scope == "secrets":
                yield Problem(
                    "secret-from-environment",
                    f"{node.id}.{parameter}: the {target} reads the secret from the environment variable {found.name}",
                    Where(node=node.id, parameter=parameter),
                    "set it where the export runs; a secret's value is never written to a file",
                    Severity.WARNING,
                )


def _flow(pipeline: Pipeline, node: Node, components: Mapping[str, Component | None], target: str) -> Iterator[Problem]:
    component = component_of(node, components)
    trigger = node.trigger or (component.trigger if component else Trigger.ALL_SUCCESS)
    said = [] if trigger is Trigger.ALL_SUCCESS else [f"when {trigger.value.replace('_', ' ')}"]
    said += [f"only where {source} is there" for source in _ways(pipeline, node, components)]
    if node.map is not None:
        yield Problem(
            "map-not-exported",
            f"{node.id} runs once for each item of something, which the {target} can't say yet",
            Where(node=node.id),
            "take the node out of what is exported, or let one node go through the list",
        )
    said += [f"at the end ({node.at_end.value})"] if node.at_end else []
    said += [f"to clean up after {', '.join(node.teardown_of)}"] if node.teardown_of else []
    for what in said:
        yield Problem(
            "flow-not-exported",
            f"{node.id} runs {what}, which the {target} can't say yet: it would run at another time",
            Where(node=node.id),
            "take the node out of what is exported, or let it run when all it waits for has succeeded",
        )


def _waiting(node: Node, component: Component | None, target: str) -> Iterator[Problem]:
    if component is not None and component.kind.waits:
        yield Problem(
            "waiting-not-exported",
            f"{node.id} is what the engine itself waits for, and the {target} has no such engine",
            Where(node=node.id),
            "take the node out of what is exported, and wait for it where the export is started",
        )


def _program(node: Node, component: Component | None, target: str) -> Iterator[Problem]:
    if component is None or not component.kind.declares_ports:
        return
    if target != SCRIPT or not can_be_said(node, component):
        yield Problem(
            "program-not-exported",
            f"{node.id} is a {component.title.lower()} whose ports are files, which the {target} can't say",
            Where(node=node.id),
            "take the node out of what is exported, or make it a component that calls the program",
        )


def _ways(pipeline: Pipeline, node: Node, components: Mapping[str, Component | None]) -> Iterator[Endpoint]:
    """The outputs that feed the node and may stay away."""
    for source in (source for sources in node.inputs.values() for source in sources):
        component = component_of(pipeline.nodes[source.node], components)
        port = component.output(source.port) if component else None
        if port is not None and port.optional:
            yield source


def _has_patience(own: Policy, inherited: Policy) -> bool:
    retries = inherited.retries if own.retries is None else own.retries
    timeout = inherited.timeout if own.timeout is None else own.timeout
    return bool(retries) or timeout is not None


def _warning(code: str, node: Node, message: str, hint: str) -> Problem:
    return Problem(code, f"{node.id}: {message}", Where(node=node.id), hint, Severity.WARNING)
