"""Checker: validation of a pipeline without making the interface wait.

Small pipelines are checked at once; large ones in a thread, and only the answer to the newest question is told.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal

from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.validate import validate
from treadle_gui.document.components import Components

__all__ = ["Checker"]

AT_ONCE: Final = 500
"""Nodes that are checked in the interface's own thread: under 50 ms."""

Columns = Mapping[Endpoint, tuple[str, ...]]
Pools = Mapping[str, int] | None


class Checker(QObject):
    """Tells `finished(tuple[Problem, ...])` for the newest pipeline given to `check`."""

    finished = Signal(object)
    _answered = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._question = 0
        self._answered.connect(self._deliver)

    def check(self, pipeline: Pipeline, catalog: Components, columns: Columns, pools: Pools = None) -> None:
        """`pools` are the project's by size."""
        self._question += 1
        if _size(pipeline) <= AT_ONCE:
            self.finished.emit(_problems(pipeline, catalog, columns, pools))
            return
        arguments = (self._question, pipeline, catalog, columns, pools)
        threading.Thread(target=self._answer, args=arguments, name="validation", daemon=True).start()

    def _answer(self, question: int, pipeline: Pipeline, catalog: Components, columns: Columns, pools: Pools) -> None:
        problems = _problems(pipeline, catalog, columns, pools)
        try:
            self._answered.emit(question, problems)
        except RuntimeError:  # the document was closed meanwhile, and its C++ side is gone
            return

    def _deliver(self, question: int, problems: tuple[Problem, ...]) -> None:
        if question == self._question:
            self.finished.emit(problems)


def _size(pipeline: Pipeline) -> int:
    """Nodes, those inside others included."""
    return len(pipeline.nodes) + sum(_size(node.pipeline) for node in pipeline.nodes.values() if node.pipeline)


def _problems(pipeline: Pipeline, catalog: Components, columns: Columns, pools: Pools) -> tuple[Problem, ...]:
    return tuple(validate(pipeline, catalog.components, columns=columns, pools=pools, files=catalog.pipelines))
