"""Entry: one editor in a list or a mapping, named or not, with a button that takes it out."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field
from treadle_gui.style.icons import themed_icon
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["Entry", "first_value"]


class Entry(QWidget):
    """`changed`: its name, its value, or what is wrong with it (`reason`) is another. `gone`: it is to be taken out."""

    changed = Signal()
    gone = Signal()

    def __init__(self, field: Field, theme: Theme, name: QLineEdit | PlainLabel | None, removable: bool = True) -> None:
        super().__init__()
        self.field = field
        self.name = name
        self.value: Value = None
        self.reason = ""
        self._remove = QToolButton(self)  # shown alone it would be a window
        self._remove.setAutoRaise(True)
        self._remove.setAccessibleName("Remove")
        self._remove.setToolTip("Remove")
        self._remove.setVisible(removable)
        self._remove.clicked.connect(self.gone)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        if name is not None:
            line.addWidget(name, 1)
        line.addWidget(field, 1)
        line.addWidget(self._remove)
        if isinstance(name, QLineEdit):
            name.setPlaceholderText("name")
            name.setCursorPosition(0)
            name.textEdited.connect(self.changed)
        field.edited.connect(self._take)
        field.invalid.connect(self._complain)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._remove.setIcon(themed_icon("close", theme))
        self.field.set_theme(theme)

    def show_value(self, value: Value) -> None:
        self.value, self.reason = value, ""
        self.field.show_value(value)

    def called(self) -> str:
        return self.name.text() if self.name is not None else ""

    def _take(self, value: Value) -> None:
        self.value, self.reason = value, ""
        self.changed.emit()

    def _complain(self, reason: str) -> None:
        if reason != self.reason:
            self.reason = reason
            self.changed.emit()


def first_value(type_: ParameterType | None) -> Value:
    """What a new row begins with; None where something has to be typed."""
    match type_:
        case ParameterType(kind=ParameterKind.BOOL):
            return False
        case ParameterType(choices=(first, *_)):
            return first
        case None | ParameterType(kind=ParameterKind.STR | ParameterKind.PATH):
            return ""
        case _:
            return None
