"""What a node's process is given: interpreter, packages, variables, working folder, and whether it is its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from treadle.spec.environments import Isolation
from treadle.spec.pipeline import Policy
from treadle_gui.panels.inspector.choice_box import Choice, ChoiceBox
from treadle_gui.panels.inspector.parsed_lines import ParsedLines
from treadle_gui.panels.inspector.quantity import labelled
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["EnvironmentForm", "parse_requirements", "parse_variables"]

_NAME: Final = re.compile(r"[^\W\d]\w*\Z")
_ISOLATION: Final = (
    Choice(None, "Inherited"),
    Choice(Isolation.FRESH, "Fresh", "each attempt has a process of its own"),
    Choice(Isolation.REUSE, "Reuse", "one process serves many short nodes, one after another"),
)


def parse_requirements(text: str) -> tuple[str, ...] | None:
    """One package a line, as pip writes them; None for no line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip()) or None


def parse_variables(text: str) -> dict[str, str]:
    """`NAME=value` a line. Raises ValueError."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        name, sign, value = line.partition("=")
        if not sign or not _NAME.match(name.strip()):
            raise ValueError(f"NAME=value is wanted, not {line.strip()!r}")
        found[name.strip()] = value.strip()
    return found


def _lines(value: object) -> str:
    return "\n".join(cast("tuple[str, ...] | None", value) or ())


def _variables(value: object) -> str:
    return "\n".join(f"{name}={text}" for name, text in cast("Mapping[str, str]", value).items())


class EnvironmentForm(QWidget):
    """`edited(policy, field)`, as of a PolicyForm: the environment and the isolation of it."""

    edited = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policy = Policy()
        self.python = QLineEdit()
        self.folder = QLineEdit()
        self.requirements = ParsedLines(parse_requirements, _lines)
        self.requirements.setPlaceholderText("polars==1.2")
        self.variables = ParsedLines(parse_variables, _variables)
        self.variables.setPlaceholderText("REGION=eu")
        self.isolation = ChoiceBox(_ISOLATION)
        self._lay_out()
        for name in ("python", "folder"):
            line: QLineEdit = getattr(self, name)
            line.textEdited.connect(partial(self._set_text, name))
            line.editingFinished.connect(self.left)
        for name in ("requirements", "variables"):
            lines: ParsedLines = getattr(self, name)
            lines.changed.connect(self._setter(name))
            lines.left.connect(self.left)
        self.isolation.chosen.connect(self._set_isolation)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap)
        column.addLayout(labelled("Python", self.python, "A version such as 3.12, an environment's folder, a program"))
        for words, editor, tip in (
            ("Packages", self.requirements, "One a line; installed into an environment made for just these"),
            ("Variables", self.variables, "NAME=value, one a line; $params.x, $run.id and $env.X are filled in"),
        ):
            label = PlainLabel(words)
            label.setToolTip(tip)
            label.setBuddy(editor)
            editor.setAccessibleName(words)
            column.addWidget(label)
            column.addWidget(editor)
        column.addLayout(labelled("Folder", self.folder, "Where it works; paths in parameters begin there"))
        column.addLayout(labelled("Process", self.isolation, "Whether each attempt has a process of its own"))

    def show_policy(self, policy: Policy, inherited: Policy) -> None:
        """`inherited` is shown as placeholders where `policy` says nothing."""
        self._policy = policy
        environment, given = policy.environment, inherited.environment
        for line, text in ((self.python, environment.python), (self.folder, environment.folder)):
            if (line.text() or None) != text:
                line.setText(text or "")
        self.python.setPlaceholderText(given.python or "Treadle's own")
        self.folder.setPlaceholderText(given.folder or "the project")
        self.requirements.show_value(environment.requirements)
        self.requirements.setPlaceholderText(_lines(given.requirements) or "polars==1.2")
        self.variables.show_value(dict(environment.variables))
        self.variables.setPlaceholderText(_variables(given.variables) or "REGION=eu")
        self.isolation.show_choice(policy.isolation)
        self.isolation.name_choice(0, f"Inherited: {inherited.isolation or Isolation.FRESH}")

    def _setter(self, name: str) -> Callable[[object], None]:
        def set_field(value: object) -> None:
            changed = replace(self._policy.environment, **{name: value})
            self._policy = replace(self._policy, environment=changed)
            self.edited.emit(self._policy, name)

        return set_field

    def _set_text(self, name: str, text: str) -> None:
        self._setter(name)(text or None)

    def _set_isolation(self, isolation: Isolation | None) -> None:
        self._policy = replace(self._policy, isolation=isolation)
        self.edited.emit(self._policy, "isolation")
