"""NodeRunDetails: what became of the selected node in the run that is shown, and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from treadle.host.api import Why
from treadle.run.clock import AnchoredClock
from treadle.run.state import TaskState, TaskStatus
from treadle_gui.panels.history.approval import ApprovalRow
from treadle_gui.panels.history.error_box import ErrorBox
from treadle_gui.panels.history.facts import Facts
from treadle_gui.panels.history.items import ItemsList
from treadle_gui.panels.history.run_words import error_text, given_rows, rows
from treadle_gui.panels.history.what_changed import WhatChanged
from treadle_gui.runs.reasons import Reasons, why_text
from treadle_gui.runs.session import RunSession
from treadle_gui.style.scrolling import scrolling
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import EmptyState, PlainLabel, StatePill

__all__ = ["NodeRunDetails"]

_REDRAW_MS: Final = 250
_ASK_AGAIN_MS: Final = 1000
_ABOVE_ITEMS: Final = 6
"""Lines of an error that stand above a map's items."""
_COUNTING: Final = (TaskStatus.RUNNING, TaskStatus.RETRYING)
_MAY_WAIT: Final = (TaskStatus.PENDING, TaskStatus.RETRYING)


class NodeRunDetails(QWidget):
    """Status, attempt, duration, resources, reason and error of one node, as plain text.

    `answered(task, approved, note)`: a person answered what the node asks.
    """

    answered = Signal(str, bool, str)
    item_chosen = Signal(str)
    """The log of an item of the mapped node is asked for."""
    item_menu_requested = Signal(str, object)
    """What else can be done with it, at that place on the screen."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__(parent)
        self._clock = clock or AnchoredClock().now
        self._session: RunSession | None = None
        self._task: str | None = None
        self._redraw = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)
        self._reasons: Reasons | None = None
        self._asked: tuple[str, str, TaskStatus] | None = None
        self._answered: tuple[str, str] | None = None
        """Run and task of the last answer given here."""
        self._waits = ""
        self._again = QTimer(self, singleShot=True, interval=_ASK_AGAIN_MS)
        self._again.timeout.connect(self._ask_what_it_waits_for)
        self._name = PlainLabel("", "title")
        self._pill = StatePill(theme)
        self._facts = Facts()
        self._error = ErrorBox()
        self._changes = WhatChanged()
        self.approval = ApprovalRow()
        self.approval.answered.connect(self._answer)
        self.items = ItemsList(theme, clock=self._clock)
        self.items.item_chosen.connect(self.item_chosen)
        self.items.menu_requested.connect(self.item_menu_requested)
        self._empty = EmptyState(theme, "information-outline", "Select a node to see how it ran.")
        self._shown = scrolling(self._lay_out())
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._shown)

    def _lay_out(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.addWidget(self._name)
        column.addWidget(self._pill)
        column.addWidget(self.approval)
        column.addLayout(self._facts)
        column.addWidget(self._error, 1)
        column.addWidget(self.items, 4)
        column.addWidget(self._changes, 1)
        column.addStretch()
        return whole

    def set_theme(self, theme: Theme) -> None:
        self._pill.set_theme(theme)
        self._empty.set_theme(theme)
        self.items.set_theme(theme)

    def set_session(self, session: RunSession | None) -> None:
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._tasks_changed)
            self._session.samples_added.disconnect(self._soon)
        self._session = session
        if session is not None:
            session.tasks_changed.connect(self._tasks_changed)
            session.samples_added.connect(self._soon)
        self.draw()

    def set_selection(self, nodes: frozenset[str]) -> None:
        """Shows the selected node; several or none show nothing."""
        self._task = next(iter(nodes)) if len(nodes) == 1 else None
        self.draw()

    def set_reasons(self, reasons: Reasons | None) -> None:
        """Who is asked what made the node run; None: nobody."""
        self._reasons = reasons

    def show_why(self, why: Why) -> None:
        """Shows an answer, if it is about the node that is shown."""
        if self._asked is not None and (why.run, why.task) == self._asked[:2]:
            self._changes.show_text(why_text(why))
            self._waits = why.reason.removeprefix("waits ") if why.status in _MAY_WAIT else ""
            self._soon()

    def _ask_what_it_waits_for(self) -> None:
        """Again, for it may wait for something else now."""
        if self._reasons is not None and self._asked is not None and self.isVisible():
            self._reasons.ask(*self._asked[:2])

    @property
    def changes(self) -> str:
        """What is shown of how this time differs from the last success."""
        return self._changes.text

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.draw()

    @property
    def error(self) -> str:
        """The error that is shown."""
        return self._error.toPlainText()

    def draw(self) -> None:
        """Shows how things stand now. A timer calls it; a test may."""
        state = self._session.state.tasks.get(self._task) if self._session is not None and self._task else None
        if state is None or self._session is None or self._task is None:
            self._stack.setCurrentWidget(self._empty)
            return
        samples = self._session.samples.get(self._task)
        cpu = samples.last("cpu") if samples is not None and state.status.is_open else float("nan")
        memory = samples.last("memory") if samples is not None and state.status.is_open else float("nan")
        self._name.setText(self._task)
        self._pill.set_state(state.status)
        self.approval.setVisible(state.is_asked)
        if state.is_asked and (self._session.run, self._task) != self._answered:
            self.approval.ask(state.message or f"{self._task} waits for approval.")
        allowed = self._session.attempts_allowed(self._task) if state.number else None
        waits = self._waits if state.status in _MAY_WAIT and state.cache_key is not None else ""
        told = rows(state, self._clock(), cpu, memory, allowed)
        self._facts.show_rows(
            {
                **({"Waits": waits} if waits else {}),
                **told,
                **given_rows({**self._session.given(self._task), **state.params}),
            }
        )
        if waits and not self._again.isActive():
            self._again.start()
        mapped = self._session.state.maps.get(self._task)
        self.items.setVisible(mapped is not None)
        if mapped is not None and self.isVisible():
            self.items.show_map(self._session.state, self._task, mapped)
        self._error.show_error(error_text(state.outcome), most=None if mapped is None else _ABOVE_ITEMS)
        self._ask_why(self._session.run, self._task, state)
        self._stack.setCurrentWidget(self._shown)
        if state.status in _COUNTING and self.isVisible():
            self._soon()

    def _answer(self, approved: bool, note: str) -> None:
        if self._session is not None and self._task is not None:
            self._answered = (self._session.run, self._task)
            self.answered.emit(self._task, approved, note)

    def _ask_why(self, run: str, task: str, state: TaskState) -> None:
        """Asks once for each state of a node that the cache was asked about, while somebody looks."""
        about = (run, task, state.status)
        if about == self._asked:
            return
        if self._asked is None or self._asked[:2] != about[:2]:
            self._asked, self._waits = None, ""
            self._changes.show_text("")
        if self._reasons is not None and state.cache_key is not None and self.isVisible():
            self._asked = about
            self._reasons.ask(run, task)

    def _tasks_changed(self, changed: frozenset[str]) -> None:
        if self._task in changed:
            self._soon()

    def _soon(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()
