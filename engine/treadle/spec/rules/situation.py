"""Situation: what a validation rule may look at, and how it words and places what it finds."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Final

from treadle.spec.component import Component
from treadle.spec.file_format.places import Places
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.subpipelines import PipelineFiles
from treadle.spec.values import Reference, references

__all__ = ["Rule", "Situation"]

_MOST_HINTS: Final = 30
_MOST_NAMES: Final = 1000


@dataclass
class Situation:
    """A pipeline, the components (its sub-pipelines among them), the places in its file, the columns that are known of
    its outputs, and the project's pools by size: None where those are not known."""

    pipeline: Pipeline
    components: Mapping[str, Component]
    places: Places = field(default_factory=Places)
    columns: Mapping[Endpoint, tuple[str, ...]] = field(default_factory=dict)
    pools: Mapping[str, int] | None = None
    files: PipelineFiles = field(default_factory=dict)
    """The project's pipeline files, as far as nodes use them."""
    _close: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def known_nodes(self) -> Iterator[tuple[Node, Component]]:
        """Each node whose component is known: about the others one problem is enough."""
        for node in self.pipeline.nodes.values():
            component = component_of(node, self.components)
            if component is not None:
                yield node, component

    @cached_property
    def from_outside(self) -> frozenset[Endpoint]:
        """Inputs that are fed where this pipeline is used as a node."""
        return frozenset(end for ends in self.pipeline.inputs.values() for end in ends)

    def references(self) -> Iterator[tuple[Node, str, Reference | str]]:
        """Each reference in the parameters of nodes: whose it is, and in which; a text where it is none that can be
        read."""
        for node in self.pipeline.nodes.values():
            for name, value in node.params.items():
                for reference in references(value):
                    yield node, name, reference

    def component(self, node: str) -> Component | None:
        found = self.pipeline.nodes.get(node)
        return None if found is None else component_of(found, self.components)

    def at(
        self,
        code: str,
        message: str,
        node: str,
        *,
        port: str | None = None,
        parameter: str | None = None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A problem about a node, or about its port or parameter."""
        return Problem(code, message, self.places.at(node, port, parameter), hint, severity)

    def about(
        self, code: str, message: str, where: Where, *, hint: str = "", severity: Severity = Severity.ERROR
    ) -> Problem:
        """A problem about a part that is no node's."""
        return Problem(code, message, where, hint, severity)

    def did_you_mean(self, name: str, known: Iterable[str], otherwise: str) -> str:
        """A hint with the closest known name. Looked for often, it would cost seconds: only for the first few."""
        asked = (name, otherwise)
        if asked not in self._close:
            if len(self._close) >= _MOST_HINTS:
                return otherwise
            close = difflib.get_close_matches(name[:100], list(islice(known, _MOST_NAMES)), 1)
            self._close[asked] = close[0] if close else None
        found = self._close[asked]
        return f"did you mean {found}?" if found is not None else otherwise


Rule = Callable[[Situation], Iterator[Problem]]
