"""PipelineCanvas: the widget. It paints, and passes on: mouse to Hands, keys to Keys, looking around to Camera.

It shows what the document says and edits nothing by itself; below FAR_ZOOM it paints the mirror instead of the items.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QToolTip, QWidget

from treadle.run.clock import AnchoredClock
from treadle.spec import edits
from treadle.spec.layout import arrange
from treadle_gui.canvas.camera import Camera
from treadle_gui.canvas.drops import Drops
from treadle_gui.canvas.geometry import FAR_ZOOM, READ_ZOOM
from treadle_gui.canvas.gestures.gesture import OpenEnd
from treadle_gui.canvas.glide import Glide
from treadle_gui.canvas.hands import Hands
from treadle_gui.canvas.ink import Ink
from treadle_gui.canvas.keys import Keys
from treadle_gui.canvas.live import LiveRun, Session
from treadle_gui.canvas.overlays import Overlays
from treadle_gui.canvas.paintwork import Paintwork
from treadle_gui.canvas.quick_add import QuickAdd
from treadle_gui.canvas.scene import CanvasScene
from treadle_gui.canvas.set_up import set_up
from treadle_gui.canvas.shown import ShownDocument
from treadle_gui.canvas.words import describe_node, tooltip_at
from treadle_gui.document.document import Document
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import plain_tooltip

__all__ = ["PipelineCanvas"]

_MANY: Final = 200
"""From so many changed items on, the viewport is painted once as a whole."""


class PipelineCanvas(QGraphicsView):
    """An open pipeline, to look at and to edit.

    `context_requested` carries `"node"`, `"edge"` or `"canvas"`, the node's id, Edge or None, and the global position.
    `quick_add_requested` tells that the quick-add pop-up opens: the global position, the OpenEnd that a new node shall
    fit (or None), and its place in the scene.
    """

    node_activated = Signal(str)
    up_requested = Signal()
    hint = Signal(str)
    quick_add_requested = Signal(QPoint, object, QPointF)
    context_requested = Signal(str, object, QPoint)
    open_requested = Signal()
    example_requested = Signal()
    zoom_changed = Signal(float)

    def __init__(
        self,
        document: Document,
        theme: Theme,
        parent: QWidget | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.ink = Ink(theme)
        self.stage = CanvasScene(self.ink, self)
        self.camera = Camera(self)
        self.hands = Hands(self)
        self._keys = Keys(self)
        self.drops = Drops(self)
        self._paintwork = Paintwork(self, theme)
        self._glide = Glide(self.stage, self)
        self._live = LiveRun(self, clock or AnchoredClock().now)
        self.overlays = Overlays(self, theme)
        self.quick_add = QuickAdd(self, theme)
        self.setScene(self.stage)
        set_up(self)
        self._shown = ShownDocument(self, document)

    def show_document(self, document: Document, prefix: str = "") -> None:
        """Shows another document: what a node of the open pipeline holds, whose nodes are `prefix` and their name in
        the whole, or the whole again."""
        self.document = document
        self._live.show_level(prefix, lambda: self._shown.exchange(document))
        self.viewport().update()
        self.overlays.refresh()

    # What the document says

    def settle(self) -> None:
        """Ends what moves by itself and what a hand has begun: another pipeline is shown now."""
        self._glide.finish()
        self.hands.cancel()

    def show_selection(self, selection: frozenset[str]) -> None:
        self.stage.select(selection)
        self.describe_current()
        if self.is_far:
            self.viewport().update()
        self.overlays.refresh()

    def describe_current(self) -> None:
        """Tells a screen reader where the keyboard is."""
        current = self.hands.current
        item = self.stage.nodes.get(current) if current else None
        self.setAccessibleDescription(describe_node(item.face, item.run) if item else "")

    def show_run(self, session: Session | None) -> None:
        """Shows a run's states, live; None shows none."""
        self._live.show(session)

    def runs_changed(self, count: int) -> None:
        """`count` nodes changed state."""
        if self.is_far or count > _MANY:
            self.viewport().update()
        self.overlays.refresh()

    # Looking around

    @property
    def is_far(self) -> bool:
        """Whether everything is flat boxes now."""
        return self.camera.zoom < FAR_ZOOM

    def zoom(self) -> float:
        """Screen pixels per scene unit; 1 is 100 %."""
        return self.camera.zoom

    def zoom_by(self, factor: float) -> None:
        """About the pointer where it is over the canvas, else about the middle."""
        at = self.viewport().mapFromGlobal(self.cursor().pos())
        self.camera.zoom_to(self.zoom() * factor, at if self.viewport().rect().contains(at) else None)

    def zoom_to(self, factor: float) -> None:
        """`1.0` is 100 %."""
        self.camera.zoom_to(factor)

    def fit(self) -> None:
        """Shows the whole pipeline."""
        self.camera.fit(self.stage.bounds())

    def fit_selection(self) -> None:
        """Shows the selected nodes, or all where none is."""
        self.camera.fit(self.stage.bounds(self.document.selection or None))

    def reveal(self, node_id: str) -> None:
        """Brings a node into view, selects it and gives it the keyboard."""
        if node_id in self.stage.nodes:
            self.document.select({node_id})
            self.hands.walk_to(node_id)
            self.camera.reveal(self.stage.nodes[node_id].box(), READ_ZOOM)

    def show_node(self, node_id: str) -> None:
        """Brings a node into view without zooming, and gives it the keyboard."""
        self.hands.walk_to(node_id)
        self.camera.reveal(self.stage.nodes[node_id].box(), 0.0)

    def scroll_by(self, dx: int, dy: int) -> None:
        self.camera.scroll_by(dx, dy)

    def scene_position(self) -> QPointF:
        """Where a paste should land: under the pointer, or in the middle where that is elsewhere."""
        at = self.viewport().mapFromGlobal(self.cursor().pos())
        return self.mapToScene(at) if self.viewport().rect().contains(at) else self.camera.centre()

    def set_motion(self, moves: bool) -> None:
        """Without motion nothing glides and no dashes run."""
        self.camera.moves = moves
        self._glide.moves = moves
        self._live.moves = moves

    def set_theme(self, theme: Theme) -> None:
        self.ink = Ink(theme)
        self._paintwork.set_theme(theme)
        self.stage.set_ink(self.ink)
        self.overlays.set_theme(theme)
        self.quick_add.set_theme(theme)
        self.resetCachedContent()
        self.viewport().update()

    # Editing

    def arrange(self) -> None:
        """Lays the pipeline out from left to right, undoably; the nodes glide there where they are not too many."""
        before = {name: (item.x(), item.y()) for name, item in self.stage.nodes.items()}
        positions = arrange(self.document.pipeline, self.stage.sizes())
        self.document.edit("Arrange", lambda pipeline: edits.move(pipeline, positions))
        self._glide.start(before, positions)
        self.fit()

    @property
    def has_chosen(self) -> bool:
        """Whether there is anything that `delete_selection` would delete."""
        return bool(self.document.selection) or self.hands.chosen_edge is not None

    def delete_selection(self) -> None:
        """Deletes the selected nodes, or the selected edge."""
        self._keys.delete()

    def select_all(self) -> None:
        self.document.select(self.document.pipeline.nodes)

    def add_component_here(self) -> None:
        """Asks for a component to add in the middle of what is seen."""
        middle = self.viewport().rect().center()
        self.ask_component(middle, None, self.mapToScene(middle))

    # What gestures ask for

    def repaint_area(self, area: QRectF) -> None:
        """Paints `area` of the scene again; all of it where the area is empty."""
        if area.isEmpty():
            self.viewport().update()
            return
        self.viewport().update(self.mapFromScene(area).boundingRect().adjusted(-4, -4, 4, 4))

    def show_note(self, text: str, at: QPoint) -> None:
        self.overlays.note.show_at(text, at)

    def say(self, text: str) -> None:
        self.hint.emit(text)

    def ask_component(self, at: QPoint, end: OpenEnd | None, scene: QPointF) -> None:
        spot = self.viewport().mapToGlobal(at)
        self.quick_add_requested.emit(spot, end, scene)
        self.quick_add.open(spot, end, scene)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_far:
            self._paintwork.paint_far(self.stage.mirror, event.rect())
        else:
            super().paintEvent(event)
        if self.hands.paints_over or self.drops.drop is not None:
            self._paintwork.paint_over(shown for shown in (self.hands.gesture, self.drops.drop) if shown is not None)

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        self._paintwork.paint_ground(painter, QRectF(rect), self.zoom())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self.overlays.hold()
        if self.is_far or self.hands.paints_over:
            self.viewport().update()
        self.overlays.look_moved()

    def setTransform(self, matrix: object, combine: bool = False) -> None:
        """As QGraphicsView's; tells how far it is zoomed."""
        super().setTransform(matrix, combine)  # type: ignore[arg-type]
        self.overlays.look_moved()
        self.zoom_changed.emit(self.zoom())

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.camera.fit_again(self.stage.bounds())
        self.overlays.place()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.hands.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hands.leave()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.camera.wheel(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.hands.context_menu(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._keys.release(event):
            event.ignore()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab adds a component here; Shift+Tab leaves, and Alt with the number of a pane."""
        return False if forward else super().focusNextPrevChild(forward)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.hands.holds_space = False
        super().focusOutEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drops.drop_here(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            text = tooltip_at(self.stage, self.mapToScene(event.pos()), 12 / self.zoom())
            QToolTip.showText(event.globalPos(), plain_tooltip(text), self.viewport())
            return True
        return super().viewportEvent(event)
