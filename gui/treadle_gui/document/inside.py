"""InnerDocument: the pipeline that a node of an open pipeline holds, to be looked at and edited like any other.

It keeps nothing of its own but a selection: its pipeline is a part of the whole document's, an edit of it is an edit
of the whole, and so are undo, saving and whatever is wrong. What stands in a file of its own can be looked at here,
with the states that a run gives it, and is edited in that file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal

from treadle.spec.lifting import inside
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.subpipelines import inner, node_at
from treadle_gui.document.components import Components
from treadle_gui.document.document import Document

__all__ = ["InnerDocument", "name_words", "shown_at"]


def shown_at(whole: Document, way: tuple[str, ...]) -> Pipeline | None:
    """The pipeline that the node at `way` is, in the document or in a file; None where it is none."""
    if not way:
        return whole.pipeline
    files = whole.catalog.pipelines
    node = node_at(whole.pipeline, "/".join(way), files)
    return None if node is None else inner(node, files)


def _file_at(whole: Document, way: tuple[str, ...]) -> str | None:
    """The innermost file on the way."""
    nodes = (
        node_at(whole.pipeline, "/".join(way[:depth]), whole.catalog.pipelines) for depth in range(len(way), 0, -1)
    )
    return next((node.uses for node in nodes if node is not None and node.pipeline is None), None)


def name_words(document: Document) -> tuple[str, str]:
    """The name to show of a pipeline, and what stands for a missing one: the title or the name of the node that it is.

    Only what is inside a node may be without a name.
    """
    name = document.pipeline.name
    if not isinstance(document, InnerDocument) or name not in ("", Pipeline().name):
        return name, ""
    node = node_at(document.whole.pipeline, "/".join(document.way), document.catalog.pipelines)
    return "", (node.title if node is not None else None) or document.way[-1]


class InnerDocument(Document):
    """`way` are the nodes that lead to it, `file` is the project's file that it stands in, None for the whole's own.

    `gone`: no node there is a pipeline any more. `refused`: an edit of what stands in a file.
    """

    gone = Signal()
    refused = Signal()

    def __init__(self, whole: Document, way: tuple[str, ...]) -> None:
        """Raises ValueError where the node at `way` is no pipeline."""
        shown = shown_at(whole, way)
        if shown is None:
            raise ValueError(f"{'/'.join(way)} is no pipeline")
        super().__init__(shown, whole.catalog, parent=whole)
        self.whole = whole
        self.way = way
        self.file = _file_at(whole, way)
        self._shown = shown
        self._rest.stop()
        whole.changed.connect(self._follow)
        whole.problems_changed.connect(self._tell_problems)
        whole.catalog_changed.connect(self._read_again)
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
    def has_border(self) -> bool:
        return True

    @property
    def is_dirty(self) -> bool:
        return self.whole.is_dirty

    @property
    def is_read_only(self) -> bool:
        return self.file is not None

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
        if self.is_read_only:
            self.refused.emit()
            return
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
        self.whole.catalog_changed.disconnect(self._read_again)
        self.whole.history_changed.disconnect(self.history_changed)
        self.whole.dirty_changed.disconnect(self.dirty_changed)
        self.deleteLater()

    def _read_again(self, catalog: object) -> None:
        """The project's files may read otherwise now."""
        self._follow(self.whole.pipeline, self.whole.pipeline)
        self.catalog_changed.emit(catalog)

    def _follow(self, _old: Pipeline, _new: Pipeline) -> None:
        shown = shown_at(self.whole, self.way)
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
