"""Whether a task may begin, from how what it waits for has ended: Airflow's thirteen trigger rules, as a function.

Source: airflow/ti_deps/deps/trigger_rule_dep.py, 3.3.2. One thing is settled that Airflow leaves to chance: there a
task of `all_success` is skipped as soon as something was skipped, so that a failure which comes later no longer counts.
Here skipping waits until everything has ended, and failing wins in whatever order they come.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, assert_never

from treadle.spec.flow import Trigger

__all__ = ["Upstream", "Verdict", "judge", "judge_setups"]


class Verdict(Enum):
    """What becomes of a task. The last three are for good: nothing that ends later changes them."""

    WAIT = 0
    RUN = 1
    SKIP = 2
    UPSTREAM_FAILED = 3


class Upstream(NamedTuple):
    """How many of the `total` that a task waits for ended how; those of `setups` among them are counted twice."""

    total: int
    success: int = 0
    skipped: int = 0
    failed: int = 0
    upstream_failed: int = 0
    setups: int = 0
    success_setups: int = 0
    skipped_setups: int = 0

    @property
    def all_done(self) -> bool:
        return self.success + self.skipped + self.failed + self.upstream_failed >= self.total


def judge(trigger: Trigger, up: Upstream) -> Verdict:
    """What `trigger` says to `up`. Where there is nothing to wait for every trigger says run."""
    if up.total == 0 or trigger is Trigger.ALWAYS:
        return Verdict.RUN
    at_once = _at_once(trigger, up)
    if at_once is not Verdict.WAIT or not up.all_done:
        return at_once
    return _at_last(trigger, up)


def _at_once(trigger: Trigger, up: Upstream) -> Verdict:
    """What is known before everything has ended."""
    failed = up.failed + up.upstream_failed
    match trigger:
        case Trigger.ALL_SUCCESS | Trigger.NONE_FAILED | Trigger.NONE_FAILED_MIN_ONE_SUCCESS if failed:
            return Verdict.UPSTREAM_FAILED
        case Trigger.ALL_FAILED if up.success or up.skipped:
            return Verdict.SKIP
        case Trigger.ALL_SKIPPED if up.success or failed:
            return Verdict.SKIP
        case Trigger.NONE_SKIPPED | Trigger.ALL_DONE_MIN_ONE_SUCCESS if up.skipped:
            return Verdict.SKIP
        case Trigger.ONE_SUCCESS if up.success:
            return Verdict.RUN
        case Trigger.ONE_FAILED if failed:
            return Verdict.RUN
        # One that was never begun is not "done" to this rule.
        case Trigger.ONE_DONE if up.success or up.failed:
            return Verdict.RUN
        case _:
            return Verdict.WAIT


def _at_last(trigger: Trigger, up: Upstream) -> Verdict:
    """What follows once everything has ended and nothing was known before."""
    match trigger:
        case Trigger.ALL_SUCCESS:
            return Verdict.SKIP if up.skipped else Verdict.RUN
        case Trigger.NONE_FAILED_MIN_ONE_SUCCESS:
            return Verdict.RUN if up.success else Verdict.SKIP
        case Trigger.ONE_SUCCESS:
            return Verdict.SKIP if up.skipped == up.total else Verdict.UPSTREAM_FAILED
        case Trigger.ONE_FAILED | Trigger.ONE_DONE:
            return Verdict.SKIP
        case Trigger.ALL_DONE_MIN_ONE_SUCCESS:
            return Verdict.RUN if up.success else Verdict.UPSTREAM_FAILED
        case Trigger.ALL_DONE_SETUP_SUCCESS:
            return _after_setups(up)
        case (
            Trigger.ALL_FAILED | Trigger.ALL_DONE | Trigger.ALL_SKIPPED | Trigger.NONE_FAILED | Trigger.NONE_SKIPPED
            | Trigger.ALWAYS
        ):  # fmt: skip
            return Verdict.RUN
        case _:
            assert_never(trigger)


def _after_setups(up: Upstream) -> Verdict:
    if up.setups and up.skipped_setups >= up.setups:
        return Verdict.SKIP
    return Verdict.UPSTREAM_FAILED if up.setups and not up.success_setups else Verdict.RUN


def judge_setups(up: Upstream) -> Verdict:
    """What the set-ups that a task works within say, whatever its own trigger: all have to have succeeded."""
    return judge(Trigger.ALL_SUCCESS, up)
