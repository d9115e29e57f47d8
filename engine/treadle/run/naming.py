"""The node that a person names in a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from treadle.run.expansion import owner_of

__all__ = ["UnknownTask", "find_task"]

_MOST: Final = 12


class UnknownTask(Exception):
    """The run has no such node; the message names those it has."""


def find_task(run: str, tasks: Iterable[str], written: str) -> str:
    """The task of `run` that `written` names. Raises UnknownTask."""
    known = list(tasks)
    if written in known:
        return written
    known = [id_ for id_ in known if owner_of(id_) is None]
    inside = [id_ for id_ in known if id_.startswith(f"{written}/")]
    if inside:
        known, what = inside, f"{written} is a pipeline in run {run}: name one of its nodes"
    else:
        what = f"run {run} has no node {written!r}; it has"
    more = f" and {len(known) - _MOST} more" if len(known) > _MOST else ""
    raise UnknownTask(f"{what}: {', '.join(known[:_MOST]) or 'none'}{more}")
