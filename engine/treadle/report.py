"""What a component may say while it runs: `from treadle.report import progress, metric`.

Under Treadle the worker puts its own functions in place of these. Anywhere else, a test or an exported script, they
check what they are given and do nothing.
"""

from __future__ import annotations

__all__ = ["metric", "progress"]


def progress(fraction: float, message: str = "") -> None:
    """How far this attempt is: `fraction` from 0 to 1, and a few words."""
    float(fraction)


def metric(name: str, value: float, step: int | None = None) -> None:
    """One value of a named metric, at `step` if it has steps; drawn as a line while the component runs."""
    float(value)
