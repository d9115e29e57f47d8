"""The earlier runs of a pipeline, newest first, read from their folders one at a time as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from treadle.run.history import read_state
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.selecting import EarlierRun
from treadle.store.descriptors import read_plain
from treadle.store.project import Project

__all__ = ["earlier_runs"]

_MOST: Final = 50


def earlier_runs(project: Project, pipeline: str, file: str | None) -> Iterator[EarlierRun]:
    """The newest runs of the pipeline of that name, and of that file where both are from one; damaged ones are left
    out."""
    yield from islice(_all(project, pipeline, file), _MOST)


def _all(project: Project, pipeline: str, file: str | None) -> Iterator[EarlierRun]:
    for run in reversed(project.run_ids()):
        folder = project.run(run)
        try:
            state = read_state(folder)
            if state.pipeline != pipeline:
                continue
            plan = plan_from_json(read_plain(folder.plan))
        except (OSError, UnreadablePlan):
            continue
        if file is None or plan.file in (None, file):
            yield EarlierRun(plan, state)
