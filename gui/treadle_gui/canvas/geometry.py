"""Where things are on the canvas: pure functions of sizes and points, in scene units (pixels at 100 %).

  ┌ 4 ────────────────────────────┐ 0
  │ icon  title            badge  │ HEADER
  │ summary              duration │ HEADER + SUB
──■ input                output ■─┼── one ROW each, the mark on the border
  └───────────────────────────────┘ + BOTTOM
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

__all__ = [
    "BOTTOM", "FAR_ZOOM", "GRID", "HEADER", "MAGNET", "MARGIN", "MAX_WIDTH", "MAX_ZOOM", "MIN_ZOOM", "PORT",
    "READ_ZOOM", "ROW", "STRIP", "SUB", "TEXT_ZOOM", "WIDTH", "distance_to_edge", "edge_path", "node_height",
    "point_on_edge", "port_y", "snap", "snap_point", "united",
]  # fmt: skip

GRID: Final = 8
WIDTH: Final = 208.0
MAX_WIDTH: Final = 256.0
"""Less than from one column of nodes to the next (WIDTH and the layout's gap, 280): whatever a node is called, it does
not reach its neighbour."""
HEADER: Final = 34.0
SUB: Final = 20.0
ROW: Final = 22.0
BOTTOM: Final = 8.0
STRIP: Final = 4.0
PORT: Final = 5.0
"""Half a port mark's side."""
MARGIN: Final = 12.0
"""How far a node paints outside its box: port marks, selection, focus ring."""
MAGNET: Final = 32.0
"""A dragged edge snaps to a port this near, in screen pixels."""

FAR_ZOOM: Final = 0.25
"""Below it everything is flat boxes and lines, painted from arrays."""
TEXT_ZOOM: Final = 0.66
"""Below it a node's title alone is written, larger than it would be; at it, the small text has 7 pixels."""
READ_ZOOM: Final = 0.7
"""What is brought into view to be read is this large at least. Not TEXT_ZOOM: at it rounding decides, node by node."""
MIN_ZOOM: Final = 0.02
MAX_ZOOM: Final = 4.0

_SAMPLES: Final = 24


def node_height(rows: int) -> float:
    """The height of a node whose longer side has `rows` ports."""
    return HEADER + SUB + ROW * rows + BOTTOM


def port_y(row: int) -> float:
    """The middle of port row `row` (from 0), from the node's top."""
    return HEADER + SUB + ROW * row + ROW / 2


def snap(value: float) -> float:
    """`value` on the grid."""
    return float(round(value / GRID) * GRID)


def snap_point(point: QPointF) -> QPointF:
    return QPointF(snap(point.x()), snap(point.y()))


def _controls(source: QPointF, target: QPointF) -> tuple[QPointF, QPointF]:
    reach = min(max(abs(target.x() - source.x()) / 2, 40.0), 160.0)
    return QPointF(source.x() + reach, source.y()), QPointF(target.x() - reach, target.y())


def edge_path(source: QPointF, target: QPointF) -> QPainterPath:
    """The curve from an output to an input: cubic, leaving and arriving level."""
    path = QPainterPath(source)
    first, second = _controls(source, target)
    path.cubicTo(first, second, target)
    return path


def point_on_edge(source: QPointF, target: QPointF, t: float) -> QPointF:
    """The point at parameter `t` (0..1) of `edge_path`."""
    first, second = _controls(source, target)
    u = 1 - t
    return source * (u * u * u) + first * (3 * u * u * t) + second * (3 * u * t * t) + target * (t * t * t)


def distance_to_edge(source: QPointF, target: QPointF, point: QPointF) -> float:
    """How far `point` is from `edge_path`, sampled: within a pixel for edges up to a screen long."""
    nearest = float("inf")
    before = source
    for step in range(1, _SAMPLES + 1):
        after = point_on_edge(source, target, step / _SAMPLES)
        nearest = min(nearest, _distance_to_segment(before, after, point))
        before = after
    return nearest


def _distance_to_segment(start: QPointF, end: QPointF, point: QPointF) -> float:
    along = end - start
    length = QPointF.dotProduct(along, along)
    t = 0.0 if length == 0 else min(max(QPointF.dotProduct(point - start, along) / length, 0.0), 1.0)
    gap = point - (start + along * t)
    return float(QPointF.dotProduct(gap, gap) ** 0.5)


def united(rects: list[QRectF]) -> QRectF:
    """The smallest rectangle around all of them; an empty one for none."""
    whole = QRectF()
    for rect in rects:
        whole = whole.united(rect)
    return whole
