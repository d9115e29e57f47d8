"""Fewer points for the same picture: about two a pixel, the least and the greatest of what falls on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["peaks", "within"]

_Column = NDArray[np.float64]


def within(x: _Column, low: float, high: float) -> slice:
    """The part of ascending `x` that a window from `low` to `high` shows, with a neighbour on either side."""
    first = max(int(np.searchsorted(x, low)) - 1, 0)
    last = min(int(np.searchsorted(x, high, side="right")) + 1, len(x))
    return slice(first, last)


def peaks(x: _Column, y: _Column, pixels: int) -> tuple[_Column, _Column]:
    """`x`, `y` with at most `2 * pixels` points, where every peak and valley of the original still stands."""
    if len(x) <= 2 * pixels or pixels < 1:
        return x, y
    per_bin = -(-len(x) // pixels)
    whole = len(x) // per_bin * per_bin
    blocks = y[:whole].reshape(-1, per_bin)
    starts = np.arange(0, whole, per_bin)
    # The earlier of the two comes first, or the curve would run backwards.
    chosen = np.sort(np.stack((starts + blocks.argmin(axis=1), starts + blocks.argmax(axis=1)), axis=1), axis=1)
    rest = np.arange(whole, len(x))[-1:]
    picked = np.concatenate((chosen.ravel(), rest))
    return x[picked], y[picked]
