"""Durations: how long the nodes of a pipeline took when they last ran, for the next run to find its longest path by.

    <project>/.treadle/cache/durations/<pipeline>.json    node → seconds

They make a run faster and nothing else: without the file, or with a damaged one, tasks are counted instead.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from treadle.run.plan import Plan, PlanTask
from treadle.run.state import RunState, TaskStatus
from treadle.store.atomic import write_atomic
from treadle.store.project import Project

__all__ = ["keep_durations", "took", "with_durations"]

_LONGEST: Final = 1e9  # seconds


def with_durations(project: Project, plan: Plan) -> Plan:
    """`plan`, each task expected to take as long as its node took last."""
    known = _read(_file(project, plan))
    if not known:
        return plan
    return replace(plan, tasks={id_: replace(task, expected=known.get(task.node)) for id_, task in plan.tasks.items()})


def keep_durations(project: Project, plan: Plan, tasks: Mapping[str, PlanTask], state: RunState) -> None:
    """Notes how long what succeeded in this run took. Raises OSError."""
    new = took(tasks.values(), state)
    if not new:
        return
    file = _file(project, plan)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, json.dumps({**_read(file), **new}).encode())


def took(tasks: Iterable[PlanTask], state: RunState) -> dict[str, float]:
    """Seconds by node: of those that ran now, the mean of a mapped one's items."""
    walls: dict[str, list[float]] = {}
    for task in tasks:
        found = state.tasks[task.id]
        if found.status is TaskStatus.SUCCEEDED and found.usage is not None:
            walls.setdefault(task.node, []).append(found.usage.wall)
    return {node: round(sum(each) / len(each), 3) for node, each in walls.items()}


def _file(project: Project, plan: Plan) -> Path:
    name = hashlib.sha256((plan.file or plan.pipeline).encode()).hexdigest()[:32]
    return project.cache / "durations" / f"{name}.json"


def _read(file: Path) -> dict[str, float]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    said = found.items() if isinstance(found, dict) else ()
    return {node: float(wall) for node, wall in said if type(wall) in (int, float) and 0 <= wall < _LONGEST}
