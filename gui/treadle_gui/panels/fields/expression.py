"""A reference instead of a value: `$params.rate`, `$run.date`. Any parameter may be one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QWidget

from treadle.spec.values import Reference, Value, references
from treadle_gui.panels.fields.field import Field
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import Theme

__all__ = ["ExpressionField", "is_expression"]

_ALWAYS = ("$run.id", "$run.date")


def is_expression(value: Value) -> bool:
    """Whether the whole value is one reference, or means to be one."""
    return isinstance(value, str) and value.startswith("$") and not value.startswith("$$")


class ExpressionField(Field):
    """The reference as a chip of code that can be typed in; known names are offered."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setPlaceholderText("$params.name")
        self._mark = QAction(self.line)
        self.line.addAction(self._mark, QLineEdit.ActionPosition.LeadingPosition)
        self._names = QStringListModel(list(_ALWAYS), self)
        completer = QCompleter(self._names, self.line)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.activated.connect(self._typed)
        self.line.setCompleter(completer)
        self.line.textEdited.connect(self._typed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line)
        self.watch(self.line, "code")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._mark.setIcon(icon("link-variant", theme.accent))

    def set_parameters(self, names: Sequence[str]) -> None:
        """The pipeline's parameters, which may be referred to."""
        self._names.setStringList([*(f"$params.{name}" for name in names), *_ALWAYS])

    def fits(self, value: Value) -> bool:
        return True

    def show_value(self, value: Value) -> None:
        text = "" if value is None else str(value)
        if text != self.line.text():
            self.line.setText(text)

    def _typed(self, text: str) -> None:
        found = list(references(text))
        whole = len(found) == 1 and isinstance(found[0], Reference)
        self.invalid.emit("" if whole else "A reference looks like $params.name, $run.date or $env.HOME")
        if whole:
            self.edited.emit(text)
