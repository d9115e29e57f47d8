"""The pipelines inside a run's pipeline in `treadle show`: a line for each, above its nodes, that sums them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from treadle.cli.marks import STYLES, SYMBOLS
from treadle.cli.terminal import seconds
from treadle.run.state import TaskState
from treadle.run.tallies import Tally

__all__ = ["group_json", "grouped", "with_groups"]

Row = Sequence[str | Text]


def grouped(tasks: Mapping[str, TaskState]) -> dict[str, Tally]:
    """How each pipeline stands, by the way to it, in the order in which their first tasks come."""
    found: dict[str, Tally] = {}
    for id_, task in tasks.items():
        for group in _around(id_):
            found.setdefault(group, Tally()).count(id_, task)
    return found


def _around(task: str) -> Iterator[str]:
    """The pipelines that a task stands in, the outermost first."""
    names = task.split("/")
    for depth in range(1, len(names)):
        yield "/".join(names[:depth])


def with_groups(groups: Mapping[str, Tally], rows: Mapping[str, Row]) -> Iterator[Row]:
    """The rows of tasks, each pipeline's own above the first of its nodes."""
    told: set[str] = set()
    for id_, row in rows.items():
        for group in _around(id_):
            if group not in told:
                told.add(group)
                yield _row(group, groups[group])
        yield row


def _row(name: str, tally: Tally) -> Row:
    took = "" if tally.took is None else seconds(tally.took)
    said = f"{tally.done} of {tally.total} nodes inside have ended" if tally.done < tally.total else ""
    style = STYLES.get(tally.state, "")
    return Text(SYMBOLS[tally.state], style), f"{name}/", Text(tally.state.replace("_", " "), style), took, said, ""


def group_json(tally: Tally) -> dict[str, Any]:
    return {"state": tally.state.value, "tasks": tally.total, "done": tally.done, "took": tally.took}
