"""A node's ports with their types, and what feeds or takes them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from treadle.spec.component import Component
from treadle.spec.pipeline import Node, Pipeline
from treadle_gui.style.tokens import METRICS, PortShape, Theme
from treadle_gui.style.widgets import ElidedLabel, PlainLabel

__all__ = ["Ports"]


class _Mark(QWidget):
    """A port type's shape in its colour, hollow where nothing is connected."""

    def __init__(self, type_name: str, theme: Theme, filled: bool) -> None:
        super().__init__()
        self._look = theme.port(type_name)
        self._filled = filled
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(14, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(self._look.colour))
            painter.setBrush(QColor(self._look.colour) if self._filled else Qt.BrushStyle.NoBrush)
            box = QRectF(2.5, 3.5, 9, 9)
            if self._look.shape is PortShape.CIRCLE:
                painter.drawEllipse(box)
            else:
                painter.drawPolygon(QPolygonF(_corners(self._look.shape, box)))
        finally:
            painter.end()


def _corners(shape: PortShape, box: QRectF) -> list[QPointF]:
    middle, left, right, top, bottom = box.center(), box.left(), box.right(), box.top(), box.bottom()
    match shape:
        case PortShape.TRIANGLE:
            return [QPointF(left, top), QPointF(right, middle.y()), QPointF(left, bottom)]
        case PortShape.DIAMOND:
            return [
                QPointF(middle.x(), top),
                QPointF(right, middle.y()),
                QPointF(middle.x(), bottom),
                QPointF(left, middle.y()),
            ]
        case PortShape.HEXAGON:
            inset = box.width() / 4
            upper = [QPointF(left + inset, top), QPointF(right - inset, top), QPointF(right, middle.y())]
            return [*upper, QPointF(right - inset, bottom), QPointF(left + inset, bottom), QPointF(left, middle.y())]
        case _:
            return [box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft()]


class _Link(ElidedLabel):
    """The other end of an edge; a click shows it."""

    clicked = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


class Ports(QWidget):
    """`node_requested(id)`: a person clicked the other end of an edge."""

    node_requested = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(METRICS.gap)
        self._grid.setVerticalSpacing(METRICS.gap_small)
        self._grid.setColumnStretch(3, 1)
        self._shown: object = None

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._shown = None

    def show_ports(self, pipeline: Pipeline, node: Node, component: Component | None) -> None:
        rows = _rows(pipeline, node, component)
        if rows == self._shown:
            return
        self._shown = rows
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for place, row in enumerate(rows):
            self._add_row(place, row)

    def _add_row(self, place: int, row: _Row) -> None:
        direction, name, type_name, needed, others = row
        if not name:
            self._grid.addWidget(PlainLabel(direction, "section"), place, 0, 1, 4)
            return
        self._grid.addWidget(
            _Mark(type_name.removeprefix("list[").removesuffix("]"), self._theme, bool(others)), place, 0
        )
        self._grid.addWidget(PlainLabel(name), place, 1)
        self._grid.addWidget(PlainLabel(type_name, "small"), place, 2)
        if not others:
            self._grid.addWidget(
                PlainLabel("needed", "error") if needed else PlainLabel("not connected", "small"), place, 3
            )
            return
        link = _Link(("← " if direction == "in" else "→ ") + ", ".join(others), "muted")
        link.setCursor(Qt.CursorShape.PointingHandCursor)
        first = others[0].partition(".")[0]
        link.clicked.connect(lambda: self.node_requested.emit(first))
        self._grid.addWidget(link, place, 3)


_Row = tuple[str, str, str, bool, tuple[str, ...]]


def _rows(pipeline: Pipeline, node: Node, component: Component | None) -> list[_Row]:
    """(direction, name, type, needed, the other ends); a row without a name is a heading."""
    takers: dict[str, list[str]] = {}
    for edge in pipeline.edges():
        if edge.source.node == node.id:
            takers.setdefault(edge.source.port, []).append(str(edge.target))
    feeds = {port: tuple(str(source) for source in sources) for port, sources in node.inputs.items()}
    ports = component.inputs if component is not None else ()
    results = component.outputs if component is not None else ()
    inputs: list[_Row] = [
        ("in", port.name, str(port.type), not port.optional, feeds.pop(port.name, ())) for port in ports
    ]
    outputs: list[_Row] = [
        ("out", port.name, str(port.type), False, tuple(takers.pop(port.name, ()))) for port in results
    ]
    inputs += [("in", name, "", False, sources) for name, sources in feeds.items()]
    outputs += [("out", name, "", False, tuple(targets)) for name, targets in takers.items()]
    head_in: list[_Row] = [("Inputs", "", "", False, ())] if inputs else []
    head_out: list[_Row] = [("Outputs", "", "", False, ())] if outputs else []
    return [*head_in, *inputs, *head_out, *outputs]
