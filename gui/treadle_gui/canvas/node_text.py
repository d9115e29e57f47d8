"""What a node writes, elided to its width and laid out once, not at each repaint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QStaticText, QTransform

from treadle_gui.canvas.faces import NodeFace, PortFace, RunFace
from treadle_gui.canvas.geometry import GRID, HEADER, MAX_WIDTH, SUB, WIDTH, port_y
from treadle_gui.canvas.ink import Ink

__all__ = ["NodeText", "flow_mark_box", "node_text", "node_width"]

_LEFT: Final = 36.0
"""Where the title begins: behind the icon."""
_INSET: Final = 14.0
_BADGE: Final = 34.0
_MARK: Final = 24.0
_BETWEEN: Final = 20.0
"""Between an input's and an output's name."""
_FLOW: Final = 17.0
"""What a mark of the flow takes of the sub line."""
_IDENTITY: Final = QTransform()


@dataclass(slots=True)
class NodeText:
    """Texts and where their top left corners lie."""

    title: QStaticText
    title_at: QPointF
    summary: QStaticText
    summary_at: QPointF
    word: QStaticText | None
    word_at: QPointF
    ports: list[tuple[QPointF, QStaticText]]


def _static(text: str, font: QFont) -> QStaticText:
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    made.prepare(_IDENTITY, font)
    return made


def node_width(face: NodeFace, ink: Ink) -> float:
    """Wide enough for the title and for the longest pair of port names, on the grid, between the bounds."""
    small = ink.small_metrics
    title = _LEFT + ink.title_metrics.horizontalAdvance(face.title) + _BADGE + (_MARK if face.problem else 0)
    wanted = title
    for row in range(face.rows):
        left = small.horizontalAdvance(face.inputs[row].name) if row < len(face.inputs) else 0
        right = small.horizontalAdvance(face.outputs[row].name) if row < len(face.outputs) else 0
        wanted = max(wanted, left + right + 2 * _INSET + (_BETWEEN if left and right else 0))
    if wanted <= WIDTH:
        return WIDTH
    return min(float(-(-wanted // (2 * GRID)) * 2 * GRID), MAX_WIDTH)


def node_text(face: NodeFace, run: RunFace, width: float, ink: Ink) -> NodeText:
    """Lays out what a node of `width` writes."""
    small, title = ink.small_metrics, ink.title_metrics
    badge = (_BADGE if run.state else _INSET) + (_MARK if face.problem else 0)
    word_width = small.horizontalAdvance(run.word) if run.word else 0.0
    marks = _FLOW * len(face.flow)
    summary_room = width - 2 * _INSET - marks - (word_width + 12 if run.word else 0)
    line = HEADER + (SUB - small.height()) / 2 + 1
    return NodeText(
        title=_static(_elided(face.title, title, width - _LEFT - badge), ink.title_font),
        title_at=QPointF(_LEFT, (HEADER - title.height()) / 2),
        summary=_static(_elided(face.summary, small, summary_room), ink.small_font),
        summary_at=QPointF(_INSET + marks, line),
        word=_static(run.word, ink.small_font) if run.word else None,
        word_at=QPointF(width - _INSET - word_width, line),
        ports=list(_port_names(face, width, ink)),
    )


def flow_mark_box(place: int) -> QRectF:
    """Where the mark at `place` (from 0) of a node's place in the flow is painted."""
    return QRectF(_INSET - 2 + _FLOW * place, HEADER + 1, _FLOW, SUB)


def _elided(text: str, metrics: QFontMetricsF, room: float) -> str:
    return metrics.elidedText(" ".join(text.split()), Qt.TextElideMode.ElideRight, max(room, 0.0))


def _port_names(face: NodeFace, width: float, ink: Ink) -> Iterator[tuple[QPointF, QStaticText]]:
    small = ink.small_metrics
    for row in range(face.rows):
        left = face.inputs[row] if row < len(face.inputs) else None
        right = face.outputs[row] if row < len(face.outputs) else None
        room = width - 2 * _INSET
        if left and right:
            room = (room - _BETWEEN) / 2
        top = port_y(row) - small.height() / 2
        if left:
            yield QPointF(_INSET, top), _static(_elided(_label(left), small, room), ink.small_font)
        if right:
            name = _elided(_label(right), small, room)
            at = QPointF(width - _INSET - small.horizontalAdvance(name), top)
            yield at, _static(name, ink.small_font)


def _label(port: PortFace) -> str:
    return port.name if port.known else f"{port.name} ?"
