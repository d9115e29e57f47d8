"""Waits: what keeps each task that may begin from beginning, in words: a pool, the machine, or the run's own limit.

Found from the run's folder and what the project's engines hold, so that any process can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from treadle.run.beginning import Stage
from treadle.run.bookings import Booking, bookings_from_json
from treadle.run.history import read_state
from treadle.run.items import ItemStore
from treadle.run.ledger import Ledger
from treadle.run.machine import Machine
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.room import Capacity, Demand, Held
from treadle.run.roster import Roster, roster_of
from treadle.run.schedule import Schedule
from treadle.run.state import RunState, RunStatus, TaskStatus
from treadle.store.artifacts import ArtifactStore
from treadle.store.board import Board
from treadle.store.descriptors import read_plain
from treadle.store.project import Project

__all__ = ["find_waits", "waits_of"]

_MOST_NAMES: Final = 4
_OPEN: Final = (TaskStatus.QUEUED, TaskStatus.RUNNING)


def find_waits(project: Project, run: str, machine: Machine) -> dict[str, str]:
    """What each ready task of `run` waits for; empty where it doesn't go on. Reads files."""
    read = _read(project, run)
    if read is None or read[1].status is not RunStatus.RUNNING or read[1].paused is not None:
        return {}
    board = Board(project.state / "engines")
    try:
        with board.locked():
            others = [each for told in board.others() for each in bookings_from_json(told) if each.run != run]
    finally:
        board.close()
    return waits_of(*read, machine.capacity(), others, _takers(project, [run, *(each.run for each in others)]))


def waits_of(
    roster: Roster,
    state: RunState,
    machine: Capacity,
    others: Iterable[Booking],
    takers: Mapping[str, Iterable[str]],
) -> dict[str, str]:
    """By task, a sentence. `takers` says by pool which tasks have slots of it."""
    ledger = Ledger()
    share = ledger.share(roster.plan, machine, lambda: None)
    ledger.hear(others)
    beginnings = Schedule(roster, state).beginnings
    share.booking.held = beginnings.held
    room = share.room()
    told: dict[str, str] = {}
    for task in beginnings.candidates():
        rank = beginnings.rank_of(task)
        if beginnings.stage(rank) is Stage.LAUNCH:
            told[task] = _sentence(beginnings.demand(rank), beginnings.held, room, roster.plan.pools, takers)
    return told


def _sentence(
    demand: Demand, held: Held, room: Capacity, sizes: Mapping[str, int], takers: Mapping[str, Iterable[str]]
) -> str:
    for place in demand.places:
        if place.pool in room.full_pools(demand, held):
            size = sizes.get(place.pool, 0) if place.size is None else place.size
            taken = size - room.pools[place.pool] if place.size is None else 0
            by = _names(takers.get(place.pool, ()))
            name = place.pool.removeprefix("/")
            return f"waits for pool {name} ({taken + held.pools.get(place.pool, 0)} of {size} taken{by})"
    if held.attempts >= room.attempts:
        return f"waits for a place: {held.attempts} run at once, as many as may"
    if room.fits(demand, held):
        return "waits for its turn"
    return f"waits for {' and '.join(_lacking(demand, held, room))}"


def _lacking(demand: Demand, held: Held, room: Capacity) -> Iterator[str]:
    """What of the machine there is too little of, as in `4 CPUs (1 free)`."""
    free = room.cpu - held.cpu
    if demand.cpu > free:
        yield f"{demand.cpu:g} CPU{'s' * (demand.cpu != 1)} ({max(0.0, free):g} free)"
    if demand.memory > room.memory - held.memory:
        yield f"{demand.memory >> 20} MiB of memory ({max(0, room.memory - held.memory) >> 20} MiB free)"
    if demand.gpu > room.gpu - held.gpu:
        yield f"{demand.gpu} GPU{'s' * (demand.gpu != 1)} ({max(0, room.gpu - held.gpu)} free)"


def _names(tasks: Iterable[str]) -> str:
    names = list(tasks)
    rest = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f" by {', '.join(names[:_MOST_NAMES])}{rest}" if names else ""


def _takers(project: Project, runs: list[str]) -> dict[str, list[str]]:
    """The open tasks by the pools that they have slots of; the first run's own come first, the others' with the run."""
    takers: dict[str, list[str]] = {}
    for run in runs:
        read = _read(project, run)
        for id_, task in read[0].tasks.items() if read is not None else ():
            if read is not None and read[1].tasks[id_].status in _OPEN:
                name = id_ if run == runs[0] else f"{id_} of run {run}"
                for pool in (*task.resources.pools, *(f"/{each}" for each in task.pools)):
                    takers.setdefault(pool, []).append(name)
    return takers


def _read(project: Project, run: str) -> tuple[Roster, RunState] | None:
    folder = project.run(run)
    try:
        state = read_state(folder)
        plan = plan_from_json(read_plain(folder.plan))
    except (OSError, UnreadablePlan):
        return None
    return roster_of(plan, state, ItemStore(ArtifactStore(project.artifacts), project.root).read), state
