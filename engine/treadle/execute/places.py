"""Places: how many attempts may be carried out at once, where some were handed over before there was room for them.

Each says how many of its like may go on together as things stand when it is asked for (`AttemptRequest.together`). That
stays so while any of them waits in line: who ends leaves the room to the next. So the last word counts.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Final, TypeAlias

from treadle.execute.protocol import AttemptId, AttemptRequest

__all__ = ["Alike", "Places", "alike"]

Alike: TypeAlias = tuple[str, float]
"""A run, and the cores that each of these attempts asks for: only like takes the room of like."""

_ANY_NUMBER: Final = sys.maxsize


def alike(request: AttemptRequest) -> Alike:
    return request.attempt.run, request.resources.cpu or 1.0


class Places:
    """Of all attempts that share processes."""

    def __init__(self) -> None:
        self._open: dict[AttemptId, Alike] = {}
        self._count: Counter[Alike] = Counter()
        self._together: dict[Alike, int] = {}

    def __contains__(self, attempt: AttemptId) -> bool:
        return attempt in self._open

    def open(self) -> list[AttemptId]:
        """The attempts that have not ended."""
        return list(self._open)

    def of(self, kind: Alike) -> int:
        """How many of `kind` may be carried out at once."""
        return self._together[kind]

    def enter(self, request: AttemptRequest) -> None:
        kind = self._open[request.attempt] = alike(request)
        self._count[kind] += 1
        self._together[kind] = _ANY_NUMBER if request.together is None else request.together

    def leave(self, attempt: AttemptId) -> None:
        """It has ended."""
        kind = self._open.pop(attempt)
        self._count[kind] -= 1
        if not self._count[kind]:
            del self._count[kind], self._together[kind]
