"""Entering: which level of a page's pipeline is shown, the whole or what a node holds, and how one comes to another."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from treadle.spec.subpipelines import parts
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document
from treadle_gui.document.inside import InnerDocument, shown_at
from treadle_gui.window.breadcrumb import Breadcrumb

__all__ = ["Entering"]


class Entering(QObject):
    """`shown_changed(before, now)`: another document is shown on the canvas; `file_requested`: one of the project's."""

    shown_changed = Signal(object, object)
    file_requested = Signal(str)

    def __init__(self, whole: Document, canvas: PipelineCanvas) -> None:
        super().__init__(whole)
        self.crumbs = Breadcrumb()
        self._whole = whole
        self._canvas = canvas
        self._shown = whole
        self.crumbs.chosen.connect(lambda depth: self.go_to(self.way[:depth]))
        self.crumbs.file_requested.connect(self.file_requested)
        canvas.up_requested.connect(self.leave)
        whole.path_changed.connect(self._name)

    @property
    def shown(self) -> Document:
        return self._shown

    @property
    def way(self) -> tuple[str, ...]:
        """The nodes that lead to what is shown; none for the whole."""
        return self._shown.way if isinstance(self._shown, InnerDocument) else ()

    @property
    def prefix(self) -> str:
        """What stands before a shown node's name in the whole, and in a run."""
        return "".join(f"{name}/" for name in self.way)

    @property
    def chosen(self) -> frozenset[str]:
        """The selected nodes, by the way to them."""
        return frozenset(f"{self.prefix}{node}" for node in self._shown.selection)

    def enter(self, node: str) -> bool:
        """Shows what a shown node is made of; False where it is no pipeline, or one that can't be read."""
        way = (*self.way, node)
        if shown_at(self._whole, way) is None:
            return False
        self.go_to(way)
        return True

    def leave(self) -> None:
        """One level up, where the node just left is selected."""
        way = self.way
        if way:
            self.go_to(way[:-1])
            self._shown.select({way[-1]})
            self._canvas.hands.walk_to(way[-1])

    def reveal(self, path: str) -> None:
        """Shows the node at `path`, as `prepare/clean`; of what can't be opened, the node that it is."""
        names = parts(path)
        way = names[:-1]
        while shown_at(self._whole, way) is None:
            names, way = way, way[:-1]
        self.go_to(way)
        self._canvas.reveal(names[-1])

    def go_to(self, way: tuple[str, ...]) -> None:
        """Shows the level at `way`, or the nearest above it that there is."""
        while shown_at(self._whole, way) is None:
            way = way[:-1]
        if way == self.way and not (isinstance(self._shown, InnerDocument) and not way):
            return
        before, now = self._shown, self._at(way)
        self._shown = now
        self._canvas.show_document(now, self.prefix)
        self._name()
        self.shown_changed.emit(before, now)
        if isinstance(before, InnerDocument):
            before.leave()
        self._canvas.fit()

    def _at(self, way: tuple[str, ...]) -> Document:
        if not way:
            self._whole.select(self._whole.selection)  # an edit that is still being told of may have taken some away
            return self._whole
        inner = InnerDocument(self._whole, way)
        inner.gone.connect(lambda: self.go_to(way))
        inner.refused.connect(lambda: self._canvas.say(f"This stands in {inner.file}: open that file to change it."))
        return inner

    def _name(self) -> None:
        file = self._shown.file if isinstance(self._shown, InnerDocument) else None
        self.crumbs.show_way(self._whole.title, self.way, file)
