"""Roster: the tasks of a run as they stand now, which is what everything that carries a run out goes by.

At first they are the plan's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from treadle.run.plan import Plan, PlanTask

__all__ = ["Roster"]


class Roster:
    """The tasks of one run of `plan`, by id."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tasks: Mapping[str, PlanTask] = plan.tasks
