"""Plan: a pipeline fully resolved for one run. It is JSON, and nothing else is needed to execute it.

`resolve` is pure: the catalog and slices come in as values. Values that only the run knows (`$run.id`) are
rendered here too, since a plan belongs to one run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.spec.environments import Environment, Isolation
from treadle.spec.flow import AtEnd, Kind, Retry, Trigger
from treadle.spec.pipeline import Resources
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["ROWS", "Plan", "PlanMap", "PlanTask", "TaskInput"]

ROWS: Final = "*"
"""The input by which a mapped task waits for the table whose rows are its items; no port is called so."""


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
    secret_variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that get a secret, with its name."""
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
    map: PlanMap | None = None
    """It has no attempt of its own: it runs for each item, and ends when its items have."""
    given: Mapping[str, tuple[ArtifactRef, ...]] = field(default_factory=dict)
    """Inputs whose artifacts are known with the task: an item's. They stand before what `inputs` says."""


@dataclass(frozen=True, slots=True)
class PlanMap:
    """Where the items of a mapped task come from, and what runs for each.

    Of `port`, `values`, `rows` and `files` one is set: a list that feeds the task, values known with the plan, the rows
    of the table that feeds `ROWS`, or the files that fit a pattern.
    """

    body: tuple[PlanTask, ...]
    """What runs for an item. The mapped task's id in their ids stands for the item: `fit` becomes `fit[3]`, and
    `prepare/clean` becomes `prepare[3]/clean`; so in what they wait for."""
    outputs: Mapping[str, TaskInput]
    """Each output of the mapped task, a list, and the output in the body that its items are."""
    port: str | None = None
    values: tuple[Mapping[str, Value], ...] | None = None
    rows: tuple[str, ...] | None = None
    """Parameters that have no value unless the table has a column for them."""
    files: str | None = None
    """A pattern, from the project's folder."""
    feeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By task of the body, its inputs that get an item which is an artifact."""
    params: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By task of the body, its parameters that get a value, and the name of that in an item which has values."""
    parallel: int | None = None
    """At most so many attempts of the body at once."""

    @property
    def names(self) -> tuple[str, ...]:
        """What the values of an item are called."""
        return tuple(dict.fromkeys(name for named in self.params.values() for name in named.values()))


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
