"""Room: what an attempt asks for, what open ones hold, and what there is for them. The arithmetic of packing, and no
more: who goes first is the schedule's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from treadle.run.plan import PlanTask
from treadle.spec.environments import Isolation
from treadle.spec.flow import Kind

__all__ = ["Capacity", "Demand", "Held", "Place", "demand_of"]

_ROUNDING: Final = 1e-9


class Place(NamedTuple):
    """Slots of a pool. `size` where the pool is the run's own; one that runs share has its size in `Capacity`."""

    pool: str
    slots: int
    size: int | None = None


class Demand(NamedTuple):
    """What an attempt asks for: cores, bytes, devices, and slots of pools. It may line up for a process that serves
    many, where it asks for cores alone."""

    cpu: float = 1.0
    memory: int = 0
    gpu: int = 0
    places: tuple[Place, ...] = ()
    lines_up: bool = False


@dataclass(slots=True)
class Held:
    """What a run's open attempts asked for together."""

    cpu: float = 0.0
    memory: int = 0
    gpu: int = 0
    attempts: int = 0
    pools: dict[str, int] = field(default_factory=dict)
    """Slots by pool, those that are held."""

    def take(self, demand: Demand) -> None:
        self.cpu += demand.cpu
        self.memory += demand.memory
        self.gpu += demand.gpu
        self.attempts += 1
        for place in demand.places:
            self.pools[place.pool] = self.pools.get(place.pool, 0) + place.slots

    def let_go(self, demand: Demand) -> None:
        self.cpu -= demand.cpu
        self.memory -= demand.memory
        self.gpu -= demand.gpu
        self.attempts -= 1
        for place in demand.places:
            left = self.pools[place.pool] - place.slots
            if left:
                self.pools[place.pool] = left
            else:
                del self.pools[place.pool]


@dataclass(frozen=True, slots=True)
class Capacity:
    """What there is for a run's attempts: cores, bytes, devices, slots. `parallel` at once; None for the cores.

    `shared` where it is what other runs leave: then nothing that asks for more may run.
    """

    cpu: float
    memory: int
    gpu: int = 0
    parallel: int | None = None
    shared: bool = False
    pools: Mapping[str, int] = field(default_factory=dict)
    """Slots of the pools that runs share. One that is not named here has no end."""
    devices: tuple[str, ...] = ()
    """What the GPUs are called that are given out, as in CUDA_VISIBLE_DEVICES."""
    runs_ahead: int | None = None
    """How many runs of the same pipeline keep this one from beginning; None where it may."""
    lines: int = 0
    """How many short attempts may stand in line behind one, where a process serves many (see `ReadyTasks`)."""

    @property
    def attempts(self) -> int:
        return max(1, int(self.cpu)) if self.parallel is None else self.parallel

    def fits(self, demand: Demand, held: Held) -> bool:
        """Whether the machine has room for one more. One that asks for more than there is runs alone."""
        return (held.attempts == 0 and not self.shared) or (
            held.cpu + demand.cpu <= self.cpu + _ROUNDING
            and held.memory + demand.memory <= self.memory
            and held.gpu + demand.gpu <= self.gpu
        )

    def has_room(self, demand: Demand, held: Held) -> bool:
        """Whether one more may be launched: of machine, pools and attempts at once there is enough."""
        within = held.attempts < self.attempts and self.fits(demand, held)
        return within and not any(self.full_pools(demand, held))

    def full_pools(self, demand: Demand, held: Held) -> Iterator[str]:
        """Those of the pools it needs that have too few free slots."""
        for place in demand.places:
            size = self.pools.get(place.pool) if place.size is None else place.size
            if size is not None and held.pools.get(place.pool, 0) + place.slots > size:
                yield place.pool


def demand_of(task: PlanTask) -> Demand:
    """What the attempts of `task` ask for."""
    asked = task.resources
    own = tuple(Place(f"/{pool}", 1, size) for pool, size in task.pools.items())  # no pool that runs share is called so
    shared = tuple(Place(pool, slots) for pool, slots in asked.pools.items())
    places = (*shared, *own)
    cpu, memory, gpu = 1.0 if asked.cpu is None else asked.cpu, asked.memory or 0, asked.gpu or 0
    return Demand(cpu, memory, gpu, places, _may_share(task) and not (places or memory or gpu))


def _may_share(task: PlanTask) -> bool:
    """Whether its attempts may have a process that others have before: limits, secrets and environments stay behind."""
    may = task.isolation is Isolation.REUSE and task.kind is Kind.FUNCTION
    own = task.environment.python is not None or task.environment.requirements is not None
    return may and not (task.secrets or task.secret_variables or own)
