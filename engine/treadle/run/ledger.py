"""Ledger: what the runs of one engine have taken of its machine, so that together they take no more than there is.

Each run books what its open attempts hold and what it waits for. Its room is the machine, less what the others hold,
less what is kept free for a waiting run that holds less than it does: so no run starves beside a wide one, and a
machine that nobody waits for stands idle for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from treadle.run.decide import Capacity
from treadle.run.schedule import Schedule, cpu_of
from treadle.spec.pipeline import Resources

__all__ = ["Ledger", "Share"]


@dataclass(slots=True)
class _Booking:
    """What one run holds; `wanted` is the first of its tasks that found no room."""

    wake: Callable[[], None]
    cpu: float = 0.0
    memory: int = 0
    gpu: int = 0
    attempts: int = 0
    wanted: Resources | None = None


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
        cpu, memory, gpu, shared = self._whole.cpu, self._whole.memory, self._whole.gpu, False
        for other in self._others():
            cpu, memory, gpu = cpu - other.cpu, memory - other.memory, gpu - other.gpu
            shared = shared or other.attempts > 0
            if other.wanted is not None and other.cpu < self._own.cpu:
                cpu -= cpu_of(other.wanted)
                memory -= other.wanted.memory or 0
                gpu -= other.wanted.gpu or 0
                shared = True
        return replace(self._whole, cpu=cpu, memory=memory, gpu=gpu, shared=shared)

    def book(self, schedule: Schedule) -> None:
        """Takes note of what the run holds now, and wakes the others where it let go of something."""
        own = self._own
        before = (own.cpu, own.memory, own.gpu, own.attempts, own.wanted)
        own.cpu, own.memory, own.gpu = schedule.cpu, schedule.memory, schedule.gpu
        own.attempts, own.wanted = schedule.open, schedule.wanted
        if before != (own.cpu, own.memory, own.gpu, own.attempts, own.wanted):
            self._wake_others()

    def close(self) -> None:
        self._bookings.remove(self._own)
        self._wake_others()

    def _others(self) -> list[_Booking]:
        return [booking for booking in self._bookings if booking is not self._own]

    def _wake_others(self) -> None:
        for other in self._others():
            if other.wanted is not None:
                other.wake()
