"""Breakpoints: where a person wants the runs of an open pipeline to pause. Theirs alone: no part of the file.

While a run goes on what is shown is what that run has, whoever set it; what is set or taken away there from elsewhere
(`treadle break`, another app) is so here from then on, for the runs after it too.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from treadle.run.expansion import node_of
from treadle.run.interventions import Breakpoint, When
from treadle.spec.pipeline import Pipeline
from treadle.spec.subpipelines import node_at
from treadle_gui.document.document import Document

__all__ = ["Breakpoints"]


class Breakpoints(QObject):
    """`changed`; `toggled(Breakpoint, bool)`: a person set one, or took it away.

    One at a node that is gone is kept, for an undo brings the node back; one at a node that is renamed goes with it.
    """

    changed = Signal()
    toggled = Signal(object, bool)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._all: frozenset[Breakpoint] = frozenset()
        self._of_run: frozenset[Breakpoint] | None = None
        """Those of the run that goes on; None where none does."""
        document.changed.connect(self._follow)

    @property
    def active(self) -> tuple[Breakpoint, ...]:
        """Those at nodes that there are, in order."""
        return tuple(sorted(each for each in self._all if self._is_run(each.task)))

    def _is_run(self, task: str) -> bool:
        """Of a pipeline in a pipeline the nodes are run, never itself."""
        node = node_at(self._document.pipeline, task, self._document.catalog.pipelines)
        return node is not None and not node.is_pipeline

    @property
    def _shown(self) -> frozenset[Breakpoint]:
        return self._all if self._of_run is None else self._of_run

    def at(self, node: str) -> frozenset[When]:
        """Those to be shown at a node; one at an item of a map stands at the map."""
        return frozenset(each.when for each in self._shown if _stands_at(each, node))

    def follow_run(self, there: frozenset[Breakpoint] | None) -> None:
        """What the run that is shown has; None where none goes on."""
        if there == self._of_run:
            return
        if there is not None:
            before = self._of_run or frozenset()
            self._all = (self._all - (before - there)) | (there - before)
        self._of_run = there
        self.changed.emit()

    def restore(self, breakpoints: Iterable[Breakpoint]) -> None:
        """As they were remembered."""
        self._all = frozenset(breakpoints)
        self.changed.emit()

    def toggle(self, node: str, when: When) -> None:
        there = frozenset(each for each in self._shown if _stands_at(each, node) and each.when is when)
        changed, on = there or frozenset({Breakpoint(node, when)}), not there
        self._all = self._all | changed if on else self._all - changed
        if self._of_run is not None:  # the run will say so itself, a moment later
            self._of_run = self._of_run | changed if on else self._of_run - changed
        self.changed.emit()
        for here in sorted(changed):
            self.toggled.emit(here, on)

    def clear(self) -> None:
        gone, self._all = self._shown, frozenset()
        if self._of_run is not None:
            self._of_run = frozenset()
        self.changed.emit()
        for here in sorted(gone):
            self.toggled.emit(here, False)

    def _follow(self, old: Pipeline, new: Pipeline) -> None:
        gone, come = old.nodes.keys() - new.nodes.keys(), new.nodes.keys() - old.nodes.keys()
        if len(gone) == len(come) == 1:
            (before,), (after,) = gone, come
            moved = {each for each in self._all if each.task == before}
            self._all = (self._all - moved) | {Breakpoint(after, each.when) for each in moved}
        if gone or come:
            self.changed.emit()


def _stands_at(here: Breakpoint, node: str) -> bool:
    return here.task == node or node_of(here.task) == node
