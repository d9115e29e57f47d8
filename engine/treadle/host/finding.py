"""The short forms in which a person writes a run's id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from treadle.host.api import UnknownRun

__all__ = ["LAST", "find_run"]

LAST: Final = "last"


def find_run(written: str, runs: Sequence[str]) -> str:
    """The one of `runs` that `written` names: its id, the beginning of it, or its last part.

    Raises UnknownRun where there is none, or more than one.
    """
    if written in runs:
        return written
    found = [run for run in runs if written and (run.startswith(written) or run.rpartition("-")[2] == written)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownRun(f"{written!r} may be any of {len(found)} runs: {', '.join(found[-3:])}")
    raise UnknownRun(f"no run {written!r} in this project" if runs else "this project has no runs yet")
