"""What a run's plan says of its tasks: how many attempts they have, and the values that they were given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from treadle.spec.values import Value

__all__ = ["Planned", "read_planned"]


@dataclass(frozen=True, slots=True)
class Planned:
    """By task. In `params` references are settled, but for secrets, which stay names."""

    attempts: Mapping[str, int] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


def read_planned(plan: Path) -> Planned:
    """Empty where `plan` can't be read. What is not of its kind is passed over."""
    try:
        document = json.loads(plan.read_bytes())
    except (OSError, ValueError, RecursionError):
        return Planned()
    tasks = document.get("tasks") if isinstance(document, dict) else None
    if not isinstance(tasks, dict):
        return Planned()
    known = {name: task for name, task in tasks.items() if isinstance(task, dict)}
    retries = ((name, task.get("retries")) for name, task in known.items())
    params = ((name, task.get("params")) for name, task in known.items())
    return Planned(
        {name: count + 1 for name, count in retries if isinstance(count, int)},
        {name: given for name, given in params if isinstance(given, dict)},
    )
