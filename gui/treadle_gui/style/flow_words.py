"""What the flow of a pipeline is called where a person reads it: triggers, set-up and teardown, nodes at the end."""

from __future__ import annotations

from typing import assert_never

from treadle.spec.flow import AtEnd, Trigger
from treadle.spec.mapping import Map

__all__ = ["at_end_words", "map_words", "trigger_words"]


def trigger_words(trigger: Trigger) -> str:
    """When a node of this trigger runs, of what it waits for; the words of the guide's table."""
    match trigger:
        case Trigger.ALL_SUCCESS:
            return "everything succeeded"
        case Trigger.ALL_FAILED:
            return "everything failed"
        case Trigger.ALL_DONE:
            return "everything ended, however"
        case Trigger.ALL_DONE_MIN_ONE_SUCCESS:
            return "everything ran, and something succeeded"
        case Trigger.ALL_DONE_SETUP_SUCCESS:
            return "everything ended, and a set-up succeeded"
        case Trigger.ALL_SKIPPED:
            return "everything was skipped"
        case Trigger.ONE_SUCCESS:
            return "something succeeded, at once"
        case Trigger.ONE_FAILED:
            return "something failed, at once"
        case Trigger.ONE_DONE:
            return "something succeeded or failed, at once"
        case Trigger.NONE_FAILED:
            return "everything succeeded or was skipped"
        case Trigger.NONE_FAILED_MIN_ONE_SUCCESS:
            return "nothing failed, and something succeeded"
        case Trigger.NONE_SKIPPED:
            return "everything ended, and nothing was skipped"
        case Trigger.ALWAYS:
            return "whatever it waits for, at once"
        case _:
            assert_never(trigger)


def at_end_words(at_end: AtEnd) -> str:
    """When a node at the run's end runs."""
    match at_end:
        case AtEnd.ALWAYS:
            return "at the run's end, however it came out"
        case AtEnd.SUCCESS:
            return "at the run's end, where it succeeded"
        case AtEnd.FAILURE:
            return "at the run's end, where it failed"
        case _:
            assert_never(at_end)


def map_words(over: Map) -> str:
    """What a mapped node runs once for each of."""
    most = f", at most {over.parallel} at once" if over.parallel is not None else ""
    if over.rows is not None:
        return f"it runs once for each row of {over.rows}{most}"
    if over.files is not None:
        return f"it runs once for each file {over.files}{most}"
    return f"it runs once for each item of {over.over}{most}"
