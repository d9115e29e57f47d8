"""A run's events for a subscriber: from the journal, then as they come, without a gap or a duplicate.

    journal ══ read to its end ══► subscriber        late, replay, and whoever was too slow
    loop    ── offer ──► Tail ───► subscriber        live

Events are numbered without gaps and reach the journal before anybody is told. So a subscriber gives an event of the
tail only where it is the next one, and where it is not (the tail had overflowed) reads the journal again. A run of
another process has no tail here: its journal is read as it grows.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from treadle.run.event_codec import from_text
from treadle.run.events import Recorded, RunFinished, RunInterrupted
from treadle.store.journal import read_journal_as

__all__ = ["JournalFollower", "Tail", "follow"]

_CAPACITY: Final = 4096
_PACE: Final = 0.01  # seconds between two takings
_POLL: Final = 0.15  # seconds between looks at a journal that another process writes


class Tail:
    """What a loop has published and a subscriber not yet taken: the newest `capacity` events at most. A hundred times a
    second it is given, not with each event: to wake up for one costs more than the event does."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._events: deque[Recorded] = deque(maxlen=capacity)
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._is_told = False
        self._taken_at = -_PACE
        self.closed = False

    def offer(self, recorded: Recorded) -> None:
        """Called by the loop, which it never keeps waiting."""
        self._events.append(recorded)
        if not self._is_told:
            self._is_told = True
            self._loop.call_at(self._taken_at + _PACE, self._news.set)

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True
        self._news.set()

    async def take(self) -> list[Recorded]:
        """What has come; waits while nothing has and more may. Empty where nothing will."""
        if not self.closed:
            await self._news.wait()
        self._news.clear()
        self._is_told = False
        self._taken_at = self._loop.time()
        taken = list(self._events)
        self._events.clear()
        return taken


@dataclass(slots=True)
class JournalFollower:
    """A journal read as it grows. `last` is the number of the last event given, `has_ended` whether that was the end
    of the run, so far."""

    path: Path
    last: int
    has_ended: bool = field(default=False, init=False)
    _offset: int = field(default=0, init=False)

    def fresh(self) -> list[Recorded]:
        """The events after `last` that stand in the journal now."""
        reading = read_journal_as(from_text, self.path, self._offset)
        self._offset = reading.end
        return self.after([recorded for recorded in reading.records if recorded is not None])

    def after(self, events: list[Recorded]) -> list[Recorded]:
        """Those of `events` that are new, up to the first gap."""
        new = []
        for recorded in events:
            if recorded.seq == self.last + 1:
                self.last = recorded.seq
                new.append(recorded)
        if new:
            self.has_ended = isinstance(new[-1].event, RunFinished | RunInterrupted)
        return new


async def follow(
    journal: JournalFollower, tail: Tail | None, is_held: Callable[[], bool]
) -> AsyncIterator[list[Recorded]]:
    """Batches of events, never empty, until nobody goes on with the run and its journal was read to the end.

    `tail` is the run's where this process holds it; `is_held` says whether another does.
    """
    if tail is not None:
        async for batch in _follow_tail(journal, tail):
            yield batch
    goes_on = not journal.has_ended or is_held()
    while goes_on:
        goes_on = is_held()  # before the last look: what is written between them is still read
        if events := journal.fresh():
            yield events
        elif goes_on:
            await asyncio.sleep(_POLL)


async def _follow_tail(journal: JournalFollower, tail: Tail) -> AsyncIterator[list[Recorded]]:
    if events := journal.fresh():
        yield events
    while taken := await tail.take():
        events = journal.after(taken)
        if taken[-1].seq > journal.last:
            events += journal.fresh()
        if events:
            yield events
