"""Quick-add: a component chosen where the pointer is, already connected to the port that was dragged from."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QListWidgetItem, QWidget

from treadle.spec import edits
from treadle.spec.component import Component
from treadle.spec.connecting import refusal
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle_gui.document.document import Document
from treadle_gui.panels.palette_model import describe, search
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import Theme
from treadle_gui.window.command_palette import Chooser

__all__ = ["QuickAdd", "add_component", "fitting_port"]


def fitting_port(
    pipeline: Pipeline, components: Mapping[str, Component], component: Component, end: Endpoint
) -> str | None:
    """The first port of `component` that could be joined to `end`, or None."""
    trial, new = edits.add_node(pipeline, component.uses, (0.0, 0.0))
    known = components.get(pipeline.nodes[end.node].uses)
    if known is None:
        return None
    if known.output(end.port) is not None:
        ports = (port.name for port in component.inputs)
        return next((port for port in ports if refusal(trial, components, end, Endpoint(new, port)) is None), None)
    outputs = (port.name for port in component.outputs)
    return next((port for port in outputs if refusal(trial, components, Endpoint(new, port), end) is None), None)


def add_component(
    document: Document, component: Component, place: tuple[float, float], end: Endpoint | None = None
) -> str:
    """Adds a node, joined to `end` where a port of it fits, and selects it. Returns its id."""
    pipeline = document.pipeline
    components = document.catalog.components
    after, new = edits.add_node(pipeline, component.uses, place)
    port = fitting_port(pipeline, components, component, end) if end is not None else None
    if end is not None and port is not None:
        after = _joined(after, components, component, Endpoint(new, port), end)
    document.edit(f"Add {component.title}", lambda _before: after, select={new})
    return new


def _joined(
    pipeline: Pipeline, components: Mapping[str, Component], component: Component, mine: Endpoint, other: Endpoint
) -> Pipeline:
    entry = component.input(mine.port)
    if entry is not None:
        return edits.connect(pipeline, other, mine, many=entry.type.many)
    known = components.get(pipeline.nodes[other.node].uses)
    taker = known.input(other.port) if known is not None else None
    return edits.connect(pipeline, mine, other, many=taker is not None and taker.type.many)


class QuickAdd(Chooser):
    """Lists what fits `end`, or everything."""

    def __init__(self, document: Document, end: Endpoint | None, scene: QPointF, theme: Theme, parent: QWidget) -> None:
        super().__init__("Add a component" if end is None else f"Add a component for {end}", parent)
        self._document = document
        self._end = end
        self._scene = scene
        self._theme = theme
        components = document.catalog.components
        self._offered = [
            component
            for component in components.values()
            if end is None or fitting_port(document.pipeline, components, component, end) is not None
        ]
        self.typed.connect(self._refill)
        self.chosen.connect(self._add)
        self._refill("")

    def open_at(self, place: QPoint) -> None:
        self.show_at(place, 320)

    def _refill(self, query: str) -> None:
        self.fill([self._item(component) for component in search(query, self._offered)])

    def _item(self, component: Component) -> QListWidgetItem:
        item = QListWidgetItem(icon(component.icon, self._theme.accent), component.title)
        item.setData(Qt.ItemDataRole.UserRole, component.uses)
        item.setToolTip(describe(component))
        return item

    def _add(self, uses: str) -> None:
        component = self._document.catalog.components.get(uses)
        if component is not None:
            add_component(self._document, component, (self._scene.x(), self._scene.y()), self._end)
