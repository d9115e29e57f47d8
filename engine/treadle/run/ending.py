"""Ending: what a run comes to. As in Airflow its leaves decide, so that a failure which a trigger took care of is none.

A leaf is a task that nothing waits for. Teardowns and tasks at the run's end are no leaves, and what they come to
changes nothing: the result stands before the last of them begins. Nor does what a map became: the map itself ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from treadle.run.order import Order
from treadle.run.plan import PlanTask
from treadle.run.state import RunState, RunStatus, TaskState, TaskStatus
from treadle.spec.flow import AtEnd
from treadle.spec.quantities import format_duration

__all__ = ["Ending", "is_cleaning"]


def is_cleaning(task: PlanTask) -> bool:
    """Whether the task runs even in a run that is being cancelled."""
    return bool(task.teardown_of) or task.at_end is not None


class Ending:
    """Follows the tasks as they settle. Ranks are `order`'s."""

    def __init__(self, tasks: Sequence[PlanTask], order: Order) -> None:
        cleans = [is_cleaning(task) for task in tasks]
        self._counts = [not clean for clean in cleans]
        self._decides = [
            not cleans[rank] and all(cleans[below] for below in order.downstream[rank]) for rank in range(len(tasks))
        ]
        self._before_the_end = [task.at_end is None for task in tasks]
        self._left = sum(self._before_the_end)
        self._failures = 0
        self._cancellations = 0

    @property
    def is_near(self) -> bool:
        """Only what runs at the end is left."""
        return self._left == 0

    def grow(self, size: int) -> None:
        """Takes in the next ranks, which a map added."""
        self._counts += [False] * size
        self._decides += [False] * size
        self._before_the_end += [False] * size

    def settle(self, rank: int, task: TaskState, cause: TaskStatus | None) -> bool:
        """Takes note that a task has settled, and that one of status `cause` kept it from running; whether the end is
        near now."""
        status = task.status
        if not status.is_success:
            failed = status.is_failure or (status is TaskStatus.UPSTREAM_FAILED and cause is not TaskStatus.CANCELLED)
            self._failures += failed and self._decides[rank]
            self._cancellations += status is TaskStatus.CANCELLED and self._counts[rank]
        if not self._before_the_end[rank]:
            return False
        self._left -= 1
        return self._left == 0

    def status(self, state: RunState) -> RunStatus:
        """What the run has come to, once the end is near."""
        if state.timed_out is not None and self._cancellations:
            return RunStatus.FAILED
        if state.cancel_requested and self._cancellations:
            return RunStatus.CANCELLED
        if self._failures:
            return RunStatus.FAILED
        return RunStatus.CANCELLED if self._cancellations else RunStatus.SUCCEEDED

    def reason(self, state: RunState) -> str:
        """What the tasks alone don't say of it."""
        if state.timed_out is None or not self._cancellations:
            return ""
        return f"the run took longer than its limit of {format_duration(state.timed_out)}"

    def misses(self, wanted: AtEnd, state: RunState) -> str | None:
        """None where a task that wants this end runs, else why it is skipped."""
        status = self.status(state)
        fits = {AtEnd.SUCCESS: RunStatus.SUCCEEDED, AtEnd.FAILURE: RunStatus.FAILED}
        if wanted is AtEnd.ALWAYS or fits[wanted] is status:
            return None
        return {RunStatus.CANCELLED: "the run was cancelled", RunStatus.FAILED: "the run failed"}.get(
            status, "the run succeeded"
        )
