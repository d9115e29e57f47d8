"""AskingBanner: the line above the canvas while a node of its run asks a person: what it asks, and the two answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from treadle_gui.runs.session import RunSession
from treadle_gui.style.icons import pixmap
from treadle_gui.style.states import state_colour
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import ElidedLabel, PlainLabel, set_role

__all__ = ["AskingBanner"]

_MARK: Final = 18
_NOTE_LEAST: Final = 120
_NOTE_WIDTH: Final = 220


class AskingBanner(QWidget):
    """`answered(task, approved, note)`. Of several that ask the first is shown, then the next."""

    answered = Signal(str, bool, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: RunSession | None = None
        self._asking: dict[str, None] = {}
        self._answered: set[str] = set()
        self._task: str | None = None
        self._mark = PlainLabel("")
        self.words = ElidedLabel("")
        self.note = QLineEdit()
        self.note.setPlaceholderText("A note, if you like")
        self.note.setAccessibleName("Note to the answer")
        self.note.setMinimumWidth(_NOTE_LEAST)
        self.note.setMaximumWidth(_NOTE_WIDTH)
        self.reject = QPushButton("Reject")
        self.approve = QPushButton("Approve")
        set_role(self.approve, "primary")
        self.reject.clicked.connect(lambda: self._answer(False))
        self.approve.clicked.connect(lambda: self._answer(True))
        row = QHBoxLayout(self)
        row.setContentsMargins(METRICS.gap_large, METRICS.gap, METRICS.gap_large, METRICS.gap)
        row.addWidget(self._mark)
        row.addWidget(self.words, 4)
        for widget in (self.note, self.reject, self.approve):
            row.addWidget(widget)
        self.set_theme(theme)
        self.hide()

    def follow(self, session: RunSession | None) -> None:
        """Asks what the nodes of that run ask; nothing where it is None."""
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._look)
        self._session, self._asking, self._answered = session, {}, set()
        if session is not None:
            session.tasks_changed.connect(self._look)
            self._look(session.state.tasks)
        else:
            self.hide()

    def set_theme(self, theme: Theme) -> None:
        colour = state_colour(theme, "deferred")
        self._mark.setPixmap(pixmap("account-question-outline", colour, _MARK, self.devicePixelRatioF()))

    def _look(self, changed: Iterable[str]) -> None:
        """At what has changed alone: a run may have a hundred thousand tasks."""
        if self._session is None:
            return
        tasks = self._session.state.tasks
        begun: list[str] = []
        for task in changed:
            if task in tasks and tasks[task].is_asked:
                begun.append(task)
            else:
                self._asking.pop(task, None)
                self._answered.discard(task)
        for task in sorted(begun):
            self._asking.setdefault(task)
        self._tell(self._session)

    def _tell(self, session: RunSession) -> None:
        waiting = [task for task in self._asking if task not in self._answered]
        if not waiting or session.state.status.is_done:
            self._task = None
            self.hide()
            return
        task = waiting[0]
        if task != self._task:
            self._task = task
            self.note.clear()
        more = f"  ({len(waiting) - 1} more to come)" if len(waiting) > 1 else ""
        message = session.state.tasks[task].message or "waiting for approval"
        self.words.set_whole_text(f"{task} is {message}{more}")
        self.show()

    def _answer(self, approved: bool) -> None:
        if self._session is not None and self._task is not None:
            task, note = self._task, self.note.text().strip()
            self._answered.add(task)
            self._tell(self._session)
            self.answered.emit(task, approved, note)
