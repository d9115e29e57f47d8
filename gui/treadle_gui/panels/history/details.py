"""NodeRunDetails: what became of the selected node in the run that is shown, and why."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final, assert_never

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QPlainTextEdit, QStackedLayout, QVBoxLayout, QWidget

from treadle.execute.protocol import Cancelled, Crashed, Failed, Outcome, Succeeded, TimedOut
from treadle.host.api import Why
from treadle.run.state import TaskState, TaskStatus
from treadle.spec.values import Value
from treadle_gui.panels.charts.units import bytes_text, clock_text, percent_text
from treadle_gui.panels.fields.scalars import text_of
from treadle_gui.panels.history.approval import ApprovalRow
from treadle_gui.panels.history.error_box import ErrorBox
from treadle_gui.panels.history.items import ItemsList
from treadle_gui.runs.reasons import Reasons, why_text
from treadle_gui.runs.session import RunSession
from treadle_gui.style.apply import mono_font
from treadle_gui.style.scrolling import scrolling
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import EmptyState, PlainLabel, SectionHeader, StatePill

__all__ = ["NodeRunDetails", "error_text", "given_rows", "rows"]

_REDRAW_MS: Final = 250
_LONGEST: Final = 200
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

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(parent)
        self._clock = clock
        self._session: RunSession | None = None
        self._task: str | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self.draw)
        self._name = PlainLabel("", "title")
        self._pill = StatePill(theme)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(METRICS.gap_large)
        self._values: dict[str, PlainLabel] = {}
        self._error = ErrorBox()
        self.approval = ApprovalRow()
        self.approval.answered.connect(self._answer)
        self.items = ItemsList(theme, clock=clock)
        self.items.item_chosen.connect(self.item_chosen)
        self._reasons: Reasons | None = None
        self._asked: tuple[str, str, TaskStatus] | None = None
        self._answered: tuple[str, str] | None = None
        """Run and task of the last answer given here."""
        self._waits = ""
        self._again = QTimer(self, singleShot=True, interval=_ASK_AGAIN_MS)
        self._again.timeout.connect(self._ask_what_it_waits_for)
        self._why_title = SectionHeader("What changed")
        self._why = QPlainTextEdit()
        self._why.setReadOnly(True)
        self._why.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._why.setFont(mono_font())
        self._why.setAccessibleName("What changed")
        self._empty = EmptyState(theme, "information-outline", "Select a node to see how it ran.")
        self._shown = QWidget()
        column = QVBoxLayout(self._shown)
        column.addWidget(self._name)
        column.addWidget(self._pill)
        column.addWidget(self.approval)
        column.addLayout(self._form)
        column.addWidget(self._error, 1)
        column.addWidget(self.items, 4)
        column.addWidget(self._why_title)
        column.addWidget(self._why, 1)
        column.addStretch()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._scrolled = scrolling(self._shown)
        self._stack.addWidget(self._scrolled)

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
            self._show_changes(why_text(why))
            self._waits = why.reason.removeprefix("waits ") if why.status in _MAY_WAIT else ""
            self._soon()

    def _ask_what_it_waits_for(self) -> None:
        """Again, for it may wait for something else now."""
        if self._reasons is not None and self._asked is not None and self.isVisible():
            self._reasons.ask(*self._asked[:2])

    @property
    def changes(self) -> str:
        """What is shown of how this time differs from the last success."""
        return self._why.toPlainText()

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
        self._show_rows(
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
        self._stack.setCurrentWidget(self._scrolled)
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
            self._show_changes("")
        if self._reasons is not None and state.cache_key is not None and self.isVisible():
            self._asked = about
            self._reasons.ask(run, task)

    def _show_changes(self, text: str) -> None:
        self._why_title.setVisible(bool(text))
        self._why.setVisible(bool(text))
        self._why.setPlainText(text)

    def _show_rows(self, shown: dict[str, str]) -> None:
        if list(shown) != list(self._values):
            while self._form.rowCount():
                self._form.removeRow(0)
            self._values = {name: PlainLabel() for name in shown}
            for name, label in self._values.items():
                label.setWordWrap(True)
                self._form.addRow(PlainLabel(name, "muted"), label)
        for name, text in shown.items():
            self._values[name].setText(text)

    def _tasks_changed(self, changed: frozenset[str]) -> None:
        if self._task in changed:
            self._soon()

    def _soon(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()


def rows(state: TaskState, now: float, cpu: float, memory: float, allowed: int | None = None) -> dict[str, str]:
    """What is told of a task, by heading; headings without anything to tell are left out.

    `cpu`, `memory` are live; `allowed` is how many attempts it has, None where unknown.
    """
    duration = state.duration(now)
    usage = state.usage
    used = usage.cpu_user + usage.cpu_system if usage is not None else None
    told = {
        "Attempt": _attempt(state, allowed),
        "Next attempt": _next_attempt(state, now),
        "Duration": clock_text(duration) if duration is not None else "",
        "Progress": f"{state.fraction:.0%} {state.message}".strip() if state.fraction is not None else state.message,
        "CPU": f"{clock_text(used)} of CPU time" if used is not None else percent_text(cpu),
        "Memory": f"{bytes_text(usage.peak_memory)} at most" if usage is not None else bytes_text(memory),
        "Read": bytes_text(usage.read_bytes) if usage is not None else "",
        "Written": bytes_text(usage.write_bytes) if usage is not None else "",
        "Process": str(state.pid) if state.pid is not None else "",
        "Why": _reason(state),
    }
    return {heading: text for heading, text in told.items() if text not in ("", "—")}


def given_rows(params: Mapping[str, Value]) -> dict[str, str]:
    """What the node was given, references settled; a secret is its name and never its text."""
    texts = {name: text_of(value) for name, value in params.items() if value is not None}
    words = "\n".join(
        f"{name} = {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}" for name, text in texts.items()
    )
    return {"Given": words} if words else {}


def _attempt(state: TaskState, allowed: int | None) -> str:
    """Counted since the last resume, as the number of attempts allowed is; the log's number where that differs."""
    if not state.number:
        return ""
    of = f" of {allowed}" if allowed is not None and allowed > 1 else ""
    whole = f" (number {state.number})" if state.spent else ""
    return f"{state.number - state.spent}{of}{whole}"


def _next_attempt(state: TaskState, now: float) -> str:
    if state.status is not TaskStatus.RETRYING or state.retry_at is None:
        return ""
    begins = time.strftime("%H:%M:%S", time.localtime(state.retry_at))
    return f"in {max(0.0, state.retry_at - now):.0f} s, at {begins}"


def _reason(state: TaskState) -> str:
    if state.cached_from is not None:
        return f"Taken from run {state.cached_from}: code, parameters and inputs are the same."
    if state.cause is not None:
        return f"It did not run, because {state.cause} did not succeed."
    return state.reason


def error_text(outcome: Outcome | None) -> str:
    """What went wrong, whole; empty where nothing did."""
    match outcome:
        case None | Succeeded():
            return ""
        case Failed(error=error, message=message, traceback=traceback):
            return traceback or f"{error}: {message}"
        case Crashed(reason=reason):
            return reason
        case TimedOut(limit=limit):
            return f"It ran longer than {clock_text(limit)} and was ended."
        case Cancelled(by=by):
            return f"Cancelled by {by}."
        case _:
            assert_never(outcome)
