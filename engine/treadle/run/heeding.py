"""Heeding: whether what somebody wants of a run has anything to change in it now."""

from __future__ import annotations

from typing import assert_never

from treadle.run.decide import next_step
from treadle.run.interventions import (
    ApprovalAnswered,
    Breakpoint,
    BreakpointSet,
    CancelRequested,
    Intervention,
    ParamsChanged,
    RunContinued,
    RunPaused,
    TaskStepped,
)
from treadle.run.schedule import Schedule
from treadle.run.state import RunState

__all__ = ["applies"]


def applies(wish: Intervention, state: RunState, schedule: Schedule) -> bool:
    """False for what came too late, or says what is so already. `schedule` follows `state`."""
    match wish:
        case CancelRequested():
            return True
        case ApprovalAnswered(task=task):
            return task in state.tasks and state.tasks[task].is_asked
        case RunPaused():
            return state.paused is None and not state.cancel_requested
        case RunContinued():
            return state.paused is not None
        case BreakpointSet(task=task, when=when, on=on):
            return task in state.tasks and (Breakpoint(task, when) in state.breakpoints) is not on
        case TaskStepped(task=task):
            return next_step(schedule, state, task) == task
        case ParamsChanged(task=task):
            return state.paused is not None and task in state.tasks and state.tasks[task].status.is_unbegun
        case _:
            assert_never(wish)
