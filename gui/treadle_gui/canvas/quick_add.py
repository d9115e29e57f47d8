"""QuickAdd: type a few letters, press Enter, and the component stands there, connected to what asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout

from treadle.spec import edits
from treadle.spec.component import Component
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle_gui.canvas.geometry import GRID, HEADER, SUB, WIDTH, node_height, port_y, snap
from treadle_gui.canvas.gestures.gesture import OpenEnd
from treadle_gui.canvas.quick_search import fitting_port, ranked
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["QuickAdd"]

_SIZE: Final = QSize(320, 360)
_USES: Final = Qt.ItemDataRole.UserRole
_MOST: Final = 60


class QuickAdd(QFrame):
    """A panel over the canvas, not a window of its own. Esc or a click elsewhere closes it."""

    def __init__(self, canvas: PipelineCanvas, theme: Theme) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._theme = theme
        self._end: OpenEnd | None = None
        self._place = QPointF()
        self.setProperty("role", "popup")
        self.hide()
        self.field = QLineEdit()
        self.field.setPlaceholderText("Add a component…")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setIconSize(QSize(18, 18))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.nothing = PlainLabel("", "muted")
        self.nothing.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(METRICS.gap, METRICS.gap, METRICS.gap, METRICS.gap)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.nothing)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def open(self, at: QPoint, end: OpenEnd | None, place: QPointF) -> None:
        """Shows what may be added at `place` (scene); only what fits `end` where one is given."""
        self._end, self._place = end, place
        self.field.clear()
        self._fill("")
        self._place_near(self._canvas.mapFromGlobal(at))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _place_near(self, at: QPoint) -> None:
        """At `at`, but inside the canvas."""
        room = self._canvas.rect().adjusted(METRICS.gap, METRICS.gap, -METRICS.gap, -METRICS.gap)
        self.resize(_SIZE.boundedTo(room.size()))
        self.move(
            max(room.left(), min(at.x(), room.right() - self.width())),
            max(room.top(), min(at.y(), room.bottom() - self.height())),
        )

    def close_up(self) -> None:
        """Away, and the keyboard back to the canvas."""
        if self.isVisible():
            self.hide()
            self._canvas.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fitting(self) -> list[Component]:
        components = self._canvas.document.catalog.components
        if self._end is None:
            return list(components.values())
        return [item for item in components.values() if self._port_of(item) is not None]

    def _port_of(self, component: Component) -> str | None:
        end = self._end
        here = self._at(end) if end is not None else None
        if end is None or here is None:
            return None
        return fitting_port(here, end.endpoint, component, is_output=end.is_output)

    def _fill(self, text: str) -> None:
        self.list.clear()
        for component in ranked(self._fitting(), text)[:_MOST]:
            colour = self._canvas.ink.category(component.category).color().name()
            item = QListWidgetItem(icon(component.icon, colour), component.title)
            item.setData(_USES, component.uses)
            item.setToolTip(component.uses)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        found = self.list.count() > 0
        self._shrink()
        self.list.setVisible(found)
        self.nothing.setVisible(not found)
        self.nothing.setText(f"No component fits “{text}”." if text else "No component fits here.")

    def _shrink(self) -> None:
        """As high as what is listed, within the canvas."""
        rows = sum(self.list.sizeHintForRow(row) for row in range(self.list.count()))
        frame = self.field.sizeHint().height() + 4 * METRICS.gap
        room = self._canvas.height() - 2 * METRICS.gap
        self.resize(self.width(), min(max(rows, METRICS.row) + frame, _SIZE.height(), room))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The list is walked and chosen from while the field keeps the keyboard; without it, the panel goes."""
        if event.type() is QEvent.Type.FocusOut and not self.underMouse():
            self.hide()
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
            Qt.Key(event.key())
        )
        if step is not None:
            row = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
            self.list.setCurrentRow(row)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._choose(self.list.currentItem())
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.close_up()
            return True
        return super().eventFilter(watched, event)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        component = self._canvas.document.catalog.components.get(str(item.data(_USES)))
        self.hide()
        if component is not None:
            self._add(component)

    def _add(self, component: Component) -> None:
        """One edit: the node, and its edge where an end was left open."""
        document, end, port = self._canvas.document, self._end, self._port_of(component)
        position = self._free(self._position(component, port), component)
        made: list[str] = []

        def change(pipeline: Pipeline) -> Pipeline:
            grown, node = edits.add_node(pipeline, component.uses, position)
            made.append(node)
            if end is None or port is None:
                return grown
            there = Endpoint(node, port)
            source, target = (end.endpoint, there) if end.is_output else (there, end.endpoint)
            many = self._takes_many(component, port) if end.is_output else self._end_takes_many(end)
            return edits.connect(grown, source, target, many=many)

        document.edit_drawn(f"Add {component.title}", change)
        document.select(made[-1:])
        self._canvas.hands.walk_to(made[-1])
        self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    @staticmethod
    def _takes_many(component: Component, port: str) -> bool:
        found = component.input(port)
        return found is not None and found.type.many

    def _at(self, end: OpenEnd) -> Component | None:
        drawn = self._canvas.document.drawn
        node = drawn.pipeline.nodes.get(end.endpoint.node)
        return None if node is None else component_of(node, drawn.components)

    def _end_takes_many(self, end: OpenEnd) -> bool:
        component = self._at(end)
        return component is not None and self._takes_many(component, end.endpoint.port)

    def _free(self, at: tuple[float, float], component: Component) -> tuple[float, float]:
        """`at`, or the first place below it where the node covers no other."""
        height = node_height(max(len(component.inputs), len(component.outputs)))
        mirror, box = self._canvas.stage.mirror, QRectF(*at, WIDTH, height)
        while len(below := mirror.touching(box)):
            floor = max(float(mirror.boxes[row, 1] + mirror.boxes[row, 3]) for row in below)
            box.moveTop(snap(floor + 2 * GRID))
        return box.x(), box.y()

    def _position(self, component: Component, port: str | None) -> tuple[float, float]:
        """So that the port that gets the edge lies where the edge was let go, or the header under the pointer."""
        x, y = self._place.x(), self._place.y()
        if self._end is None or port is None:
            return snap(x - WIDTH / 2), snap(y - (HEADER + SUB) / 2)
        ports = component.inputs if self._end.is_output else component.outputs
        row = next((index for index, item in enumerate(ports) if item.name == port), 0)
        return snap(x if self._end.is_output else x - WIDTH), snap(y - port_y(row))
