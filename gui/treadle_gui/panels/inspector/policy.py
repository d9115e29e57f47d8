"""How a node is tried (or, for a pipeline, how every node is): retries, delay, timeout, priority, cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle.spec.flow import Retry
from treadle.spec.pipeline import Policy
from treadle.spec.problems import Problem
from treadle.spec.quantities import format_duration
from treadle_gui.panels.inspector.caching import CachingForm
from treadle_gui.panels.inspector.complaint import Complaint
from treadle_gui.panels.inspector.quantity import QuantityLine, count, duration, labelled, whole
from treadle_gui.panels.inspector.retry import RetryForm
from treadle_gui.style.tokens import METRICS

__all__ = ["PolicyForm"]

_ENGINES: Final = Policy()


class PolicyForm(QWidget):
    """`edited(policy, field)` with the field's name, which merges typing into one undo step."""

    edited = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policy = Policy()
        self.retries = count("0")
        self.retry_delay = duration("none")
        self.timeout = duration("none")
        self.retry = RetryForm()
        self.complaint = Complaint()
        self.priority = whole("0")
        self.caching = CachingForm()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addLayout(labelled("Retries", self.retries, "How often a failed attempt is repeated"))
        column.addLayout(labelled("Wait between", self.retry_delay, "Before the next attempt: 30s, 5m"))
        column.addWidget(self.retry)
        column.addWidget(self.complaint)
        column.addLayout(labelled("Timeout", self.timeout, "An attempt that takes longer is ended: 30m, 2h"))
        column.addLayout(labelled("Priority", self.priority, "Of the nodes that may begin, the higher goes first"))
        column.addWidget(self.caching)
        for name in ("retries", "retry_delay", "timeout", "priority"):
            line: QuantityLine = getattr(self, name)
            line.changed.connect(self._setter(name))
            line.left.connect(self.left)
        self.retry.edited.connect(self._set_retry)
        self.retry.left.connect(self.left)
        self.caching.edited.connect(self._set_caching)
        self.caching.left.connect(self.left)

    def show_policy(self, policy: Policy, inherited: Policy = _ENGINES) -> None:
        """`inherited` is shown as placeholders where `policy` says nothing."""
        self._policy = policy
        self.retries.show_quantity(policy.retries)
        self.retry_delay.show_quantity(policy.retry_delay)
        self.timeout.show_quantity(policy.timeout)
        self.retry.show_retry(policy.retry, inherited.retry)
        self.priority.show_quantity(policy.priority)
        self.caching.show_policy(policy, inherited)
        self.retries.setPlaceholderText(str(inherited.retries or 0))
        self.retry_delay.setPlaceholderText(_time(inherited.retry_delay))
        self.timeout.setPlaceholderText(_time(inherited.timeout))
        self.priority.setPlaceholderText(str(inherited.priority or 0))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """What validation says of attempts, of the problems of whoever has this policy."""
        self.complaint.show_problems(problem for problem in problems if problem.code == "unknown-failure")

    def _setter(self, name: str) -> Callable[[object], None]:
        def set_field(value: object) -> None:
            self._policy = replace(self._policy, **{name: value})
            self.edited.emit(self._policy, name)

        return set_field

    def _set_caching(self, policy: Policy, field: str) -> None:
        self._policy = policy
        self.edited.emit(policy, field)

    def _set_retry(self, retry: Retry, field: str) -> None:
        self._policy = replace(self._policy, retry=retry)
        self.edited.emit(self._policy, f"retry_{field}")


def _time(seconds: float | None) -> str:
    return "none" if seconds is None else str(format_duration(seconds))
