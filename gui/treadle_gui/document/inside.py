"""InnerDocument: the pipeline that a node of an open pipeline holds, to be looked at and edited like any other.

It keeps nothing of its own but a selection: its pipeline is a part of the whole document's, an edit of it is an edit
of the whole, and so are undo, saving and whatever is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal

from treadle.spec.lifting import held, inside
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.problems import Problem
from treadle_gui.document.components import Components
from treadle_gui.document.document import Document

__all__ = ["InnerDocument"]


class InnerDocument(Document):
    """`way` are the nodes that lead to it. `gone`: no node there holds a pipeline any more."""

    gone = Signal()

    def __init__(self, whole: Document, way: tuple[str, ...]) -> None:
        """Raises ValueError where the node at `way` holds no pipeline."""
        shown = held(whole.pipeline, way)
        if shown is None:
            raise ValueError(f"{'/'.join(way)} holds no pipeline")
        super().__init__(shown, whole.catalog, parent=whole)
        self.whole = whole
        self.way = way
        self._shown = shown
        self._rest.stop()
        whole.changed.connect(self._follow)
        whole.problems_changed.connect(self._tell_problems)
        whole.catalog_changed.connect(self.catalog_changed)
        whole.history_changed.connect(self.history_changed)
        whole.dirty_changed.connect(self.dirty_changed)

    @property
    def prefix(self) -> str:
        """What stands before a node's name in the whole."""
        return "".join(f"{name}/" for name in self.way)

    @property
    def pipeline(self) -> Pipeline:
        return self._shown

    @property
    def catalog(self) -> Components:
        return self.whole.catalog

    @property
    def path(self) -> Path | None:
        return self.whole.path

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Those inside, by the names that nodes have here."""
        return tuple(
            replace(problem, where=replace(problem.where, node=node.removeprefix(self.prefix)))
            for problem in self.whole.problems
            if (node := problem.where.node) is not None and node.startswith(self.prefix)
        )

    @property
    def columns(self) -> dict[Endpoint, tuple[str, ...]]:
        return {
            replace(end, node=end.node.removeprefix(self.prefix)): names
            for end, names in self.whole.columns.items()
            if end.node.startswith(self.prefix)
        }

    @property
    def is_dirty(self) -> bool:
        return self.whole.is_dirty

    @property
    def can_undo(self) -> bool:
        return self.whole.can_undo

    @property
    def can_redo(self) -> bool:
        return self.whole.can_redo

    @property
    def undo_label(self) -> str:
        return self.whole.undo_label

    @property
    def redo_label(self) -> str:
        return self.whole.redo_label

    def edit(
        self,
        label: str,
        change: Callable[[Pipeline], Pipeline],
        merge: str | None = None,
        select: Iterable[str] | None = None,
    ) -> None:
        """As `Document.edit`, of the whole."""
        key = None if merge is None else f"{self.prefix}{merge}"
        self.whole.edit(label, lambda whole: inside(whole, self.way, change), key)
        if select is not None:
            self._choose(select)

    def undo(self) -> None:
        self.whole.undo()

    def redo(self) -> None:
        self.whole.redo()

    def seal(self) -> None:
        self.whole.seal()

    def leave(self) -> None:
        """Follows the whole no more; to be called before it is let go of."""
        self.whole.changed.disconnect(self._follow)
        self.whole.problems_changed.disconnect(self._tell_problems)
        self.whole.catalog_changed.disconnect(self.catalog_changed)
        self.whole.history_changed.disconnect(self.history_changed)
        self.whole.dirty_changed.disconnect(self.dirty_changed)
        self.deleteLater()

    def _follow(self, _old: Pipeline, new: Pipeline) -> None:
        shown = held(new, self.way)
        if shown is None:
            self.gone.emit()
            return
        before, self._shown = self._shown, shown
        if shown is not before:
            returned = shown.nodes.keys() - before.nodes.keys()
            self.changed.emit(before, shown)
            self._choose(returned or self._selection)

    def _tell_problems(self, _problems: object) -> None:
        self.problems_changed.emit(self.problems)
