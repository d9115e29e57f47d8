"""Bodies: the mapped tasks of a run that are to expand, and those whose items are under way.

    ready ─► to_expand ─► (its items are read) ─► open ─► to_gather ─► (its lists are written) ─► ended

Its members join slice by slice, those of one map after those of another. Each task of a body that settles costs the
same, however many items there are.
"""

from __future__ import annotations

from collections import deque

__all__ = ["Bodies"]


class Bodies:
    """By rank (see `Order`). Nothing is said of a map that has ended."""

    def __init__(self) -> None:
        self.to_expand: deque[int] = deque()
        self.expanding: set[int] = set()
        """Those whose items are being found."""
        self.to_gather: deque[int] = deque()
        self._members: dict[int, range] = {}
        self._left: dict[int, int] = {}
        self._owner: dict[int, int] = {}

    def members(self, mapped: int) -> range:
        """What it became, as far as that has joined."""
        return self._members.get(mapped, range(0))

    def has(self, mapped: int) -> bool:
        """Whether it has expanded."""
        return mapped in self._left

    def owner(self, rank: int) -> int | None:
        """The mapped task that became this one and others."""
        return self._owner.get(rank)

    def open(self, mapped: int, size: int) -> None:
        """It has become so many tasks, which join by and by, and none of which has settled so far."""
        self._left[mapped] = size
        if not size:
            self.to_gather.append(mapped)

    def join(self, mapped: int, ranks: range) -> None:
        """The next of its members, whose ranks go on where those before ended."""
        before = self._members.get(mapped, ranks)
        self._members[mapped] = range(before.start, ranks.stop)
        self._owner.update(dict.fromkeys(ranks, mapped))

    def settle(self, rank: int) -> None:
        """Takes note that a task has settled, of a body or not."""
        mapped = self._owner.get(rank)
        if mapped is None:
            return
        self._left[mapped] -= 1
        if not self._left[mapped]:
            self.to_gather.append(mapped)
