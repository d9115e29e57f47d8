"""Hands: which gesture a press begins, and what lies under the pointer.

| pressed on                   | begins                              |
| ---------------------------- | ----------------------------------- |
| output, unconnected input    | Connect                             |
| connected input              | Connect, with its edge taken off    |
| node                         | Move (a click alone selects)        |
| edge                         | nothing: it is chosen               |
| empty canvas                 | Marquee                             |
| middle button, Space + left  | Pan                                 |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent

from treadle.spec.pipeline import Edge, Endpoint
from treadle_gui.canvas.edge_item import EdgeItem, Emphasis
from treadle_gui.canvas.geometry import FAR_ZOOM
from treadle_gui.canvas.gestures.connect import Connect
from treadle_gui.canvas.gestures.gesture import Gesture, Pointer
from treadle_gui.canvas.gestures.marquee import Marquee
from treadle_gui.canvas.gestures.move import Move
from treadle_gui.canvas.gestures.pan import Pan
from treadle_gui.canvas.node_item import NodeItem
from treadle_gui.canvas.node_parts import INPUT, PortKey

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["Hands"]

_THRESHOLD: Final = 4
"""Pixels the pointer may tremble before a press becomes a drag."""
_PORT_REACH: Final = 12.0
_EDGE_REACH: Final = 6.0
_LEFT: Final = Qt.MouseButton.LeftButton
_MIDDLE: Final = Qt.MouseButton.MiddleButton


class Hands:
    """Mouse on the canvas. `current` is the node that has the keyboard, `chosen_edge` the edge that was clicked."""

    def __init__(self, canvas: PipelineCanvas) -> None:
        self._canvas = canvas
        self.gesture: Gesture | None = None
        self.current: str | None = None
        self.chosen_edge: Edge | None = None
        self.holds_space = False
        self._button = Qt.MouseButton.NoButton
        self._pressed = QPoint()
        self._dragging = False
        self._was_selected: frozenset[str] = frozenset()
        self._hovered_node: NodeItem | None = None
        self._hovered_edge: EdgeItem | None = None

    def _pointer(self, event: QMouseEvent) -> Pointer:
        at = event.position().toPoint()
        return Pointer(self._canvas.mapToScene(at), at, event.modifiers())

    @property
    def paints_over(self) -> bool:
        """Whether the gesture shows something above the items; panning does not."""
        return self.gesture is not None and not isinstance(self.gesture, Pan)

    # Pressing

    def press(self, event: QMouseEvent) -> None:
        if self.gesture is not None:
            return
        self._canvas.quick_add.close_up()
        at = self._pointer(event)
        self._pressed, self._dragging, self._button = at.view, False, event.button()
        self._was_selected = self._canvas.document.selection
        self._hover(None, None)
        gesture = self._begins(event.button(), at)
        if gesture is not None:
            self.gesture = gesture
            gesture.begin(at)
            if isinstance(gesture, Pan) and gesture.cursor is not None:
                self._canvas.viewport().setCursor(gesture.cursor)

    def _begins(self, button: Qt.MouseButton, at: Pointer) -> Gesture | None:
        if button == _MIDDLE or (button == _LEFT and self.holds_space):
            return Pan(self._canvas)
        if button != _LEFT:
            return None
        port = self._port_at(at)
        if port is not None:
            return self._connect(*port)
        node = self._canvas.stage.node_at(at.scene)
        if node is not None:
            self.choose_edge(None)
            self.walk_to(node.face.id)
            return Move(self._canvas, node.face.id)
        edge = self._edge_at(at)
        if edge is not None:
            self._canvas.document.select(())
            self.choose_edge(edge.edge)
            return None
        self.choose_edge(None)
        return Marquee(self._canvas)

    def _connect(self, item: NodeItem, key: PortKey) -> Gesture:
        """From a port; a connected input gives the edge that came last."""
        side, port = key
        if side == INPUT:
            taken = [edge for edge in self._canvas.stage.touching(item.face.id) if _ends_at(edge, item, port)]
            if taken:
                edge = taken[-1]
                return Connect(self._canvas, edge.edge.source, "out", edge)
        return Connect(self._canvas, Endpoint(item.face.id, port), side)

    def _port_at(self, at: Pointer) -> tuple[NodeItem, PortKey] | None:
        zoom = self._canvas.zoom()
        if zoom < FAR_ZOOM:
            return None
        return self._canvas.stage.port_at(at.scene, min(_PORT_REACH / min(zoom, 1.0), 18.0))

    def _edge_at(self, at: Pointer) -> EdgeItem | None:
        return self._canvas.stage.edge_at(at.scene, _EDGE_REACH / self._canvas.zoom())

    # Moving

    def move(self, event: QMouseEvent) -> None:
        at = self._pointer(event)
        if self.gesture is None:
            self._hover_at(at)
            return
        if not self._dragging and (at.view - self._pressed).manhattanLength() < _THRESHOLD:
            return
        if not self._dragging and self.gesture.cursor is not None:
            self._canvas.viewport().setCursor(self.gesture.cursor)
        self._dragging = True
        self.gesture.move(at)
        if self._canvas.is_far:
            self._canvas.viewport().update()

    def release(self, event: QMouseEvent) -> None:
        if self.gesture is None or event.button() != self._button:
            return
        gesture, self.gesture = self.gesture, None
        at = self._pointer(event)
        if self._dragging:
            gesture.finish(at)
        else:
            gesture.cancel()
            self._click(at)
        self._dragging = False
        self._canvas.viewport().unsetCursor()
        self._hover_at(at)

    def _click(self, at: Pointer) -> None:
        """A press that did not move: picks one out of several, or with Shift or Ctrl takes it in or out."""
        if self._button != _LEFT or self.holds_space:
            return
        node = self._canvas.stage.node_at(at.scene)
        if node is None:
            if not at.extends and self._port_at(at) is None:
                self._canvas.document.select(())
        elif at.extends:
            self._canvas.document.select(self._was_selected ^ {node.face.id})
        else:
            self._canvas.document.select({node.face.id})

    def cancel(self) -> bool:
        """Esc: whether there was a gesture to give up."""
        if self.gesture is None:
            return False
        gesture, self.gesture = self.gesture, None
        gesture.cancel()
        self._dragging = False
        self._canvas.viewport().unsetCursor()
        self._canvas.viewport().update()
        return True

    def double_click(self, event: QMouseEvent) -> None:
        at = self._pointer(event)
        if event.button() != _LEFT:
            return
        node = self._canvas.stage.node_at(at.scene)
        if node is not None:
            self._canvas.node_activated.emit(node.face.id)
        elif self._edge_at(at) is None:
            self._canvas.ask_component(at.view, None, at.scene)

    def context_menu(self, event: QContextMenuEvent) -> None:
        """Tells what the menu is for; a node that was not selected becomes the selection."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard and self.current is not None:
            box = self._canvas.stage.nodes[self.current].box()
            spot = self._canvas.viewport().mapToGlobal(self._canvas.mapFromScene(box.center()))
            self._canvas.context_requested.emit("node", self.current, spot)
            return
        at = Pointer(self._canvas.mapToScene(event.pos()), event.pos())
        node = self._canvas.stage.node_at(at.scene)
        edge = self._edge_at(at) if node is None else None
        if node is not None:
            if node.face.id not in self._canvas.document.selection:
                self._canvas.document.select({node.face.id})
            self.walk_to(node.face.id)
            self._canvas.context_requested.emit("node", node.face.id, event.globalPos())
        elif edge is not None:
            self.choose_edge(edge.edge)
            self._canvas.context_requested.emit("edge", edge.edge, event.globalPos())
        else:
            self._canvas.context_requested.emit("canvas", None, event.globalPos())

    # Hovering

    def _hover_at(self, at: Pointer) -> None:
        port = self._port_at(at)
        node = self._canvas.stage.node_at(at.scene) if not self._canvas.is_far else None
        edge = self._edge_at(at) if node is None and port is None and not self._canvas.is_far else None
        self._hover(node, edge)
        if self.holds_space:
            self._canvas.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif port is not None:
            self._canvas.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self._canvas.viewport().unsetCursor()

    def _hover(self, node: NodeItem | None, edge: EdgeItem | None) -> None:
        if node is not self._hovered_node:
            for item, over in ((self._hovered_node, False), (node, True)):
                if item is not None:
                    item.hovered = over
                    item.update()
            self._hovered_node = node
        if edge is not self._hovered_edge:
            if self._hovered_edge is not None:
                self._calm(self._hovered_edge)
            if edge is not None:
                edge.emphasise(Emphasis.LIT)
            self._hovered_edge = edge

    def _calm(self, edge: EdgeItem) -> None:
        if edge.edge == self.chosen_edge:
            edge.emphasise(Emphasis.LIT)
        else:
            self._canvas.stage.relight(edge)

    def leave(self) -> None:
        self._hover(None, None)

    def hold_space(self, held: bool) -> None:
        self.holds_space = held
        if self.gesture is None:
            shape = Qt.CursorShape.OpenHandCursor if held else Qt.CursorShape.ArrowCursor
            self._canvas.viewport().setCursor(shape)

    # What is chosen

    def walk_to(self, node: str) -> None:
        """Gives `node` the keyboard."""
        nodes = self._canvas.stage.nodes
        for name in (self.current, node):
            if name is not None and name in nodes:
                nodes[name].current = name == node
                nodes[name].update()
        self.current = node
        self._canvas.describe_current()

    def choose_edge(self, edge: Edge | None) -> None:
        """Delete would take this edge."""
        before, self.chosen_edge = self.chosen_edge, edge
        for which in (before, edge):
            item = self._canvas.stage.edges.get(which) if which is not None else None
            if item is not None:
                self._calm(item)

    def forget_gone(self) -> None:
        """The document changed: nothing may point at an item that left."""
        stage = self._canvas.stage
        if self.current not in stage.nodes:
            self.current = None
        if self.chosen_edge not in stage.edges:
            self.chosen_edge = None
        if self._hovered_node is not None and self._hovered_node.scene() is None:
            self._hovered_node = None
        if self._hovered_edge is not None and self._hovered_edge.scene() is None:
            self._hovered_edge = None


def _ends_at(edge: EdgeItem, item: NodeItem, port: str) -> bool:
    return edge.target is item and edge.edge.target.port == port
