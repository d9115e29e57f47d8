"""Tiny reports from a component while it runs: how far it is, the numbers it sees, what it would go on from.

In a worker these reach the app live; from a script or a notebook that is a node, progress, metrics and log lines do.
Anywhere else (a test, an exported script) they do nothing, so code that uses them runs where there is no Treadle.
Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any

__all__ = ["artifact", "checkpoint", "last_checkpoint", "log", "metric", "progress"]


def progress(fraction: float, message: str = "") -> None:
    """How far this attempt is: `fraction` from 0 to 1, and a few words."""
    _tell(progress=float(fraction), message=str(message)[:500])


def metric(name: str, value: float, step: int | None = None) -> None:
    """One value of a named metric, at `step` if it has steps."""
    _tell(metric=str(name)[:200], value=float(value), step=None if step is None else int(step))


def log(message: str, level: str = "info") -> None:
    """A line of this node's log. `level` is `debug`, `info`, `warning` or `error`."""
    if _PIPE in os.environ:
        print(level.upper(), str(message).replace("\n", "\n    "), flush=True)


def artifact(name: str, value: Any) -> None:
    """Keeps a value besides the declared outputs: a table, a figure, a model, a path, anything JSON or pickle says."""


def checkpoint(value: Any) -> None:
    """Keeps where this node has got to. A retry or a resume goes on from the last one."""


def last_checkpoint() -> Any:
    """What the last `checkpoint` of this node in this run kept; None where there is none."""


_PIPE = "TREADLE_REPORTS"


def _tell(**said: Any) -> None:
    """One line for the worker that watches this program; nothing where none does."""
    path = os.environ.get(_PIPE)
    if path is None:
        return
    with contextlib.suppress(OSError):  # a report says nothing rather than fail the program
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.set_blocking(pipe, True)
            os.write(pipe, json.dumps(said).encode() + b"\n")  # short enough to be written in one piece
        finally:
            os.close(pipe)
