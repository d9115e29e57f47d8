"""Gutter: breakpoints at the nodes of a canvas, and the places beside a node's header where a click sets them.

●┌──────────────┐○      left: before the node, right: after it
 │ title        │
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from treadle.run.interventions import When
from treadle_gui.canvas.geometry import HEADER
from treadle_gui.canvas.node_item import NodeItem
from treadle_gui.document.breakpoints import Breakpoints

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas
    from treadle_gui.document.document import Document

__all__ = ["Gutter"]

_REACH: Final = 11.0
"""How far from the header's end a click still counts, in pixels."""
_FARTHEST: Final = 18.0
"""In scene units: from halfway off the ports below are near."""

_PRESSES: Final = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
"""Two clicks in a row set it and take it away."""


class Gutter(QObject):
    """Lives with its canvas, and sees its mouse before it does."""

    def __init__(self, canvas: PipelineCanvas, breakpoints: Breakpoints) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._breakpoints = breakpoints
        self._hinted: NodeItem | None = None
        self._prefix = ""
        breakpoints.changed.connect(self.refresh)
        canvas.document.changed.connect(self.refresh)
        canvas.viewport().installEventFilter(self)

    def show_level(self, before: Document, now: Document, prefix: str) -> None:
        """Another document is on the canvas, whose nodes are `prefix` and their name in a run."""
        before.changed.disconnect(self.refresh)
        now.changed.connect(self.refresh)
        self._prefix, self._hinted = prefix, None
        self.refresh()

    def refresh(self) -> None:
        """Every node shows what is set at it."""
        for name, item in self._canvas.stage.nodes.items():
            item.show_breakpoints(self._breakpoints.at(f"{self._prefix}{name}"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent) or self._canvas.hands.gesture is not None:
            return False
        if event.type() is QEvent.Type.MouseMove:
            return self._hint(event)
        if event.type() in _PRESSES and event.button() is Qt.MouseButton.LeftButton:
            found = self._place_at(event)
            if found is not None:
                self._breakpoints.toggle(f"{self._prefix}{found[0].face.id}", found[1])
                return True
        return False

    def _hint(self, event: QMouseEvent) -> bool:
        """Shows where a click would set one. True where the pointer is there, and nowhere else."""
        found = self._place_at(event)
        item, when = found if found is not None else (None, None)
        if self._hinted is not None and self._hinted is not item:
            self._hinted.hint_breakpoint(None)
        self._hinted = item
        if item is None:
            return False
        item.hint_breakpoint(when)
        self._canvas.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        return True

    def _place_at(self, event: QMouseEvent) -> tuple[NodeItem, When] | None:
        if self._canvas.is_far:
            return None
        reach = min(_REACH / min(self._canvas.zoom(), 1.0), _FARTHEST)
        at = self._canvas.mapToScene(event.position().toPoint())
        for name in reversed(self._canvas.stage.mirror.nodes_near(at, reach)):
            item = self._canvas.stage.nodes[name]
            node = self._canvas.document.pipeline.nodes.get(name)
            if node is None or node.is_pipeline:  # nothing of its own is run
                continue
            inside = at - item.pos()
            for when, x in ((When.BEFORE, 0.0), (When.AFTER, item.width)):
                if (inside - QPointF(x, HEADER / 2)).manhattanLength() <= reach:
                    return item, when
        return None
