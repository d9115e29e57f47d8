"""Drop: a component dragged from the palette. A ghost shows where it lands, an edge that it would go into lights up."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from treadle.spec import edits
from treadle.spec.component import Component
from treadle.spec.pipeline import Endpoint, Pipeline, Point
from treadle_gui.canvas.edge_item import EdgeItem, Emphasis
from treadle_gui.canvas.geometry import HEADER, MARGIN, WIDTH, node_height, snap_point
from treadle_gui.canvas.gestures.gesture import Board
from treadle_gui.canvas.inserting import insertion, splice
from treadle_gui.canvas.program_file import ProgramFile

__all__ = ["COMPONENT_MIME", "Drop"]

COMPONENT_MIME: Final = "application/x-treadle-component"
_REACH: Final = 24.0
_NEW: Final = "\0new"
"""Stands for the id that the node will have."""


class Drop:
    """One component over the canvas."""

    def __init__(self, board: Board, component: Component, program: ProgramFile | None = None) -> None:
        """`program` is the file that the node is to run, where one is dragged."""
        self.board = board
        self.component = component
        self.program = program
        self._size = (WIDTH, node_height(max(len(component.inputs), len(component.outputs))))
        self._at: QPointF | None = None
        self._onto: EdgeItem | None = None

    def move(self, point: QPointF) -> None:
        """The pointer holds the node by the middle of its header."""
        old = self._area()
        self._at = snap_point(point - QPointF(self._size[0] / 2, HEADER / 2))
        self._seek_edge(point)
        self.board.repaint_area(old.united(self._area()))

    def _seek_edge(self, point: QPointF) -> None:
        edge = self.board.stage.edge_at(point, _REACH)
        if edge is not None and self._ends(edge) is None:
            edge = None
        if edge is not self._onto:
            self._forget_edge()
            if edge is not None:
                edge.emphasise(Emphasis.LIT)
            self._onto = edge

    def _ends(self, edge: EdgeItem) -> tuple[Endpoint, Endpoint] | None:
        return insertion(*self.board.document.drawn, edge.edge, self.component, _NEW)

    def _forget_edge(self) -> None:
        if self._onto is not None:
            self.board.stage.relight(self._onto)
        self._onto = None

    def leave(self) -> None:
        self._forget_edge()
        old, self._at = self._area(), None
        self.board.repaint_area(old)

    def drop(self, point: QPointF) -> str:
        """Adds the node, into the lit edge if there is one; selects it and gives its id."""
        self.move(point)
        assert self._at is not None
        at = (self._at.x(), self._at.y())
        onto = self._onto
        self.leave()
        return add_component(self.board, self.component, at, onto, self._ends(onto) if onto else None, self.program)

    def _title(self) -> str:
        return self.component.title if self.program is None else self.program.path.name

    def _area(self) -> QRectF:
        if self._at is None:
            return QRectF()
        return QRectF(self._at.x(), self._at.y(), *self._size).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def paint(self, painter: QPainter) -> None:
        if self._at is None:
            return
        ink, (width, height) = self.board.ink, self._size
        painter.save()
        painter.translate(self._at)
        painter.setBrush(ink.ghost_fill)
        painter.setPen(ink.ghost_pen)
        painter.drawPath(ink.paths(width, height).body)
        painter.setFont(ink.icon_font)
        painter.setPen(ink.category(self.component.category))
        painter.drawText(QRectF(11, 0, 20, HEADER), Qt.AlignmentFlag.AlignCenter, ink.glyph(self.component.icon))
        painter.setFont(ink.title_font)
        painter.setPen(ink.title)
        painter.drawText(
            QRectF(36, 0, width - 48, HEADER),
            Qt.AlignmentFlag.AlignVCenter,
            ink.title_metrics.elidedText(self._title(), Qt.TextElideMode.ElideRight, width - 48),
        )
        painter.restore()


def add_component(
    board: Board,
    component: Component,
    at: Point,
    onto: EdgeItem | None = None,
    ends: tuple[Endpoint, Endpoint] | None = None,
    program: ProgramFile | None = None,
) -> str:
    """Adds a node in one edit, led into edge `onto` through `ends` where they are given; selects it.

    It runs `program`, where that is given.
    """
    made: list[str] = []
    port = onto.target.port(("in", onto.edge.target.port)) if onto else None
    many = port is not None and port.type.many

    def change(pipeline: Pipeline) -> Pipeline:
        grown, node = edits.add_node(pipeline, component.uses, at, id=program.id if program else None)
        made.append(node)
        if program is not None:
            grown = edits.set_param(grown, node, "path", program.written)
        if onto is None or ends is None:
            return grown
        entry, leave = Endpoint(node, ends[0].port), Endpoint(node, ends[1].port)
        return splice(onto.edge, entry, leave, many)(grown)

    board.document.edit_drawn(f"Add {component.title}", change)
    board.document.select(made[-1:])
    return made[-1]
