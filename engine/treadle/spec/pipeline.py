"""Pipeline: the document as an immutable value.

    Pipeline
      params    name → PipelineParameter
      defaults  Policy: what every node has unless it says otherwise
      nodes     id → Node, in file order
      inputs    port → the inner inputs it feeds, and
      outputs   port → the inner output it gives: what it has for ports where it is used as a node
      view      id → (x, y); moving a node touches no line of meaning

An edge is not stored: it is an entry of its consumer's `inputs`, so it cannot dangle from both ends.
Mappings are never mutated; an edit (`spec/edits/`) makes a new Pipeline that shares every unchanged
Node *by identity*, which is how the canvas knows what to repaint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.endpoints import Endpoint
from treadle.spec.environments import Environment, Isolation
from treadle.spec.flow import AtEnd, Retry, Trigger
from treadle.spec.mapping import Map
from treadle.spec.resources import Concurrency, Resources
from treadle.spec.types import ParameterType
from treadle.spec.values import Value

__all__ = [
    "GROUP_MARK", "SUFFIX", "Edge", "Endpoint", "Node", "Pipeline", "PipelineParameter", "Point", "Policy",
    "Resources",
]  # fmt: skip

SUFFIX: Final = ".treadle.yaml"
"""What a pipeline file's name ends in; a node whose `uses` does is that pipeline."""
GROUP_MARK: Final = "#"
"""Begins what a node uses that holds its pipeline itself: `#prepare`. No component is called so."""

Point = tuple[float, float]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Edge:
    """An output feeding an input."""

    source: Endpoint
    target: Endpoint


@dataclass(frozen=True, slots=True)
class Policy:
    """How a node is tried. None means inherited (pipeline `defaults:`, then the engine's). Times in seconds."""

    retries: int | None = None
    retry_delay: float | None = None
    timeout: float | None = None
    """Of one attempt."""
    cache: bool | None = None
    cache_version: str | None = None
    """With another version earlier results don't count."""
    cache_expires: float | None = None
    """Seconds for which a result counts after it was made."""
    retry: Retry = Retry()
    isolation: Isolation | None = None
    environment: Environment = Environment()
    priority: int | None = None
    """Of the nodes that may begin, one with a higher number goes first; 0 where nothing is said."""

    def over(self, inherited: Policy) -> Policy:
        """This policy, with what it leaves open taken from `inherited`."""
        if self == _UNSAID:  # as most nodes have it
            return inherited
        own = self.retry
        return Policy(
            retries=_first(self.retries, inherited.retries),
            retry_delay=_first(self.retry_delay, inherited.retry_delay),
            timeout=_first(self.timeout, inherited.timeout),
            cache=_first(self.cache, inherited.cache),
            cache_version=_first(self.cache_version, inherited.cache_version),
            cache_expires=_first(self.cache_expires, inherited.cache_expires),
            isolation=_first(self.isolation, inherited.isolation),
            environment=self.environment.over(inherited.environment),
            priority=_first(self.priority, inherited.priority),
            retry=Retry(
                backoff=_first(own.backoff, inherited.retry.backoff),
                maximum=_first(own.maximum, inherited.retry.maximum),
                jitter=_first(own.jitter, inherited.retry.jitter),
                failures=_first(own.failures, inherited.retry.failures),
            ),
        )

    def of_waiting(self) -> Policy:
        """What of it holds for a node that the engine waits for, which takes as long as it takes: the rest is about
        attempts of code."""
        return Policy(environment=self.environment, priority=self.priority)


_UNSAID: Final = Policy()


def _first(own: _T | None, inherited: _T | None) -> _T | None:
    return inherited if own is None else own


@dataclass(frozen=True, slots=True)
class Node:
    """One use of a component. `inputs` maps an input port, or a promoted parameter, to what feeds it.

    A node may hold a pipeline of its own, folded in place: it then uses that, under a name made of its id.
    """

    id: str
    uses: str
    inputs: Mapping[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    params: Mapping[str, Value] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    resources: Resources = Resources()
    policy: Policy = Policy()
    title: str | None = None
    note: str | None = None
    trigger: Trigger | None = None
    """None for the component's own, which is `all_success` unless it says otherwise."""
    teardown_of: tuple[str, ...] = ()
    """Set-up nodes that this node cleans up after, whatever happened in between."""
    declared_inputs: Mapping[str, PortDeclaration] = field(default_factory=dict)
    """Ports of a node whose kind lets it declare them, and of no other."""
    declared_outputs: Mapping[str, PortDeclaration] = field(default_factory=dict)
    at_end: AtEnd | None = None
    """It runs when everything else has ended, if that came out so."""
    map: Map | None = None
    """It runs once for each item of something."""
    pipeline: Pipeline | None = None
    """The nodes folded into this one."""
    extra: Mapping[str, Value] = field(default_factory=dict)
    """Keys this version does not know; kept through load, edit and save."""

    def __post_init__(self) -> None:
        if self.pipeline is not None:
            object.__setattr__(self, "uses", f"{GROUP_MARK}{self.id}")

    def waits_for(self) -> Iterator[str]:
        """Ids that the file names as before this one, some perhaps twice."""
        for sources in self.inputs.values():
            for source in sources:
                yield source.node
        if self.map is not None and self.map.rows is not None:
            yield self.map.rows.node
        yield from self.after
        yield from self.teardown_of

    def edges(self) -> Iterator[Edge]:
        """The data edges that feed it."""
        for port, sources in self.inputs.items():
            for source in sources:
                yield Edge(source, Endpoint(self.id, port))

    @property
    def is_pipeline(self) -> bool:
        """Whether it is a whole pipeline: folded in place, or one of the project's files."""
        return self.pipeline is not None or self.uses.endswith(SUFFIX)


@dataclass(frozen=True, slots=True)
class PipelineParameter:
    """A named setting of the whole pipeline, given at run time."""

    name: str
    type: ParameterType
    default: Value = None
    required: bool = False
    help: str = ""
    examples: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A document: nodes, edges, parameters, defaults, positions."""

    name: str = "untitled"
    help: str = ""
    params: Mapping[str, PipelineParameter] = field(default_factory=dict)
    defaults: Policy = Policy()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    view: Mapping[str, Point] = field(default_factory=dict)
    timeout: float | None = None
    """Seconds after which a run is ended; None for no limit."""
    resources: Resources = Resources()
    """What every node asks for unless it says otherwise."""
    pools: Mapping[str, int] = field(default_factory=dict)
    """Slots by pool; where the project says a size too, that counts."""
    concurrency: Concurrency = Concurrency()
    inputs: Mapping[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    outputs: Mapping[str, Endpoint] = field(default_factory=dict)
    extra: Mapping[str, Value] = field(default_factory=dict)

    def edges(self) -> Iterator[Edge]:
        """Every data edge, in file order of its consumer. Order without data (`after:`) is not included."""
        for node in self.nodes.values():
            yield from node.edges()

    def upstream(self, node_id: str) -> frozenset[str]:
        """Ids that `node_id` waits for directly, by data, `after:` or `teardown_of:`; dangling ids included."""
        return frozenset(self.nodes[node_id].waits_for())
