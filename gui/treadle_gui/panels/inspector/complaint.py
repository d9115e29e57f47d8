"""Complaint: what validation found about the field above it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from treadle.spec.problems import Problem, Severity
from treadle_gui.style.sentences import sentences
from treadle_gui.style.widgets import PlainLabel, set_role

__all__ = ["Complaint"]


class Complaint(PlainLabel):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "error", parent)
        self.setWordWrap(True)
        self.hide()

    def show_problems(self, problems: Iterable[Problem]) -> None:
        found = list(problems)
        self.setText("\n".join(sentences(problem) for problem in found))
        self.setVisible(bool(found))
        is_error = any(problem.severity is Severity.ERROR for problem in found)
        set_role(self, "error" if is_error else "warning")
