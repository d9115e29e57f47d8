"""Tiny reports from a component while it runs: how far it is, the numbers it sees, what it would go on from.

In a worker these reach the app live. Anywhere else (a test, a notebook, an exported script) they do nothing, so a
component that uses them runs where there is no Treadle.
"""

from __future__ import annotations

from typing import Any

__all__ = ["artifact", "checkpoint", "last_checkpoint", "log", "metric", "progress"]


def progress(fraction: float, message: str = "") -> None:
    """How far this attempt is: `fraction` from 0 to 1, and a few words."""


def metric(name: str, value: float, step: int | None = None) -> None:
    """One value of a named metric, at `step` if it has steps."""


def log(message: str, level: str = "info") -> None:
    """A line of this node's log. `level` is `debug`, `info`, `warning` or `error`."""


def artifact(name: str, value: Any) -> None:
    """Keeps a value besides the declared outputs: a table, a figure, a model, a path, anything JSON or pickle says."""


def checkpoint(value: Any) -> None:
    """Keeps where this node has got to. A retry or a resume goes on from the last one."""


def last_checkpoint() -> Any:
    """What the last `checkpoint` of this node in this run kept; None where there is none."""
