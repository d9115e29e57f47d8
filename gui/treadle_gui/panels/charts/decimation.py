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
    """`x`, `y` with at most `2 * pixels` points, where every peak and valley of the original still stands.

    `y` holds no NaN.
    """
    if len(x) <= 2 * pixels or pixels < 1:
        return x, y
    per_bin = -(-len(x) // pixels)
    bins = -(-len(x) // per_bin)
    # The last bin is filled up with its own last value, which changes neither its least nor its greatest.
    filled = np.concatenate((y, np.full(bins * per_bin - len(y), y[-1]))).reshape(bins, per_bin)
    starts = np.arange(bins) * per_bin
    # The earlier of the two comes first, or the curve would run backwards.
    chosen = np.sort(np.stack((starts + filled.argmin(axis=1), starts + filled.argmax(axis=1)), axis=1), axis=1)
    picked = np.minimum(chosen.ravel(), len(x) - 1)
    return x[picked], y[picked]
