"""How many attempts the tasks of a run have, from its plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

__all__ = ["attempts_allowed"]


def attempts_allowed(plan: Path) -> Mapping[str, int]:
    """By task; empty where `plan` can't be read. A number of retries that is none is passed over."""
    try:
        document = json.loads(plan.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    tasks = document.get("tasks") if isinstance(document, dict) else None
    if not isinstance(tasks, dict):
        return {}
    retries = ((name, task.get("retries")) for name, task in tasks.items() if isinstance(task, dict))
    return {name: count + 1 for name, count in retries if isinstance(count, int)}
