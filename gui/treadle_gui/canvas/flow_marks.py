"""What a node's place in the flow is, as small marks: trigger, set-up, teardown, map, the run's end. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from treadle.spec.component import Component
from treadle.spec.flow import Trigger
from treadle.spec.pipeline import Node
from treadle_gui.style.flow_words import at_end_words, map_words, trigger_words

__all__ = ["FlowMark", "cleaners", "flow_marks"]


@dataclass(frozen=True, slots=True)
class FlowMark:
    """`icon` is an mdi6 name; `words` a sentence for whoever points at it."""

    icon: str
    words: str


def flow_marks(node: Node, component: Component | None, cleaned_by: tuple[str, ...] = ()) -> tuple[FlowMark, ...]:
    """The marks of `node`, whose teardowns are `cleaned_by`; none for one that runs as its component does."""
    marks = []
    usual = component.trigger if component is not None else Trigger.ALL_SUCCESS
    if node.trigger not in (None, usual):
        words = f"Trigger {node.trigger}: it runs when {trigger_words(Trigger(node.trigger))}"
        marks.append(FlowMark("traffic-light-outline", words))
    if cleaned_by:
        marks.append(FlowMark("wrench-outline", f"Set-up: {', '.join(cleaned_by)} cleans up after it"))
    if node.teardown_of:
        marks.append(FlowMark("broom", f"Teardown: it cleans up after {', '.join(node.teardown_of)}"))
    if node.map is not None:
        marks.append(FlowMark("repeat-variant", f"Mapped: {map_words(node.map)}"))
    if node.at_end is not None:
        marks.append(FlowMark("flag-checkered", f"It runs {at_end_words(node.at_end)}"))
    if node.is_pipeline:
        marks.append(FlowMark("package-variant-closed", _inside(node, component)))
    return tuple(marks)


def _inside(node: Node, component: Component | None) -> str:
    count = component.nodes if component is not None else 0
    held = "" if node.pipeline is not None else f" in {node.uses}"
    return f"A pipeline of {count} node{'s' * (count != 1)}{held}: a double click opens it"


def cleaners(nodes: Mapping[str, Node]) -> dict[str, tuple[str, ...]]:
    """The teardowns of each set-up node, in the order of the file."""
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes.values():
        for setup in node.teardown_of:
            found[setup] = (*found.get(setup, ()), node.id)
    return found
