"""Marquee: a rectangle drawn on the empty canvas selects every node it touches."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from treadle_gui.canvas.gestures.gesture import Board, Gesture, Pointer

__all__ = ["Marquee"]


class Marquee(Gesture):
    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._start = QPointF()
        self._band = QRectF()
        self._before: frozenset[str] = frozenset()

    def begin(self, at: Pointer) -> None:
        self._start = at.scene
        self._before = self.board.document.selection
        if not at.extends:
            self.board.document.select(())

    def move(self, at: Pointer) -> None:
        old, self._band = self._band, QRectF(self._start, at.scene).normalized()
        kept = self._before if at.extends else frozenset[str]()
        self.board.document.select(kept | self.board.stage.mirror.nodes_in(self._band))
        self.board.repaint_area(old.united(self._band))

    def finish(self, at: Pointer) -> None:
        self._vanish()

    def cancel(self) -> None:
        self._vanish()
        self.board.document.select(self._before)

    def _vanish(self) -> None:
        old, self._band = self._band, QRectF()
        self.board.repaint_area(old)

    def paint(self, painter: QPainter) -> None:
        if not self._band.isNull():
            pen = self.board.ink.band
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(self.board.ink.band_fill)
            painter.drawRect(self._band)
