"""What a run that goes on does again, and what of it stands.

A map whose items are tried again goes on with the items it has, while nothing it waits for is tried again: then it
expands anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from treadle.run.events import RunResumed
from treadle.run.expansion import owner_of
from treadle.run.order import needs_of
from treadle.run.plan import PlanTask
from treadle.run.roster import Roster
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.store.references import ArtifactRef

__all__ = ["Holds", "after", "resumed", "set_up_anew", "tasks_to_retry", "tasks_to_try_again"]

Holds = Callable[[ArtifactRef], bool]


def resumed(roster: Roster, state: RunState, again: tuple[str, ...], by: str, task: str | None = None) -> RunResumed:
    """The event with which `again` are tried again: of `task`, where one is named, all of it anew."""
    tried = set(again)
    expanded = [
        mapped
        for mapped in roster.bodies
        if mapped in tried and mapped != task and tried.isdisjoint(needs_of(roster.tasks[mapped]))
    ]
    standing = set(expanded) | (roster.bodies.keys() - tried)
    kept = tuple(id_ for id_ in again if (owner := owner_of(id_)) is None or _stands_whole(owner, standing))
    expanded = [mapped for mapped in expanded if (owner := owner_of(mapped)) is None or _stands_whole(owner, standing)]
    return RunResumed(kept, by, () if task is None else (task,), tuple(expanded))


def _stands_whole(mapped: str | None, standing: AbstractSet[str]) -> bool:
    """Whether a map and all that it is an item of go on with the items they have."""
    while mapped is not None:
        if mapped not in standing:
            return False
        mapped = owner_of(mapped)
    return True


def tasks_to_try_again(roster: Roster, state: RunState, holds: Holds) -> tuple[str, ...]:
    """Every task but those that stand, in the plan's order.

    A success stands while its artifacts do, and so does what was skipped; but nothing stands that waits for something
    which is tried again: it is looked up again, and stays cached where the same comes out. A set-up whose teardown has
    begun is made again for the work that needs it, and what runs at the end runs again.
    """
    lost = [id_ for id_, task in state.tasks.items() if id_ in roster.tasks and not _stands(task, holds)]
    return _again(roster, state, lost) if lost else ()


def tasks_to_retry(roster: Roster, state: RunState, holds: Holds, task: str) -> tuple[str, ...]:
    """`task` and what waits for it, in the plan's order, and what they read that is no longer there."""
    ahead, lost = [task], {task}
    while ahead:
        for id_ in needs_of(roster.tasks[ahead.pop()]):
            found = state.tasks[id_]
            if id_ not in lost and found.status.is_success and not all(map(holds, found.outputs.values())):
                lost.add(id_)
                ahead.append(id_)
    return _again(roster, state, lost)


def after(tasks: Mapping[str, PlanTask], first: Iterable[str]) -> AbstractSet[str]:
    """`first` and everything that waits for one of them, directly or not; a map waits for its items."""
    waiting: dict[str, list[str]] = {id_: [] for id_ in tasks}
    for id_, task in tasks.items():
        for need in needs_of(task):
            waiting[need].append(id_)
        if (owner := owner_of(id_)) is not None:
            waiting[id_].append(owner)
    found: set[str] = set()
    ahead = list(first)
    while ahead:
        id_ = ahead.pop()
        if id_ not in found:
            found.add(id_)
            ahead.extend(waiting[id_])
    return found


def set_up_anew(
    tasks: Mapping[str, PlanTask], has_begun: Callable[[str], bool], again: AbstractSet[str]
) -> AbstractSet[str]:
    """Set-ups whose teardown has begun, where something between the two is in `again`."""
    teardowns = (task for task in tasks.values() if task.teardown_of and has_begun(task.id))
    return {setup for task in teardowns if not again.isdisjoint(_served(task)) for setup in task.teardown_of}


def _again(roster: Roster, state: RunState, lost: Iterable[str]) -> tuple[str, ...]:
    tasks = roster.tasks
    at_end = [id_ for id_, task in tasks.items() if task.at_end is not None]
    again = after(tasks, [*lost, *at_end])
    again = again | set_up_anew(tasks, lambda id_: state.tasks[id_].number > 0, again)
    return tuple(id_ for id_ in tasks if id_ in again)


def _stands(task: TaskState, holds: Holds) -> bool:
    stands = task.status.is_success or task.status is TaskStatus.SKIPPED
    return stands and all(map(holds, task.outputs.values()))


def _served(teardown: PlanTask) -> Iterator[str]:
    """What lies between a teardown and its set-ups."""
    yield from (source.task for sources in teardown.inputs.values() for source in sources)
    yield from teardown.after
    yield from teardown.settled
