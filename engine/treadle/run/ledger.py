"""Ledger: what the runs of a project have taken of what they share, so that together they take no more than there is.

Each run books what its open attempts hold and what it waits for. Its room is the machine and the pools, less what the
others hold, less what is kept free for a waiting run that holds less than it does: so no run starves beside a wide one,
and a machine that nobody waits for stands idle for nobody. The runs of other processes count through the board. A run
of a pipeline that has as many going on as it allows waits for its turn, in the order in which they began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, Protocol

from treadle.run.beginning import Beginnings
from treadle.run.bookings import Booking, bookings_from_json, bookings_to_json
from treadle.run.plan import Plan
from treadle.run.room import Capacity

__all__ = ["Ledger", "Noticeboard", "Share"]


class Noticeboard(Protocol):
    """Where engines tell each other what they hold: `store.board.Board`."""

    def locked(self) -> AbstractContextManager[None]: ...

    def others(self) -> list[Any]: ...

    def write(self, record: object) -> None: ...

    def close(self) -> None: ...


class Ledger:
    """For the runs of one event loop, and through its board for those of other processes."""

    def __init__(self, board: Noticeboard | None = None) -> None:
        self._board = board
        self._shares: list[Share] = []
        self._foreign: list[Booking] = []

    def share(self, plan: Plan, machine: Capacity, wake: Callable[[], None]) -> Share:
        """The share of a run of `plan`. `wake` is called when there may be more room than there was."""
        whole = replace(machine, parallel=plan.parallel, pools=plan.pools)
        return Share(self, Booking(plan.run, plan.file or plan.pipeline), plan.most_runs, whole, wake)

    def open(self, share: Share) -> None:
        self._shares.append(share)

    def close_share(self, share: Share) -> None:
        self._shares.remove(share)
        with self.read():
            self.tell()
        self.wake(share)

    def others(self, share: Share) -> Iterator[Booking]:
        yield from (other.booking for other in self._shares if other is not share)
        yield from self._foreign

    @property
    def has_company(self) -> bool:
        """Other processes go on with runs, who tell nobody when they let go of something."""
        return bool(self._foreign)

    @contextmanager
    def read(self) -> Iterator[None]:
        """What other processes hold, which stays so meanwhile."""
        with self._board.locked() if self._board is not None else nullcontext():
            if self._board is not None:
                self.hear(each for record in self._board.others() for each in bookings_from_json(record))
            yield

    def hear(self, bookings: Iterable[Booking]) -> None:
        """What the runs of other processes hold."""
        self._foreign = list(bookings)

    def tell(self) -> None:
        """Writes what this process's runs hold."""
        if self._board is not None:
            self._board.write(bookings_to_json([share.booking for share in self._shares]))

    def wake(self, share: Share) -> None:
        for other in self._shares:
            if other is not share and other.is_waiting:
                other.wake()

    def close(self) -> None:
        if self._board is not None:
            self._board.close()


class Share:
    """One run's view of the ledger, which counts it from `open` to `close`."""

    def __init__(
        self, ledger: Ledger, own: Booking, most_runs: int | None, whole: Capacity, wake: Callable[[], None]
    ) -> None:
        self.booking = own
        self.wake = wake
        self._ledger = ledger
        self._most_runs = most_runs
        self._whole = replace(whole, parallel=whole.attempts)

    def open(self) -> None:
        self._ledger.open(self)

    def close(self) -> None:
        self._ledger.close_share(self)

    @property
    def is_waiting(self) -> bool:
        own = self.booking
        return own.wanted is not None or bool(own.waits_for) or not own.is_admitted

    @property
    def must_look_again(self) -> bool:
        """Whether it waits for what other processes may let go of."""
        return self.is_waiting and self._ledger.has_company

    @contextmanager
    def turn(self, can_book: bool = True) -> Iterator[Capacity]:
        """What this run's attempts may use together now, those that are open included; so until it has booked. Who
        can't book more than it has need not know what other processes hold."""
        if not can_book and self.booking.is_admitted:
            yield self.room()
            return
        with self._ledger.read():
            yield self.room()

    def room(self) -> Capacity:
        others = list(self._ledger.others(self))
        if not others:
            return self._whole
        own, room = self.booking.held, self._whole
        cpu, memory, gpu, shared = room.cpu, room.memory, room.gpu, False
        pools, taken = dict(room.pools), set[str]()
        for other in others:
            held, wanted = other.held, other.wanted
            cpu, memory, gpu = cpu - held.cpu, memory - held.memory, gpu - held.gpu
            shared = shared or held.attempts > 0
            taken.update(other.devices)
            if wanted is not None and held.cpu < own.cpu:
                cpu, memory, gpu = cpu - wanted.cpu, memory - wanted.memory, gpu - wanted.gpu
                shared = True
            for pool in pools:
                pools[pool] -= held.pools.get(pool, 0)
                if pool in other.waits_for and held.pools.get(pool, 0) < own.pools.get(pool, 0):
                    pools[pool] -= other.waits_for[pool]
        devices = tuple(device for device in room.devices if device not in taken)
        ahead = self._ahead()
        return replace(
            room, cpu=cpu, memory=memory, gpu=gpu, shared=shared, pools=pools, devices=devices, runs_ahead=ahead
        )

    def book(self, beginnings: Beginnings) -> None:
        """Takes note of what the run holds now, and wakes the others where it let go of something."""
        own = self.booking
        now = Booking(
            own.run,
            own.pipeline,
            own.is_admitted or self._ahead() is None,
            replace(beginnings.held, pools=_shared(beginnings.held.pools, self._whole)),
            tuple(device for devices in beginnings.devices.values() for device in devices),
            beginnings.wanted,
            {pool: slots for pool in self._whole.pools if (slots := beginnings.ready.wanted_of(pool))},
        )
        if now != own:
            self.booking = now
            self._ledger.tell()
            self._ledger.wake(self)

    def _ahead(self) -> int | None:
        """How many runs of the pipeline keep this one from beginning; None where it may."""
        own = self.booking
        if own.is_admitted or self._most_runs is None:
            return None
        same = (other for other in self._ledger.others(self) if other.pipeline == own.pipeline)
        ahead = sum(other.is_admitted or other.run < own.run for other in same)
        return ahead if ahead >= self._most_runs else None


def _shared(pools: dict[str, int], whole: Capacity) -> dict[str, int]:
    return {pool: slots for pool, slots in pools.items() if pool in whole.pools}
