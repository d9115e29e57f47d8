"""Tiny reports from a component while it runs: how far it is, and the numbers it sees on the way.

In a worker these reach the app live. Anywhere else (a test, a notebook, an exported script) they do nothing.
"""

from __future__ import annotations

__all__ = ["metric", "progress"]


def progress(fraction: float, message: str = "") -> None:
    """How far this attempt is: `fraction` from 0 to 1, and a few words."""


def metric(name: str, value: float, step: int | None = None) -> None:
    """One value of a named metric, at `step` if it has steps."""
