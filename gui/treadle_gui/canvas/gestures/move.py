"""Move: the selected nodes follow the pointer on the grid (Alt: freely). A lone node let go over an edge goes in."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt

from treadle.spec import edits
from treadle.spec.pipeline import Pipeline, Point
from treadle_gui.canvas.edge_item import EdgeItem, Emphasis
from treadle_gui.canvas.geometry import snap
from treadle_gui.canvas.gestures.gesture import Board, Gesture, Pointer
from treadle_gui.canvas.inserting import insertion, splice

__all__ = ["Move", "moved_label"]

_REACH = 24.0


def moved_label(count: int, title: str) -> str:
    """What Undo says."""
    return f"Move {title}" if count == 1 else f"Move {count} nodes"


class Move(Gesture):
    """`grabbed` is the node under the pointer; it and all selected nodes move."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, board: Board, grabbed: str) -> None:
        super().__init__(board)
        self._grabbed = grabbed
        self._start = QPointF()
        self._from: dict[str, QPointF] = {}
        self._onto: EdgeItem | None = None

    def begin(self, at: Pointer) -> None:
        document, stage = self.board.document, self.board.stage
        if self._grabbed not in document.selection:
            document.select({*document.selection, self._grabbed} if at.extends else {self._grabbed})
        self._start = at.scene
        self._from = {name: QPointF(stage.position(name)) for name in document.selection if name in stage.nodes}

    def move(self, at: Pointer) -> None:
        self.board.stage.place(self._positions(at))
        self._seek_edge(at.scene)

    def _positions(self, at: Pointer) -> dict[str, Point]:
        """The grabbed node lands on the grid; the others keep their distance to it."""
        if self._grabbed not in self._from:
            return {}
        anchor = self._from[self._grabbed]
        wanted = anchor + at.scene - self._start
        if not at.freely:
            wanted = QPointF(snap(wanted.x()), snap(wanted.y()))
        step = wanted - anchor
        return {name: (at_.x() + step.x(), at_.y() + step.y()) for name, at_ in self._from.items()}

    def _seek_edge(self, point: QPointF) -> None:
        onto = self._edge_under() if len(self._from) == 1 else None
        if onto is not self._onto:
            self._forget_edge()
            if onto is not None:
                onto.emphasise(Emphasis.LIT)
            self._onto = onto

    def _forget_edge(self) -> None:
        if self._onto is not None:
            self.board.stage.relight(self._onto)
        self._onto = None

    def _edge_under(self) -> EdgeItem | None:
        """The edge that a node without edges of its own would go into."""
        stage, document = self.board.stage, self.board.document
        component = document.component(self._grabbed)
        if component is None or any(True for _ in stage.touching(self._grabbed)):
            return None
        middle = stage.nodes[self._grabbed].box().center()
        edge = stage.edge_at(middle, _REACH)
        if edge is None:
            return None
        fits = insertion(*document.drawn, edge.edge, component, self._grabbed)
        return edge if fits else None

    def finish(self, at: Pointer) -> None:
        positions = self._positions(at)
        onto = self._onto
        self._forget_edge()
        document = self.board.document
        if onto is not None and (component := document.component(self._grabbed)) is not None:
            self._insert(onto, component.title, positions)
            return
        title = self.board.stage.nodes[self._grabbed].face.title
        document.edit(moved_label(len(positions), title), lambda pipeline: edits.move(pipeline, positions))
        self.board.stage.place(positions)

    def _insert(self, onto: EdgeItem, title: str, positions: dict[str, Point]) -> None:
        document = self.board.document
        component = document.component(self._grabbed)
        assert component is not None
        ends = insertion(*document.drawn, onto.edge, component, self._grabbed)
        port = onto.target.port(("in", onto.edge.target.port))
        many = port is not None and port.type.many

        def change(pipeline: Pipeline) -> Pipeline:
            moved = edits.move(pipeline, positions)
            return splice(onto.edge, *ends, many)(moved) if ends else moved

        document.edit_drawn(f"Insert {title}", change)

    def cancel(self) -> None:
        self._forget_edge()
        self.board.stage.place({name: (at.x(), at.y()) for name, at in self._from.items()})
