"""What a node says of itself: parameters, title, how it is tried, what it needs. Each raises UnknownNode."""

from __future__ import annotations

from dataclasses import replace

from treadle.spec.edits.finding import find, with_node
from treadle.spec.flow import AtEnd, Trigger
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Pipeline, Policy
from treadle.spec.resources import Resources
from treadle.spec.values import Value

__all__ = [
    "set_at_end", "set_map", "set_note", "set_param", "set_policy", "set_resources", "set_title", "set_trigger",
    "unset_param",
]  # fmt: skip


def set_param(pipeline: Pipeline, node: str, name: str, value: Value) -> Pipeline:
    found = find(pipeline, node)
    return with_node(pipeline, replace(found, params={**found.params, name: value}))


def unset_param(pipeline: Pipeline, node: str, name: str) -> Pipeline:
    """Back to the component's default."""
    found = find(pipeline, node)
    return with_node(pipeline, replace(found, params={key: v for key, v in found.params.items() if key != name}))


def set_title(pipeline: Pipeline, node: str, title: str | None) -> Pipeline:
    return with_node(pipeline, replace(find(pipeline, node), title=title or None))


def set_note(pipeline: Pipeline, node: str, note: str | None) -> Pipeline:
    return with_node(pipeline, replace(find(pipeline, node), note=note or None))


def set_policy(pipeline: Pipeline, node: str, policy: Policy) -> Pipeline:
    return with_node(pipeline, replace(find(pipeline, node), policy=policy))


def set_trigger(pipeline: Pipeline, node: str, trigger: Trigger | None) -> Pipeline:
    return with_node(pipeline, replace(find(pipeline, node), trigger=trigger))


def set_at_end(pipeline: Pipeline, node: str, at_end: AtEnd | None) -> Pipeline:
    return with_node(pipeline, replace(find(pipeline, node), at_end=at_end))


def set_map(pipeline: Pipeline, node: str, over: Map | None) -> Pipeline:
    """`node` runs once for each item of that, or once."""
    return with_node(pipeline, replace(find(pipeline, node), map=over))


def set_resources(pipeline: Pipeline, node: str, resources: Resources) -> Pipeline:
    return with_node(pipeline, replace(find(pipeline, node), resources=resources))
