"""Series: rows of numbers over time, appended one at a time and read as numpy columns without copying.

The invariant: `column(name)` is a contiguous view of the rows appended so far, in the order they came. A view taken
earlier stays valid and does not grow.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Series"]

Column = NDArray[np.float64]

_FIRST_CAPACITY = 64


class Series:
    """A growing table of floats. `columns` names them; a missing value is NaN."""

    def __init__(self, *columns: str) -> None:
        self._index = {name: position for position, name in enumerate(columns)}
        self._cells: NDArray[np.float64] = np.empty((len(columns), _FIRST_CAPACITY))
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._index)

    def append(self, *row: float) -> None:
        """Adds a row, one value a column. Amortised O(columns)."""
        if self._length == self._cells.shape[1]:
            self._grow()
        self._cells[:, self._length] = row
        self._length += 1

    def column(self, name: str) -> Column:
        """The values of one column so far. Raises KeyError for an unknown name."""
        return self._cells[self._index[name], : self._length]

    def last(self, name: str) -> float:
        """The newest value of a column, NaN while there is none."""
        return float(self._cells[self._index[name], self._length - 1]) if self._length else float("nan")

    def _grow(self) -> None:
        # A new block instead of a resize in place: views handed out before keep the old one alive.
        larger = np.empty((self._cells.shape[0], self._cells.shape[1] * 2))
        larger[:, : self._length] = self._cells[:, : self._length]
        self._cells = larger
