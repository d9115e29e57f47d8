"""Pan: the canvas follows the pointer (middle button, or Space and the left one)."""

from __future__ import annotations

from PySide6.QtCore import Qt

from treadle_gui.canvas.gestures.gesture import Board, Gesture, Pointer

__all__ = ["Pan"]


class Pan(Gesture):
    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, board: Board) -> None:
        super().__init__(board)
        self._last = None

    def begin(self, at: Pointer) -> None:
        self._last = at.view

    def move(self, at: Pointer) -> None:
        if self._last is not None:
            step = at.view - self._last
            self.board.scroll_by(-step.x(), -step.y())
        self._last = at.view
