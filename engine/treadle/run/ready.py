"""ReadyTasks: the tasks that may be launched, in lines of those that ask for the same.

Where the first of a line finds no room none behind it does, so a line is looked at and not its tasks. One whose pool
is full stands parked by the pool until a slot is let go, and costs nothing before: 10,000 tasks behind a pool of four
is one parked line. Within a pool the first in order goes first, whatever else it waits for: nothing starves there.

Of short tasks whose processes serve many, a few go early, before there is room for them: each waits in line behind one
that goes on, and takes its room when it ends. So those processes never wait for the engine.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from math import inf
from typing import Final

from treadle.run.plan import PlanTask
from treadle.run.room import Demand, demand_of
from treadle.spec.environments import Isolation
from treadle.spec.pipeline import Resources

__all__ = ["Line", "ReadyTasks"]

_PLAIN: Final = Resources()
_EARLY_WORK: Final = 0.01
"""Seconds of work that may lie ready for each open attempt: what who is weightier waits for at most."""
_QUICKEST: Final = 1e-6
_LATEST: Final = 0.125
"""What the latest attempt counts in the usual time."""


class Line:
    """Ready tasks that ask for the same, first in order first. A task is its turn and its rank (see `Order`), and the
    number of its attempt."""

    __slots__ = ("demand", "early", "held", "index", "is_out", "is_parked", "noted", "tasks", "usual")

    def __init__(self, index: int, demand: Demand) -> None:
        self.index = index
        self.demand = demand
        self.tasks: list[tuple[float, int, int]] = []
        self.is_parked = False
        """It waits for slots of its pools."""
        self.noted: dict[str, float] = {}
        """The pools by which it is found while it is parked, and the turn it stands there with, or a lower one."""
        self.is_out = False
        """It was taken, and not yet given back."""
        self.held = 0
        """How many of its attempts have room."""
        self.early = 0
        """How many went early, and wait for the room of one that ends."""
        self.usual: float | None = None
        """Seconds that its attempts take, the latest counting most; None where none has ended."""

    def took(self, seconds: float) -> None:
        """One of its attempts has ended."""
        before = seconds if self.usual is None else self.usual
        self.usual = before + (seconds - before) * _LATEST

    def may_go_early(self, most: int) -> bool:
        """Whether one more may, where at most so many stand behind each that has room."""
        if self.usual is None or not self.demand.lines_up:
            return False
        return self.early < self.held * min(most, int(_EARLY_WORK / max(self.usual, _QUICKEST)))


class ReadyTasks:
    """`may_begin(rank, number)` says whether a task that was put in is still ready, for that attempt."""

    def __init__(self, may_begin: Callable[[int, int], bool]) -> None:
        self._may_begin = may_begin
        self._lines: list[Line] = []
        self._by_demand: dict[Demand, Line] = {}
        self._plain = self._line(Demand())
        self.lines_up = False
        """Whether there are tasks that may go early."""
        self._heads: list[tuple[float, int]] = []
        """(turn of its first task, line): each line that isn't parked or out is here, if not with that turn then with a
        lower one."""
        self._parked: dict[str, list[tuple[float, int]]] = {}
        """By pool, the same of the lines that wait, and of some that do no longer."""
        self._seen: Mapping[str, int] = {}

    def line_of(self, task: PlanTask) -> Line:
        """The line that `task` stands in when it is ready."""
        is_fresh = task.isolation is Isolation.FRESH
        if is_fresh and not task.pools and (task.resources is _PLAIN or task.resources == _PLAIN):
            return self._plain
        demand = demand_of(task)
        self.lines_up |= demand.lines_up
        return self._by_demand.get(demand) or self._line(demand)

    @property
    def has_any(self) -> bool:
        """Whether there may be tasks in line."""
        return bool(self._heads or self._parked)

    def put(self, line: Line, turn: float, rank: int, number: int) -> None:
        heapq.heappush(line.tasks, (turn, rank, number))
        if line.tasks[0][0] != turn or line.is_out:
            return
        line.is_parked = False  # it may have stood behind a line that now stands behind it
        heapq.heappush(self._heads, (turn, line.index))

    def take_line(self, back: Line | None = None) -> Line | None:
        """The line whose first task goes first, None where all are parked or out; to be given back or parked.

        With `back` that one is given back before: mostly it is the first again.
        """
        if back is not None:
            first = self._first(back)
            if first is not None and (not self._heads or first < self._heads[0][0]):
                return back
            self.give_back(back)
        while self._heads:
            turn, index = heapq.heappop(self._heads)
            line = self._lines[index]
            if line.is_out or line.is_parked:
                continue
            first = self._first(line)
            if first == turn:
                line.is_out = True
                return line
            if first is not None:
                heapq.heappush(self._heads, (first, index))
                continue
            for place in line.demand.places:  # whoever made way for it comes next
                self.freed(place.pool)
        return None

    def take_first(self, line: Line) -> int:
        """The rank of the first task of a line that was taken."""
        return heapq.heappop(line.tasks)[1]

    def give_back(self, line: Line) -> None:
        line.is_out = False
        if line.tasks:
            heapq.heappush(self._heads, (line.tasks[0][0], line.index))

    def park(self, line: Line) -> None:
        """A line that was taken waits until `freed` comes to it by one of its pools."""
        line.is_out, line.is_parked = False, True
        self._note(line)

    def is_behind(self, line: Line) -> bool:
        """Whether a line waits for one of its pools which goes before it."""
        firsts = (self._first_parked(place.pool) for place in line.demand.places)
        return any(first is not None and first[0] < line.tasks[0][0] for first in firsts)

    def freed(self, pool: str) -> None:
        """There may be a slot of `pool`: the first line that waits for it may be taken again."""
        while (found := self._first_parked(pool)) is not None:
            line = self._lines[found[1]]
            line.is_parked = False
            if (first := self._first(line)) is not None:
                heapq.heappush(self._heads, (first, line.index))
                return

    def see(self, pools: Mapping[str, int]) -> None:
        """What there is of the pools that runs share: others may have let go of some."""
        if pools == self._seen:
            return
        for pool, size in pools.items():
            if size > self._seen.get(pool, 0):
                self.freed(pool)
        self._seen = pools

    def wanted_of(self, pool: str) -> int:
        """The slots of `pool` that the first line which waits for it needs; 0 where none waits."""
        found = self._first_parked(pool)
        places = self._lines[found[1]].demand.places if found is not None else ()
        return sum(place.slots for place in places if place.pool == pool)

    def _first_parked(self, pool: str) -> tuple[float, int] | None:
        """(turn, line) of the first that waits for `pool`."""
        waiting = self._parked.get(pool)
        while waiting:
            turn, index = waiting[0]
            line = self._lines[index]
            first = self._first(line) if line.is_parked else None
            if first == turn:
                return waiting[0]
            heapq.heappop(waiting)
            if line.noted.get(pool) == turn:
                del line.noted[pool]
            if first is not None:
                self._note(line)
        self._parked.pop(pool, None)
        return None

    def _note(self, line: Line) -> None:
        turn = line.tasks[0][0]
        for place in line.demand.places:
            if turn < line.noted.get(place.pool, inf):
                line.noted[place.pool] = turn
                heapq.heappush(self._parked.setdefault(place.pool, []), (turn, line.index))

    def _first(self, line: Line) -> float | None:
        tasks = line.tasks
        while tasks:
            turn, rank, number = tasks[0]
            if self._may_begin(rank, number):
                return turn
            heapq.heappop(tasks)
        return None

    def _line(self, demand: Demand) -> Line:
        line = self._by_demand[demand] = Line(len(self._lines), demand)
        self._lines.append(line)
        return line
