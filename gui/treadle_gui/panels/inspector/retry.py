"""How pauses between attempts grow, and which failures are tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from treadle.spec.flow import FAILURES, Retry
from treadle.spec.quantities import format_duration
from treadle_gui.panels.inspector.quantity import QuantityLine, duration, factor, fraction, labelled
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["FailuresField", "RetryForm"]

_TIPS: Final = {
    "failed": "The code raised an exception",
    "crashed": "The process died: killed, out of memory, a fault in native code",
    "timed_out": "The attempt took longer than its timeout",
}


class FailuresField(QWidget):
    """Ways to fail and names of exceptions. `edited(names or None)`: None where nothing is chosen."""

    edited = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = {name: QCheckBox(name.replace("_", " ").capitalize()) for name in FAILURES}
        self.exceptions = QLineEdit()
        self.exceptions.setPlaceholderText("ConnectionError, TimeoutError")
        self.exceptions.setAccessibleName("Exceptions that are tried again")
        self.exceptions.textEdited.connect(self._changed)
        self.exceptions.editingFinished.connect(self.left)
        self.hint = PlainLabel("", "muted")
        self.hint.setWordWrap(True)
        boxes = QHBoxLayout()
        for name, box in self.ways.items():
            box.setToolTip(_TIPS[name])
            box.clicked.connect(self._changed)
            boxes.addWidget(box)
        boxes.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        column.addWidget(PlainLabel("Try again when it"))
        column.addLayout(boxes)
        column.addLayout(labelled("Exceptions", self.exceptions, "Tried again too; a name stands for its subclasses"))
        column.addWidget(self.hint)

    def show_failures(self, failures: tuple[str, ...] | None, inherited: tuple[str, ...] | None) -> None:
        """`inherited` is what counts where `failures` is None; None there is every failure."""
        for name, box in self.ways.items():
            box.setChecked(name in (failures or ()))
        named = tuple(name for name in failures or () if name not in FAILURES)
        if named != self._named():
            self.exceptions.setText(", ".join(named))
        counting = "every failure" if inherited is None else ", ".join(inherited)
        self.hint.setText(f"Nothing chosen: {counting}")
        self.hint.setVisible(failures is None)

    def _named(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.exceptions.text().replace(",", " ").split()))

    def _changed(self) -> None:
        chosen = (*(name for name, box in self.ways.items() if box.isChecked()), *self._named())
        self.edited.emit(chosen or None)


class RetryForm(QWidget):
    """`edited(retry, field)` with the field's name, which merges typing into one undo step."""

    edited = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._retry = Retry()
        self.backoff = factor("1")
        self.maximum = duration("no limit")
        self.jitter = fraction("0")
        self.failures = FailuresField()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addLayout(labelled("Backoff", self.backoff, "Each pause is so many times the one before: 2"))
        column.addLayout(labelled("Longest wait", self.maximum, "No pause is longer: 5m"))
        column.addLayout(labelled("Jitter", self.jitter, "Each pause is up to this share longer or shorter: 0.1"))
        column.addWidget(self.failures)
        for name in ("backoff", "maximum", "jitter"):
            line: QuantityLine = getattr(self, name)
            line.changed.connect(self._setter(name))
            line.left.connect(self.left)
        self.failures.edited.connect(self._setter("failures"))
        self.failures.left.connect(self.left)

    def show_retry(self, retry: Retry, inherited: Retry) -> None:
        """`inherited` is shown where `retry` says nothing."""
        self._retry = retry
        self.backoff.show_quantity(retry.backoff)
        self.maximum.show_quantity(retry.maximum)
        self.jitter.show_quantity(retry.jitter)
        self.failures.show_failures(retry.failures, inherited.failures)
        self.backoff.setPlaceholderText(f"{1 if inherited.backoff is None else inherited.backoff:g}")
        longest = "no limit" if inherited.maximum is None else str(format_duration(inherited.maximum))
        self.maximum.setPlaceholderText(longest)
        self.jitter.setPlaceholderText(f"{inherited.jitter or 0:g}")

    def _setter(self, name: str) -> Callable[[object], None]:
        def set_field(value: object) -> None:
            self._retry = replace(self._retry, **{name: value})
            self.edited.emit(self._retry, name)

        return set_field
