"""Finding: the find bar and the log that is shown: steps from match to match, and says at which of how many."""

from __future__ import annotations

from treadle_gui.panels.logs.document import LogDocument
from treadle_gui.panels.logs.find_bar import FindBar
from treadle_gui.panels.logs.text import LogQuery
from treadle_gui.panels.logs.view import LogView

__all__ = ["Finding"]


class Finding:
    def __init__(self, bar: FindBar, view: LogView) -> None:
        self._bar = bar
        self._view = view
        self._document: LogDocument | None = None
        bar.query_changed.connect(self._find)
        bar.stepped.connect(self._step)

    def set_document(self, document: LogDocument | None) -> None:
        """Another log is shown; what is looked for stays."""
        self._document = document
        if document is not None:
            document.changed.connect(self.count)
            document.searched.connect(self.count)
            document.find(self._bar.query)

    def step_forward(self) -> None:
        self._step(True)

    def step_back(self) -> None:
        self._step(False)

    def count(self) -> None:
        """Tells the bar what there is now."""
        if self._document is None:
            return
        matches = self._document.rows.matches()
        here = self._view.current
        index = int(matches.searchsorted(here)) if here is not None else len(matches)
        at_match = index < len(matches) and matches[index] == here
        self._bar.set_count(index if at_match else None, len(matches), searching=self._document.is_searching)

    def _find(self, query: LogQuery) -> None:
        if self._document is not None:
            self._document.find(query)

    def _step(self, forward: bool) -> None:
        if self._document is None:
            return
        here = self._view.current if self._view.current is not None else self._view.top - (1 if forward else 0)
        position = self._document.rows.match_after(here, forward=forward)
        if position is not None:
            self._view.go_to(position)
            self.count()
