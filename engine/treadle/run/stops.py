"""Stops: the breakpoints that a run has come to. Where there are none it costs a look at one attribute."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from treadle.run.interventions import Breakpoint, When
from treadle.run.state import RunState
from treadle.run.status import TaskStatus

__all__ = ["Stops"]


class Stops:
    """Ranks index `ids`. What `state` no longer stops at is passed over."""

    def __init__(self, state: RunState, ids: Sequence[str]) -> None:
        self._state = state
        self._ids = ids
        self._before: set[int] = set()
        self._after: deque[int] = deque()

    def is_before(self, rank: int) -> bool:
        """Whether the run is to pause before the task, which may begin."""
        pausing = self._state.pausing
        return pausing is not None and pausing.stops(self._ids[rank], When.BEFORE)

    def wait(self, rank: int) -> None:
        """The task may begin, and stands before its breakpoint."""
        self._before.add(rank)

    def leave(self, rank: int) -> None:
        self._before.discard(rank)

    def end(self, rank: int, status: TaskStatus) -> None:
        """The task has ended; one that did nothing is none to stop after."""
        if self._state.pausing is not None and (status.is_success or status.is_failure):
            self._after.append(rank)

    def waiting(self) -> tuple[int, ...]:
        return tuple(self._before)

    def take(self, leaving: AbstractSet[int]) -> Breakpoint | None:
        """Where the run is to pause now, None for nowhere. Tasks that are `leaving` will not begin."""
        pausing = self._state.pausing
        while self._after and pausing is not None:
            here = Breakpoint(self._ids[self._after.popleft()], When.AFTER)
            if pausing.stops(*here):
                return here
        rank = min(self._before - leaving, default=None)
        return None if rank is None else Breakpoint(self._ids[rank])
