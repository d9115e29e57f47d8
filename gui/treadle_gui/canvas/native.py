"""Native arrays: thousands of rectangles, lines or points handed to QPainter in one call.

QPainter's C++ side takes an array of QRectF, QLineF or QPointF. All three are nothing but doubles, so a numpy array
of them *is* that array; Python never makes an object for each.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPainter
from shiboken6 import Shiboken

__all__ = ["draw_lines", "draw_rects"]

_Doubles = NDArray[np.float64]


def _first(values: _Doubles, kind: type) -> tuple[_Doubles, Any]:
    """The packed array, which must outlive the call, and its first element as `kind`."""
    packed = np.ascontiguousarray(values, dtype=np.float64)
    return packed, Shiboken.wrapInstance(packed.ctypes.data, kind)


def draw_rects(painter: QPainter, rects: _Doubles) -> None:
    """(n, 4): x, y, width, height."""
    if len(rects):
        packed, first = _first(rects, QRectF)
        cast("Any", painter).drawRects(first, len(packed))


def draw_lines(painter: QPainter, lines: _Doubles) -> None:
    """(n, 4): x1, y1, x2, y2."""
    if len(lines):
        packed, first = _first(lines, QLineF)
        cast("Any", painter).drawLines(first, len(packed))
