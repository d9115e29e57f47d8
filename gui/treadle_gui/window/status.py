"""StatusBar: what is going on: a hint, the run's progress, trust, the engine, the zoom."""

from __future__ import annotations

import textwrap
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QStatusBar, QWidget

from treadle.run.clock import AnchoredClock
from treadle.run.state import RunState
from treadle.spec.quantities import format_duration
from treadle_gui.runs.session import RunSession
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import ElidedLabel, PlainLabel, StatePill, plain_tooltip, set_role

__all__ = ["StatusBar", "elapsed", "reason"]

_REASON: Final = 70
"""Letters of a reason that are shown; the tooltip has it whole."""


def elapsed(seconds: float) -> str:
    """`4.2 s`, `1:05`, `2:03:00`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def reason(state: RunState) -> str:
    """Why the run ends or ended so, where its tasks alone don't say; empty where they do."""
    if state.paused is not None and state.paused.task is not None:
        return state.paused.words
    if state.reason or state.interrupted_because:
        return state.reason or state.interrupted_because
    return "" if state.timed_out is None else f"it is beyond its limit of {format_duration(state.timed_out)}"


class StatusBar(QStatusBar):
    """`trust_requested`: the badge was pressed; `zoom_requested`: the zoom was."""

    trust_requested = Signal()
    zoom_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._session: RunSession | None = None
        self.setSizeGripEnabled(False)
        self.hint = ElidedLabel("")
        self.pill = StatePill(theme)
        self.bar = QProgressBar()
        self.bar.setFixedWidth(120)
        self.bar.setTextVisible(False)
        self.progress = PlainLabel("")
        self.reason = PlainLabel("", "warning")
        self.reason.setAccessibleName("Why the run came out so")
        self.engine = PlainLabel("", "warning")
        self.restricted = QPushButton("Restricted")
        self.restricted.setProperty("role", "flat")
        self.restricted.setToolTip("Nothing of this project may run until you trust its folder")
        self.restricted.clicked.connect(self.trust_requested)
        self.zoom = QPushButton("100 %")
        self.zoom.setProperty("role", "flat")
        self.zoom.setToolTip("Show at 100 %")
        self.zoom.clicked.connect(self.zoom_requested)
        self.addWidget(self.hint, 1)
        for widget in (self.pill, self.bar, self.progress, self.reason, self.engine, self.restricted, self.zoom):
            self.addPermanentWidget(widget)
        self._now = AnchoredClock().now  # a clock that is set while a run goes on makes it no longer
        self._clock = QTimer(self, interval=200)
        self._clock.timeout.connect(self._show_run)
        self._forget_hint = QTimer(self, singleShot=True, interval=8000)
        self._forget_hint.timeout.connect(lambda: self.hint.set_whole_text(""))
        self.set_theme(theme)
        self.set_session(None)
        self.set_restricted(False)
        self.set_engine_lost(False)

    def say(self, words: str) -> None:
        """A hint for a few seconds; an empty one takes the last away."""
        self.hint.set_whole_text(words)
        self._forget_hint.start()

    def set_session(self, session: RunSession | None) -> None:
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._show_run)
            self._session.run_changed.disconnect(self._show_run)
        self._session = session
        if session is not None:
            session.tasks_changed.connect(self._show_run)
            session.run_changed.connect(self._show_run)
        self._show_run()

    def set_restricted(self, restricted: bool) -> None:
        self.restricted.setVisible(restricted)

    def set_engine_lost(self, lost: bool) -> None:
        self.engine.setText("Engine lost, reconnecting…" if lost else "")
        self.engine.setVisible(lost)

    def set_zoom(self, factor: float | None) -> None:
        self.zoom.setVisible(factor is not None)
        self.zoom.setText(f"{100 * factor:.0f} %" if factor is not None else "")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.pill.set_theme(theme)
        self.restricted.setIcon(icon("shield-lock-outline", theme.warning))

    def _show_run(self) -> None:
        state = self._session.state if self._session is not None else None
        shown = state is not None and state.started_at is not None
        for widget in (self.pill, self.bar, self.progress, self.reason):
            widget.setVisible(shown)
        going = shown and state is not None and not state.status.is_done
        if going != self._clock.isActive():
            (self._clock.start if going else self._clock.stop)()
        if state is not None and shown:
            self._show_state(state)

    def _show_state(self, state: RunState) -> None:
        counts = state.counts()
        planned, ended = sum(counts.values()), sum(count for status, count in counts.items() if status.is_done)
        failed = sum(count for status, count in counts.items() if status.is_failure)
        self.pill.set_state("paused" if state.paused is not None else state.status.value)
        self.bar.setRange(0, max(planned, 1))
        self.bar.setValue(ended)
        role = {"succeeded": "succeeded", "failed": "failed"}.get(state.status.value, "")
        if self.bar.property("role") != role:
            set_role(self.bar, role)
        stopping = ", stopping" if state.cancel_requested and not state.status.is_done else ""
        because = reason(state)
        self.pill.setToolTip(plain_tooltip(because))
        self.reason.setText(textwrap.shorten(because, _REASON, placeholder="…"))
        self.reason.setToolTip(plain_tooltip(because))
        self.reason.setVisible(bool(because))
        took = state.duration(self._now()) or 0.0
        wrong = f"{failed} failed, " if failed else ""
        self.progress.setText(f"{ended}/{planned} tasks, {wrong}{elapsed(took)}{stopping}")
