"""RecipeLog: the recipe of each task that a run looked up, and the one it was compared with, for `why`.

<run folder>/recipes.jsonl, a JSON object a line; the last one of a task counts. It only explains: a line that can't be
written or read is passed over, and the run is the same without it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from treadle.run.recipe import Recipe, recipe_from_json

__all__ = ["Comparison", "RecipeLog", "read_comparison"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A task's recipe `now`, and that of its last success or hit `before`, in `run`; None where none is known."""

    now: Recipe
    before: Recipe | None = None
    run: str | None = None


class RecipeLog:
    """Any thread may note; `flush` is for one at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: list[str] = []

    def note(self, task: str, now: str, before: str | None = None, run: str | None = None) -> None:
        """Takes a line for the next `flush`. Recipes are `Recipe.text`."""
        self._lines.append(
            f'{{"task":{json.dumps(task)},"now":{now},"before":{before or "null"},"run":{json.dumps(run)}}}\n'
        )

    def flush(self) -> None:
        """Writes what was noted; a full disk costs the explanation and nothing else."""
        lines, self._lines = self._lines, []
        if lines:
            with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:
                file.write("".join(lines))


def read_comparison(path: Path, task: str) -> Comparison | None:
    """The last one of `task`; None where there is none."""
    found = None
    for record in _records(path):
        if record.get("task") == task and (now := recipe_from_json(record.get("now"))) is not None:
            run = record.get("run")
            found = Comparison(now, recipe_from_json(record.get("before")), run if isinstance(run, str) else None)
    return found


def _records(path: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record
