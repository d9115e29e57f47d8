"""Field: what every editor of one value is.

    show_value(value) ──► widget ──► edited(value)   while a person types, valid values only
                                └──► invalid(reason) when what stands there is no value yet ("" when it is again)

`show_value` never emits and, given what is shown already, changes nothing: cursor, selection and a half-typed number
survive the round through the document.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from treadle.spec.values import Value
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import set_role

__all__ = ["Field", "same"]


def same(one: Value, other: Value) -> bool:
    """Equal, and of one type: `1`, `1.0` and `True` are different settings."""
    return type(one) is type(other) and one == other


class Field(QWidget):
    """An editor of one value. Subclasses add their widget to themselves and name the one to watch with `watch`."""

    edited = Signal(object)
    invalid = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editors: list[QWidget] = []

    def show_value(self, value: Value) -> None:
        raise NotImplementedError

    def fits(self, value: Value) -> bool:
        """Whether this editor can show `value`; what it can't is edited as an expression."""
        raise NotImplementedError

    def set_columns(self, columns: Sequence[str]) -> None:
        """The known columns of the table that this parameter names a column of. Most fields don't care."""

    def set_theme(self, theme: Theme) -> None:
        """Fields that paint icons or colours themselves take them from `theme`."""

    def mark_invalid(self, wrong: bool) -> None:
        for editor in self._editors:
            set_role(editor, "invalid" if wrong else str(editor.property("quiet_role") or ""))

    def watch(self, editor: QWidget, role: str = "") -> None:
        """Makes `editor` the focus of this field. The wheel changes it only once it has the focus."""
        editor.setProperty("quiet_role", role)
        if role:
            editor.setProperty("role", role)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.installEventFilter(self)
        self._editors.append(editor)
        if self.focusProxy() is None:
            self.setFocusProxy(editor)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if event.type() == QEvent.Type.FocusOut:
            self.left.emit()
        return super().eventFilter(watched, event)
