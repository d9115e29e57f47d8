"""WholeRunForm: what holds of a run as a whole: how long it may take, how much at once, and how large its pools are."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec.edits import set_concurrency, set_pools, set_timeout
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.quantity import duration, labelled, positive
from treadle_gui.panels.inspector.resources import pools_field
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["WholeRunForm"]


class WholeRunForm(QWidget):
    """Edits the document it was made for."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self.timeout = duration("no limit")
        self.tasks = positive("one per core")
        self.runs = positive("no limit")
        self.pools = pools_field("db: 2")
        label = PlainLabel("Pools")
        label.setToolTip("Slots that there are, one pool a line: db: 2. What treadle.toml says counts first")
        label.setBuddy(self.pools)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addLayout(labelled("Time limit", self.timeout, "A run that takes longer is ended, and cleans up: 2h"))
        column.addLayout(labelled("Nodes at once", self.tasks, "At most so many nodes of a run run at once"))
        column.addLayout(labelled("Runs at once", self.runs, "Further runs of this pipeline wait for their turn"))
        column.addWidget(label)
        column.addWidget(self.pools)
        self.timeout.changed.connect(self._set_timeout)
        self.tasks.changed.connect(lambda number: self._set_concurrency("tasks", number))
        self.runs.changed.connect(lambda number: self._set_concurrency("runs", number))
        self.pools.changed.connect(self._set_pools)
        for line in (self.timeout, self.tasks, self.runs, self.pools):
            line.left.connect(document.seal)

    def refresh(self) -> None:
        pipeline = self._document.pipeline
        self.timeout.show_quantity(pipeline.timeout)
        self.tasks.show_quantity(pipeline.concurrency.tasks)
        self.runs.show_quantity(pipeline.concurrency.runs)
        self.pools.show_value(dict(pipeline.pools))

    def _set_timeout(self, seconds: float | None) -> None:
        self._document.edit("Set the run's time limit", lambda p: set_timeout(p, seconds), "pipeline:timeout")

    def _set_concurrency(self, name: str, most: int | None) -> None:
        self._document.edit(
            f"Set how many {name} go on at once",
            lambda p: set_concurrency(p, replace(p.concurrency, **{name: most})),
            f"pipeline:{name}",
        )

    def _set_pools(self, pools: dict[str, int]) -> None:
        self._document.edit("Set the pools", lambda p: set_pools(p, pools), "pipeline:pools")
