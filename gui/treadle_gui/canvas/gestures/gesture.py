"""Gesture: what a pressed button means until it is let go, and the board it plays on.

    press ─► begin ─► move … ─► finish
                        └─────► cancel   (Esc, or the window loses the mouse)

A gesture shows things on the way and edits the document once, in `finish`: one gesture is one undo step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from treadle.spec.pipeline import Endpoint
from treadle_gui.canvas.ink import Ink
from treadle_gui.canvas.scene import CanvasScene
from treadle_gui.document.document import Document

__all__ = ["Board", "Gesture", "OpenEnd", "Pointer"]


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """The end of an edge that leads nowhere yet. A node may have an output and an input of one name."""

    endpoint: Endpoint
    is_output: bool


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is: in the scene and in the viewport, with the keys held."""

    scene: QPointF
    view: QPoint
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def extends(self) -> bool:
        """Shift or Ctrl: adds to the selection instead of replacing it."""
        return bool(self.modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))

    @property
    def freely(self) -> bool:
        """Alt: off the grid."""
        return bool(self.modifiers & Qt.KeyboardModifier.AltModifier)


class Board(Protocol):
    """What a gesture may see and do. The canvas is one."""

    document: Document
    stage: CanvasScene
    ink: Ink

    def zoom(self) -> float:
        """Screen pixels per scene unit."""
        ...

    def repaint_area(self, area: QRectF) -> None:
        """Asks for `area` of the scene to be painted again."""
        ...

    def show_note(self, text: str, at: QPoint) -> None:
        """Shows a sentence beside the pointer; an empty one hides it."""
        ...

    def say(self, text: str) -> None:
        """Tells the status bar."""
        ...

    def ask_component(self, at: QPoint, end: OpenEnd | None, scene: QPointF) -> None:
        """Asks which component to add there, fitting `end` where one is given."""
        ...

    def scroll_by(self, dx: int, dy: int) -> None: ...


class Gesture:
    """Base of all gestures: does nothing, shows nothing."""

    cursor: Qt.CursorShape | None = None

    def __init__(self, board: Board) -> None:
        self.board = board

    def begin(self, at: Pointer) -> None:
        """The button went down."""

    def move(self, at: Pointer) -> None:
        """The pointer moved."""

    def finish(self, at: Pointer) -> None:
        """The button went up: what was shown becomes an edit."""

    def cancel(self) -> None:
        """Everything as before."""

    def paint(self, painter: QPainter) -> None:
        """Paints over everything else, in scene coordinates."""
