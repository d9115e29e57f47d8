"""Document: an open pipeline as the app's windows share it.

The pipeline is an immutable value that only `edit`, `undo` and `redo` exchange for another; everything a widget shows
is derived from it. `changed(old, new)` carries both values, so that a view repaints what an identity diff names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from treadle.spec.borders import through_border
from treadle.spec.component import Component
from treadle.spec.file_format import write
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import SUFFIX, Endpoint, Pipeline
from treadle.spec.problems import Problem
from treadle.store.atomic import write_atomic
from treadle_gui.document.checking import Checker
from treadle_gui.document.components import NO_COMPONENTS, Components, Known
from treadle_gui.document.drawing import Drawings, Drawn
from treadle_gui.document.history import History

__all__ = ["NO_COMPONENTS", "SUFFIX", "Components", "Document"]

VALIDATION_DELAY: Final = 120
"""Milliseconds of rest before a changed pipeline is checked."""


ProjectPools = Callable[[], Mapping[str, int] | None]
"""The project's pools by size; None where they are not known."""


def _not_known() -> None:
    """A document that stands alone is of no project."""


class Document(QObject):
    """An open pipeline: value, history, selection, problems, and where it is saved.

    `base` is the text that the pipeline was loaded from or last saved as; saving keeps its comments and order.
    """

    changed = Signal(object, object)
    selection_changed = Signal(object)
    dirty_changed = Signal(bool)
    problems_changed = Signal(object)
    catalog_changed = Signal(object)
    history_changed = Signal()
    path_changed = Signal(object)

    def __init__(
        self,
        pipeline: Pipeline | None = None,
        catalog: Components = NO_COMPONENTS,
        path: Path | None = None,
        base: str = "",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._history = History(pipeline if pipeline is not None else Pipeline())
        self._clean: Pipeline | None = self._history.present
        self._was_dirty = False
        self._catalog = catalog
        self._path = path
        self._base = base
        self._selection: frozenset[str] = frozenset()
        self._problems: tuple[Problem, ...] = ()
        self._columns: Mapping[Endpoint, tuple[str, ...]] = {}
        self._pools: ProjectPools = _not_known
        self._known = Known()
        self._drawings = Drawings()
        self._checker = Checker(self)
        self._checker.finished.connect(self._set_problems)
        self._rest = QTimer(self, singleShot=True, interval=VALIDATION_DELAY)
        self._rest.timeout.connect(self._validate)
        self._rest.start()

    # What it is now

    @property
    def pipeline(self) -> Pipeline:
        return self._history.present

    @property
    def catalog(self) -> Components:
        return self._catalog

    @property
    def components(self) -> Mapping[str, Component]:
        """Whatever nodes use: the catalog's components, and the pipelines among the nodes."""
        return self._known.of(self.pipeline, self.catalog)

    @property
    def drawn(self) -> Drawn:
        """What a canvas shows of it: also the ports that it has itself, if any."""
        if not self.has_border:
            return Drawn(self.pipeline, self.components)
        return self._drawings.with_border(self.pipeline, self.components, self.catalog)

    @property
    def has_border(self) -> bool:
        """Whether ports of its own are drawn."""
        return bool(self.pipeline.inputs or self.pipeline.outputs)

    @property
    def path(self) -> Path | None:
        return self._path

    @property
    def base(self) -> str:
        return self._base

    @property
    def problems(self) -> tuple[Problem, ...]:
        """As of the last check, which follows a change within a fraction of a second."""
        return self._problems

    @property
    def selection(self) -> frozenset[str]:
        return self._selection

    @property
    def columns(self) -> Mapping[Endpoint, tuple[str, ...]]:
        """The columns that the last run saw on each output."""
        return self._columns

    @property
    def is_dirty(self) -> bool:
        return self.pipeline is not self._clean and self.pipeline != self._clean

    @property
    def title(self) -> str:
        """What a tab says: the file's name without its suffix, else the pipeline's name."""
        if self._path is None:
            return self.pipeline.name
        return self._path.name.removesuffix(SUFFIX)

    @property
    def is_read_only(self) -> bool:
        """Whether it can only be looked at here."""
        return False

    @property
    def can_undo(self) -> bool:
        return bool(self._history.past)

    @property
    def can_redo(self) -> bool:
        return bool(self._history.future)

    @property
    def undo_label(self) -> str:
        return self._history.past[-1].label if self._history.past else ""

    @property
    def redo_label(self) -> str:
        return self._history.future[-1].label if self._history.future else ""

    def component(self, node_id: str) -> Component | None:
        """What the node uses, or None where the node or the component is unknown."""
        node = self.pipeline.nodes.get(node_id)
        return component_of(node, self.components) if node is not None else None

    def text(self) -> str:
        """The pipeline as its file would read, comments of `base` kept."""
        return write(self.pipeline, self._base)

    # Changing it

    def edit(
        self,
        label: str,
        change: Callable[[Pipeline], Pipeline],
        merge: str | None = None,
        select: Iterable[str] | None = None,
    ) -> None:
        """Exchanges the pipeline for `change(pipeline)`. `label` is what Undo shows: `"Move 3 nodes"`.

        Edits with the same `merge` key in a row are one undo step, until `seal`, undo, redo or save. `select` is what
        is selected afterwards, where the edit changes that: a node was added or renamed.
        A change that gives an equal pipeline is none. Whatever `change` raises leaves the document as it was.
        """
        before = self.pipeline
        after = change(before)
        if after is before or after == before:
            return
        self._replace(self._history.edited(label, after, merge), select)

    def edit_drawn(self, label: str, change: Callable[[Pipeline], Pipeline]) -> None:
        """As `edit`, with a change of the pipeline as it is drawn."""
        through = partial(through_border, change=change) if self.has_border else change
        self.edit(label, through)

    def undo(self) -> None:
        if self.can_undo:
            self._walk(self._history.undone())

    def redo(self) -> None:
        if self.can_redo:
            self._walk(self._history.redone())

    def seal(self) -> None:
        """Ends a series of merging edits: a gesture was finished, a field was left."""
        self._history = self._history.seal()

    def select(self, ids: Iterable[str]) -> None:
        """Unknown ids are left out."""
        if self._choose(ids):
            self.seal()

    def set_catalog(self, catalog: Components) -> None:
        self._catalog = catalog
        self.catalog_changed.emit(catalog)
        self._rest.start()

    def ask_for_pools(self, pools: ProjectPools) -> None:
        """Whom validation asks for the sizes of the project's pools, each time."""
        self._pools = pools
        self._rest.start()

    def check_again(self) -> None:
        """What it is checked against has changed elsewhere."""
        self._rest.start()

    def set_columns(self, columns: Mapping[Endpoint, tuple[str, ...]]) -> None:
        """What a run taught about the tables: completes column pickers and lets validation see further."""
        if columns != self._columns:
            self._columns = dict(columns)
            self._rest.start()

    def mark_saved(self, path: Path, text: str, pipeline: Pipeline) -> None:
        """`pipeline` now stands on disk at `path` as `text`; later edits are the unsaved ones."""
        self._base = text
        self._clean = pipeline
        self.seal()
        if path != self._path:
            self._path = path
            self.path_changed.emit(path)
        self._tell_dirty()

    def mark_unsaved(self) -> None:
        """What is shown stands nowhere on disk: it was recovered, or the file went away."""
        self._clean = None
        self._tell_dirty()

    def save(self, path: Path | None = None) -> None:
        """Writes the file in this thread. Raises OSError naming the path; ValueError where there is no path yet."""
        target = path or self._path
        if target is None:
            raise ValueError("a new pipeline needs a path")
        text = self.text()
        write_atomic(target, text.encode())
        self.mark_saved(target, text, self.pipeline)

    # Inside

    def _walk(self, history: History) -> None:
        """Nodes that come back are selected, so that a person sees what undo brought."""
        returned = history.present.nodes.keys() - self.pipeline.nodes.keys()
        self._replace(history, returned or None)

    def _replace(self, history: History, select: Iterable[str] | None = None) -> None:
        before = self.pipeline
        self._history = history
        self.changed.emit(before, self.pipeline)
        self.history_changed.emit()
        self._choose(self._selection if select is None else select)
        self._tell_dirty()
        self._rest.start()

    def _choose(self, ids: Iterable[str]) -> bool:
        chosen = frozenset(ids) & self.pipeline.nodes.keys()
        if chosen == self._selection:
            return False
        self._selection = chosen
        self.selection_changed.emit(chosen)
        return True

    def _tell_dirty(self) -> None:
        dirty = self.is_dirty
        if dirty != self._was_dirty:
            self._was_dirty = dirty
            self.dirty_changed.emit(dirty)

    def _validate(self) -> None:
        """Not before the components are read: each node would be called unknown for a moment."""
        if self._catalog is NO_COMPONENTS:
            return
        self._checker.check(self.pipeline, self._catalog, self._columns, self._pools())

    def _set_problems(self, problems: tuple[Problem, ...]) -> None:
        if problems != self._problems:
            self._problems = problems
            self.problems_changed.emit(problems)
