"""Gathering: what a map comes to when the last of its items has ended. Pure.

An item has failed where one of its last tasks has, or could not run: as in a run, its leaves decide. A map of which an
item failed has failed; else what the items gave is its lists, in the items' order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from treadle.execute.protocol import Cancelled, Crashed, Failed, Outcome, TimedOut
from treadle.run.ending import is_cleaning
from treadle.run.expansion import body_ids, item_id
from treadle.run.order import needs_of
from treadle.run.plan import PlanTask
from treadle.run.state import TaskState, TaskStatus
from treadle.store.references import ArtifactRef

__all__ = ["lists_of", "mishap_of"]

_NAMED: Final = 3


def mishap_of(task: PlanTask, items: int, tasks: Mapping[str, TaskState]) -> Outcome | None:
    """Why the mapped `task`, all of whose items have ended, did not succeed; None where it did."""
    leaves = list(_leaves(task))
    ended = [worst for index in range(items) if (worst := _mishap(item_id(task.id, index), leaves, tasks)) is not None]
    failed = [worst for worst in ended if tasks[worst].status is not TaskStatus.CANCELLED]
    if failed:
        first = "; ".join(_told(worst, tasks[worst]) for worst in failed[:_NAMED])
        more = f"; and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
        return Failed("ItemsFailed", f"{len(failed):,} of {items:,} items failed: {first}{more}")
    return Cancelled("user") if ended else None


def lists_of(task: PlanTask, items: int, tasks: Mapping[str, TaskState]) -> Mapping[str, list[ArtifactRef]]:
    """What the items gave, by output. An item that did not give one is left out."""
    ends = {} if task.map is None else task.map.outputs
    return {
        port: [
            given[end.port]
            for index in range(items)
            if end.port in (given := tasks[item_id(task.id, index, end.task.removeprefix(task.id))].outputs)
        ]
        for port, end in ends.items()
    }


def _mishap(item: str, leaves: list[str], tasks: Mapping[str, TaskState]) -> str | None:
    """The task of the item that keeps it from having succeeded."""
    for within in leaves:
        id_ = item + within
        found = tasks[id_]
        if found.status is TaskStatus.UPSTREAM_FAILED:
            return found.cause if found.cause in tasks else id_
        if found.status.is_failure or found.status is TaskStatus.CANCELLED:
            return id_
    return None


def _leaves(task: PlanTask) -> Iterator[str]:
    body = () if task.map is None else task.map.body
    needed = {name for each in body if not is_cleaning(each) for name in needs_of(each)}
    for each, within in zip(body, body_ids(task), strict=True):
        if each.id not in needed and not is_cleaning(each):
            yield within


def _told(id_: str, task: TaskState) -> str:
    match task.outcome:
        case Failed(error=error, message=message):
            return f"{id_} ({error}: {message.splitlines()[0][:120]})" if message else f"{id_} ({error})"
        case Crashed(reason=reason):
            return f"{id_} ({reason})"
        case TimedOut():
            return f"{id_} (timed out)"
        case _:
            return id_
