"""Ledger: what the runs of one engine have taken of its machine, so that together they take no more than there is.

Each run books what its open attempts hold and what it waits for. Its room is the machine, less what the others hold,
less what is kept free for a waiting run that holds less than it does: so no run starves beside a wide one, and a
machine that nobody waits for stands idle for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from treadle.run.room import Capacity, Demand, Held
from treadle.run.schedule import Schedule

__all__ = ["Ledger", "Share"]


@dataclass(slots=True)
class _Booking:
    """What one run holds; `wanted` is the first of its tasks that found no room, `waits_for` those that wait for pools,
    by the slots that the first of each wants."""

    wake: Callable[[], None]
    held: Held = field(default_factory=Held)
    wanted: Demand | None = None
    waits_for: Mapping[str, int] = field(default_factory=dict)


class Ledger:
    """For the runs of one event loop."""

    def __init__(self) -> None:
        self._bookings: list[_Booking] = []

    def share(self, whole: Capacity, wake: Callable[[], None]) -> Share:
        """A run's share of the machine `whole`. `wake` is called when there may be more room than there was."""
        return Share(self._bookings, _Booking(wake), whole)


class Share:
    """One run's view of the ledger, which counts it from `open` to `close`."""

    def __init__(self, bookings: list[_Booking], own: _Booking, whole: Capacity) -> None:
        self._bookings = bookings
        self._own = own
        self._whole = replace(whole, parallel=whole.attempts)

    def open(self) -> None:
        self._bookings.append(self._own)

    def room(self) -> Capacity:
        """What this run's attempts may use together now, those that are open included."""
        own, room = self._own.held, self._whole
        cpu, memory, gpu, shared = room.cpu, room.memory, room.gpu, False
        pools = dict(room.pools)
        for other in self._others():
            held, wanted = other.held, other.wanted
            cpu, memory, gpu = cpu - held.cpu, memory - held.memory, gpu - held.gpu
            shared = shared or held.attempts > 0
            if wanted is not None and held.cpu < own.cpu:
                cpu, memory, gpu = cpu - wanted.cpu, memory - wanted.memory, gpu - wanted.gpu
                shared = True
            for pool in pools:
                pools[pool] -= held.pools.get(pool, 0)
                if pool in other.waits_for and held.pools.get(pool, 0) < own.pools.get(pool, 0):
                    pools[pool] -= other.waits_for[pool]
        return replace(room, cpu=cpu, memory=memory, gpu=gpu, shared=shared, pools=pools)

    def book(self, schedule: Schedule) -> None:
        """Takes note of what the run holds now, and wakes the others where it let go of something."""
        own = self._own
        waits_for = {pool: slots for pool in self._whole.pools if (slots := schedule.ready.wanted_of(pool))}
        before = (own.held, own.wanted, own.waits_for)
        now = (replace(schedule.held, pools=dict(schedule.held.pools)), schedule.wanted, waits_for)
        if before != now:
            own.held, own.wanted, own.waits_for = now
            self._wake_others()

    def close(self) -> None:
        self._bookings.remove(self._own)
        self._wake_others()

    def _others(self) -> list[_Booking]:
        return [booking for booking in self._bookings if booking is not self._own]

    def _wake_others(self) -> None:
        for other in self._others():
            if other.wanted is not None or other.waits_for:
                other.wake()
