"""EmptyCanvas: what a canvas without nodes says: one sentence, three buttons, and a ghost of what could be there."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractScrollArea, QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from treadle_gui.canvas.geometry import HEADER, WIDTH, edge_path, node_height, port_y
from treadle_gui.canvas.ink import NO_BRUSH, NO_PEN, Ink
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["EmptyCanvas"]

_GHOST: Final = 0.2
_STEP: Final = 272.0
_NODES: Final = (
    (0.0, 40.0, "Table", 1),
    (_STEP, 40.0, "Table", 2),
    (2 * _STEP, -32.0, "Model", 1),
    (2 * _STEP, 112.0, "Model", 1),
    (3 * _STEP, 40.0, "Metrics", 2),
)
"""x, y, the type of the outputs, how many rows."""
_EXTENT: Final = QRectF(0.0, -32.0, 3 * _STEP + WIDTH, 144.0 + node_height(1))
_MARGIN: Final = 32.0
_EDGES: Final = ((0, 0, 1, 0), (1, 0, 2, 0), (1, 1, 3, 0), (2, 0, 4, 0), (3, 0, 4, 1))

_FALLS_THROUGH: Final = frozenset({
    QEvent.Type.ContextMenu, QEvent.Type.DragEnter, QEvent.Type.DragLeave, QEvent.Type.DragMove, QEvent.Type.Drop,
    QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.Wheel,
})  # fmt: skip


class EmptyCanvas(QWidget):
    """Covers the canvas while it is empty; what is dropped on it falls through."""

    add_requested = Signal()
    open_requested = Signal()
    example_requested = Signal()

    def __init__(self, theme: Theme, parent: QAbstractScrollArea) -> None:
        super().__init__(parent)
        self._beneath = parent
        self.setAcceptDrops(True)
        self._ink = Ink(theme)
        self.sentence = PlainLabel("Drag a component here, or press Tab to search for one.", "title")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout()
        column.setSpacing(METRICS.gap_large)
        column.addWidget(self.sentence)
        column.addLayout(self._buttons())
        grid = QGridLayout(self)
        grid.setRowStretch(0, 3)
        grid.setRowStretch(2, 2)
        grid.addLayout(column, 1, 0, Qt.AlignmentFlag.AlignCenter)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(METRICS.gap)
        row.addStretch()
        for text, role, signal in (
            ("Add a component", "primary", self.add_requested),
            ("Open…", "", self.open_requested),
            ("Example", "", self.example_requested),
        ):
            button = QPushButton(text)
            button.setProperty("role", role)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch()
        return row

    def set_theme(self, theme: Theme) -> None:
        self._ink = Ink(theme)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setOpacity(_GHOST)
            room = QRectF(_MARGIN, _MARGIN, self.width() - 2 * _MARGIN, self.sentence.y() - 2 * _MARGIN)
            scale = max(0.0, min(1.0, room.width() / _EXTENT.width(), room.height() / _EXTENT.height()))
            painter.translate(room.center())
            painter.scale(scale, scale)
            painter.translate(-_EXTENT.center())
            self._paint_edges(painter)
            for x, y, kind, rows in _NODES:
                self._paint_node(painter, QPointF(x, y), kind, rows)
        finally:
            painter.end()

    def _paint_edges(self, painter: QPainter) -> None:
        painter.setBrush(NO_BRUSH)
        for source, out_row, target, in_row in _EDGES:
            x, y, kind, _ = _NODES[source]
            painter.setPen(self._ink.port(kind).outline)
            start = QPointF(x + WIDTH, y + port_y(out_row))
            painter.drawPath(edge_path(start, QPointF(_NODES[target][0], _NODES[target][1] + port_y(in_row))))

    def _paint_node(self, painter: QPainter, at: QPointF, kind: str, rows: int) -> None:
        height = node_height(rows)
        paths = self._ink.paths(WIDTH, height)
        painter.save()
        painter.translate(at)
        painter.setPen(NO_PEN)
        painter.setBrush(self._ink.node)
        painter.drawPath(paths.body)
        painter.setBrush(self._ink.header)
        painter.drawPath(paths.header)
        painter.setBrush(self._ink.muted.color())
        painter.drawRoundedRect(QRectF(36, HEADER / 2 - 4, 96, 8), 4, 4)
        painter.setBrush(self._ink.port(kind).brush)
        painter.drawRoundedRect(QRectF(14, HEADER / 2 - 7, 14, 14), 4, 4)
        for row in range(rows):
            painter.drawEllipse(QPointF(WIDTH, port_y(row)), 5, 5)
        painter.setBrush(NO_BRUSH)
        painter.setPen(self._ink.border_hover)
        painter.drawPath(paths.body)
        painter.restore()

    def event(self, event: QEvent) -> bool:
        # Its parent is a scroll area, which takes what a hand does from its viewport alone. Sending the event on would
        # come back here: Qt gives drags to the widget they entered.
        if event.type() in _FALLS_THROUGH:
            return self._beneath.viewportEvent(event)
        return super().event(event)
