"""What connecting two nodes without a mouse means: which output goes into which input. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from treadle.spec import edits
from treadle.spec.component import Component
from treadle.spec.connecting import refusal
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Pipeline

__all__ = ["Link", "link", "why_no_link"]


@dataclass(frozen=True, slots=True)
class Link:
    """An edge to be drawn; `many` where the input takes a list."""

    source: Endpoint
    target: Endpoint
    many: bool

    def edit(self) -> Callable[[Pipeline], Pipeline]:
        return lambda pipeline: edits.connect(pipeline, self.source, self.target, many=self.many)


def link(pipeline: Pipeline, components: Mapping[str, Component], source: str, target: str) -> Link | None:
    """The best edge from `source` to an input of `target` that nothing feeds: one of the same name before another, then
    in the order of the ports. A list takes one more. None where nothing fits."""
    fitting = [
        found
        for found in _links(pipeline, components, source, target)
        if refusal(pipeline, components, found.source, found.target) is None
    ]
    return min(fitting, key=lambda found: found.source.port != found.target.port, default=None)


def why_no_link(pipeline: Pipeline, components: Mapping[str, Component], source: str, target: str) -> str:
    """A sentence for the person who asked, where `link` finds nothing."""
    found = next(_links(pipeline, components, source, target), None)
    if found is None:
        return f"{target} has no free input that {source} could feed"
    return refusal(pipeline, components, found.source, found.target) or ""


def _links(pipeline: Pipeline, components: Mapping[str, Component], source: str, target: str) -> Iterator[Link]:
    """Every output of one with every free input of the other, fitting or not."""
    feeder, eater = (component_of(pipeline.nodes[name], components) for name in (source, target))
    if feeder is None or eater is None:
        return
    fed = pipeline.nodes[target].inputs
    for port in eater.inputs:
        for output in feeder.outputs:
            given, there = Endpoint(source, output.name), Endpoint(target, port.name)
            if not fed.get(port.name) or (port.type.many and given not in fed[port.name]):
                yield Link(given, there, port.type.many)
