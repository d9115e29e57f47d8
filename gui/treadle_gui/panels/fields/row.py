"""FieldRow: a parameter in a form: its name, its editor, what is wrong with it, and the way back to its default.

The editor is exchanged for an expression field where the value is a reference, and hidden where an edge gives it;
otherwise a row is never rebuilt, so what a person types into keeps focus and cursor.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from treadle.spec.component import Parameter, Required
from treadle.spec.problems import Problem, Severity
from treadle.spec.values import Value
from treadle_gui.panels.fields.choices import SwitchField
from treadle_gui.panels.fields.expression import ExpressionField, is_expression
from treadle_gui.panels.fields.making import make_field
from treadle_gui.style.icons import icon
from treadle_gui.style.sentences import sentences
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel, set_role

__all__ = ["FieldRow"]


class FieldRow(QWidget):
    """`edited(value)` while a person types, `reset()` for back to the default, `left()` when the field is left."""

    edited = Signal(object)
    reset = Signal()
    left = Signal()

    def __init__(
        self, parameter: Parameter, theme: Theme, root: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.field = make_field(parameter.type, theme, root)
        self.expression = ExpressionField(theme)
        required = isinstance(parameter.default, Required)
        self.label = PlainLabel(parameter.name)
        # In the row from the first: shown alone it would be a window, which closes a menu that is open.
        self.mark = PlainLabel("*", "error", self)
        self.kind = PlainLabel("", "muted")
        self.kind.hide()
        self.mark.setVisible(required)
        self.mark.setToolTip("Needed: it has no default")
        self._back = self._button("restore", self.reset)
        self._link = self._button("link-variant", self._toggle_expression)
        self._link.setCheckable(True)
        self._link.setToolTip("Take the value from a pipeline parameter or from the run")
        self._link.setAccessibleName(f"Reference for {parameter.name}")
        self._back.setToolTip(_default_words(parameter))
        self._back.setAccessibleName(f"Reset {parameter.name}")
        self.rendered = PlainLabel("", "muted")
        self.rendered.setWordWrap(True)
        self.rendered.hide()
        self.complaint = PlainLabel("", "error")
        self.complaint.setWordWrap(True)
        self.complaint.hide()
        self._typing_problem = ""
        self._problems: tuple[Problem, ...] = ()
        self._value: Value = None
        self._fed = False
        self._lay_out()
        self._describe()
        for editor in (self.field, self.expression):
            editor.edited.connect(self._on_edited)
            editor.invalid.connect(self._on_invalid)
            editor.left.connect(self.left)
        self.set_theme(theme)

    def _button(self, name: str, slot: object) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setProperty("icon_name", name)
        button.setFixedSize(22, 20)
        button.setStyleSheet("padding: 0;")
        button.clicked.connect(slot)
        return button

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(2)
        head.addWidget(self.label)
        head.addWidget(self.mark)
        head.addSpacing(6)
        head.addWidget(self.kind)
        head.addStretch()
        head.addWidget(self._back)
        head.addWidget(self._link)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, METRICS.gap_small)
        column.setSpacing(2)
        column.addLayout(head)
        if isinstance(self.field, SwitchField):
            head.addWidget(self.field)
        else:
            column.addWidget(self.field)
        column.addWidget(self.expression)
        column.addWidget(self.rendered)
        column.addWidget(self.complaint)
        self.expression.hide()

    def _describe(self) -> None:
        help_text = self.parameter.help
        tip = f"<qt>{html.escape(help_text)}</qt>" if help_text else ""
        for widget in (self.label, self.field):
            widget.setToolTip(tip)
        self.field.setAccessibleName(self.parameter.name)
        self.field.setAccessibleDescription(help_text)
        self.label.setBuddy(self.field)

    # What it shows

    @property
    def in_expression(self) -> bool:
        return self._link.isChecked()

    def show_value(self, value: Value, *, is_set: bool) -> None:
        """`is_set` is whether the pipeline says so; otherwise this is the default."""
        self._value = value
        as_expression = is_expression(value) or not self.field.fits(value)
        keeps_typing = self.in_expression and self.expression.line.hasFocus()
        if as_expression or not keeps_typing:
            self._show_editor(as_expression)
        (self.expression if as_expression else self.field).show_value(value)
        self._back.setVisible(is_set and not isinstance(self.parameter.default, Required))
        set_role(self.label, "" if is_set else "muted")

    def show_fed(self, source: str) -> None:
        """The value comes through an edge: there is nothing to edit."""
        self._fed = bool(source)
        self._link.setDisabled(self._fed)
        self.show_kind(f"fed by {source}" if self._fed else "")
        self._show_chosen_editor()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        self._problems = tuple(problems)
        self._complain()

    def allow_expressions(self, allowed: bool) -> None:
        """Where a value is given for one run there is nothing to refer to."""
        self._link.setVisible(allowed)

    def show_kind(self, words: str) -> None:
        """Type and bounds beside the name, for who does not know the parameter."""
        self.kind.setText(words if len(words) <= 48 else words[:47] + "…")
        self.kind.setToolTip(words)
        self.kind.setVisible(bool(words))

    def show_rendered(self, words: str) -> None:
        """What the reference stands for now, beneath it; "" for nothing to say."""
        self.rendered.setText(words)
        self.rendered.setVisible(bool(words) and self.in_expression and not self._fed)

    def set_columns(self, columns: Sequence[str]) -> None:
        self.field.set_columns(columns)

    def set_theme(self, theme: Theme) -> None:
        for button in (self._back, self._link):
            button.setIcon(icon(str(button.property("icon_name")), theme.muted, theme.faint))
        self.field.set_theme(theme)
        self.expression.set_theme(theme)

    # What a person does

    def _show_editor(self, as_expression: bool) -> None:
        if as_expression == self.in_expression:
            return
        self._link.setChecked(as_expression)
        self._show_chosen_editor()

    def _show_chosen_editor(self) -> None:
        """None where an edge gives the value."""
        self.field.setVisible(not self._fed and not self.in_expression)
        self.expression.setVisible(not self._fed and self.in_expression)

    def _toggle_expression(self) -> None:
        """The value is kept until another one is typed."""
        as_expression = self._link.isChecked()
        self._show_chosen_editor()
        self._typing_problem = ""
        self._complain()
        if as_expression:
            self.expression.line.setText("$params.")
            self.expression.line.setFocus()
            return
        if is_expression(self._value):
            self.reset.emit()
        self.field.setFocus()

    def _on_edited(self, value: Value) -> None:
        self._value = value
        self.edited.emit(value)

    def _on_invalid(self, reason: str) -> None:
        self._typing_problem = reason
        self._complain()

    def _complain(self) -> None:
        """What was typed first, then what validation found."""
        found = [sentences(problem) for problem in self._problems]
        words = self._typing_problem or "\n".join(found)
        is_error = bool(self._typing_problem) or any(problem.severity is Severity.ERROR for problem in self._problems)
        self.complaint.setText(words)
        self.complaint.setVisible(bool(words))
        set_role(self.complaint, "error" if is_error else "warning")
        (self.expression if self.in_expression else self.field).mark_invalid(is_error)


def _default_words(parameter: Parameter) -> str:
    default = parameter.default
    if isinstance(default, Required):
        return ""
    text = "none" if default is None else str(default)
    return f"Back to the default: {text if len(text) < 80 else text[:77] + '…'}"
