"""What a run that goes on does again, and what of it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from treadle.run.order import Order
from treadle.run.plan import Plan, PlanTask
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.store.references import ArtifactRef

__all__ = ["tasks_to_try_again"]


def tasks_to_try_again(plan: Plan, state: RunState, holds: Callable[[ArtifactRef], bool]) -> tuple[str, ...]:
    """Every task but those that stand, in plan order.

    A success stands while its artifacts do, and so does what was skipped; but nothing stands that waits for something
    which is tried again: it is looked up again, and stays cached where the same comes out. A set-up whose teardown has
    begun is made again for the work that needs it, and what runs at the end runs again.
    """
    order = Order.of(plan)
    again: set[str] = set()
    ahead = [id_ for id_, task in state.tasks.items() if not _stands(task, holds)]
    if ahead:
        ahead += [id_ for id_, task in plan.tasks.items() if task.at_end is not None]
    while ahead:
        id_ = ahead.pop()
        if id_ not in again:
            again.add(id_)
            ahead.extend(order.ids[rank] for rank in order.downstream[order.rank_of[id_]])
    again.update(_set_up_anew(plan, state, again))
    return tuple(id_ for id_ in plan.tasks if id_ in again)


def _stands(task: TaskState, holds: Callable[[ArtifactRef], bool]) -> bool:
    stands = task.status.is_success or task.status is TaskStatus.SKIPPED
    return stands and all(map(holds, task.outputs.values()))


def _set_up_anew(plan: Plan, state: RunState, again: set[str]) -> Iterator[str]:
    for task in plan.tasks.values():
        if task.teardown_of and state.tasks[task.id].number > 0 and not again.isdisjoint(_served(task)):
            yield from task.teardown_of


def _served(teardown: PlanTask) -> Iterator[str]:
    """What lies between a teardown and its set-ups."""
    yield from (source.task for sources in teardown.inputs.values() for source in sources)
    yield from teardown.after
    yield from teardown.settled
