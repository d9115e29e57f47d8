"""Plan: a pipeline fully resolved for one run. It is JSON, and nothing else is needed to execute it.

`resolve` is pure: the catalog and slices come in as values. Values that only the run knows (`$run.id`) are
rendered here too, since a plan belongs to one run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.spec.environments import Environment, Isolation
from treadle.spec.flow import AtEnd, Kind, Retry, Trigger
from treadle.spec.pipeline import Resources
from treadle.spec.values import Value

__all__ = ["Plan", "PlanTask", "TaskInput"]


@dataclass(frozen=True, slots=True)
class TaskInput:
    """An output of another task in the same plan."""

    task: str
    port: str


@dataclass(frozen=True, slots=True)
class PlanTask:
    """One unit of work. `inputs` are data, by port or by promoted parameter; `after` is order alone. Seconds."""

    id: str
    node: str
    uses: str
    slice: str
    """Key in `Plan.slices`."""
    inputs: Mapping[str, tuple[TaskInput, ...]]
    params: Mapping[str, Value]
    outputs: tuple[Output, ...]
    returns_tuple: bool = False
    many: frozenset[str] = frozenset()
    input_kinds: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    resources: Resources = Resources()
    retries: int = 0
    retry_delay: float = 0.0
    timeout: float | None = None
    cache: bool = True
    cache_version: str = ""
    """Counts in the cache's key, for what Treadle can't see."""
    cache_expires: float | None = None
    """Seconds for which a result counts after it was made."""
    paths: tuple[str, ...] = ()
    """Parameters that name a file or folder: what it holds counts as their value in the cache."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Parameters that get a secret, with its name. In `params` they have the reference, never the value."""
    retry: Retry = Retry()
    isolation: Isolation = Isolation.FRESH
    environment: Environment = Environment()
    optional: frozenset[str] = frozenset()
    """Inputs that the function does without where nothing feeds them."""
    trigger: Trigger = Trigger.ALL_SUCCESS
    teardown_of: tuple[str, ...] = ()
    """Set-up tasks that it cleans up after; they stand in `after` too."""
    setups: tuple[str, ...] = ()
    """Set-up tasks, waited for by no edge, within which it works: they have to have succeeded."""
    settled: tuple[str, ...] = ()
    """What a teardown lets end first, however it ends."""
    at_end: AtEnd | None = None
    """It begins when all that has none has ended, where the run came out so."""
    kind: Kind = Kind.FUNCTION
    priority: int = 0
    """Of the tasks that may begin, one with a higher number goes first; and so does what it waits for."""
    expected: float | None = None
    """Seconds that it took in earlier runs, where that is known."""
    pools: Mapping[str, int] = field(default_factory=dict)
    """Pools of the run's own of which it takes a slot each, with their sizes: at most so many of the tasks that name
    the pool are open at once. Its name has a task's id in it, as the mapped one's whose items these are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`slices` are by digest, shared between tasks. `file` says where the pipeline came from."""

    run: str
    pipeline: str
    file: str | None
    params: Mapping[str, Value]
    tasks: Mapping[str, PlanTask]
    slices: Mapping[str, Slice]
    parallel: int | None = None
    """At most this many attempts at once; None for the machine's CPU count."""
    timeout: float | None = None
    """Seconds, from its start or its last resume, after which the run is ended."""
    pools: Mapping[str, int] = field(default_factory=dict)
    """Slots of the pools that its tasks name in their resources, which it shares with other runs."""
    most_runs: int | None = None
    """At most this many runs of the pipeline at once; others wait."""
