"""A node's port marks, gathered by how they are painted: a path for each ink instead of one for each port."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QBrush, QPainterPath, QPen

from treadle_gui.canvas.faces import NodeFace, PortFace
from treadle_gui.canvas.geometry import port_y
from treadle_gui.canvas.ink import NO_BRUSH, Ink

__all__ = ["NearLook", "PortMarks", "near_look", "port_marks"]

_HALF: Final = 5.0


NearLook: TypeAlias = tuple[float, tuple[str, ...], tuple[str, ...], str, str, bool, str]
"""All of a face that shows from halfway off besides its title."""


@dataclass(frozen=True, slots=True)
class PortMarks:
    """Marks of one ink. `solid` paints them as squares from afar."""

    pen: QPen
    brush: QBrush
    solid: QBrush
    path: QPainterPath
    squares: list[QRectF]


def port_marks(face: NodeFace, width: float, ink: Ink) -> tuple[PortMarks, ...]:
    """An open optional input and an output that may stay away are hollow; a port that takes many has two outlines."""
    groups: dict[tuple[str, bool], list[tuple[PortFace, QPointF]]] = {}
    for port, point in _placed(face, width):
        groups.setdefault((port.type.name, port.hollow), []).append((port, point))
    made = []
    for (kind, hollow), members in groups.items():
        look = ink.port(kind)
        path = QPainterPath()
        for _, point in members:
            path.addPath(look.path.translated(point))
        squares = [QRectF(point.x() - _HALF, point.y() - _HALF, 2 * _HALF, 2 * _HALF) for _, point in members]
        made.append(PortMarks(look.outline, ink.node if hollow else look.brush, look.brush, path, squares))
        rings = QPainterPath()
        for port, point in members:
            if port.type.many:
                rings.addPath(look.ring.translated(point))
        if not rings.isEmpty():
            made.append(PortMarks(look.outline, NO_BRUSH, look.brush, rings, []))
    return tuple(made)


def near_look(face: NodeFace, width: float) -> NearLook:
    """The same for two faces that look alike from halfway off, but for their titles."""
    problem = face.problem.value if face.problem is not None else ""
    ins, outs = (tuple(port.type.name for port in ports) for ports in (face.inputs, face.outputs))
    return width, ins, outs, face.icon, face.category, face.missing, problem


def _placed(face: NodeFace, width: float) -> Iterator[tuple[PortFace, QPointF]]:
    for x, ports in ((0.0, face.inputs), (width, face.outputs)):
        for row, port in enumerate(ports):
            yield port, QPointF(x, port_y(row))
