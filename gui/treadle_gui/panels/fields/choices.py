"""Choices: a switch for yes and no, a list of allowed values, and a column of a table (known ones, or typed)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QCompleter, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from treadle.spec.types import ParameterType
from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field, same
from treadle_gui.style.tokens import Theme

__all__ = ["ChoiceField", "ColumnField", "Switch", "SwitchField"]


class Switch(QAbstractButton):
    """On or off, by position as well as by colour."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(36, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.hasFocus():
                painter.setPen(QColor(theme.accent))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(0.5, 0.5, 35, 21), 10.5, 10.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.primary if on else theme.line_strong))
            painter.setOpacity(1.0 if self.isEnabled() else 0.5)
            painter.drawRoundedRect(QRectF(2.5, 3, 31, 16), 8, 8)
            painter.setBrush(QColor(theme.on_primary if on or not theme.is_dark else theme.text))
            painter.drawEllipse(QRectF(19 if on else 5, 5, 12, 12))
        finally:
            painter.end()


class SwitchField(Field):
    """A bool."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = Switch(theme)
        self.switch.clicked.connect(self._switched)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.switch)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.watch(self.switch)

    def fits(self, value: Value) -> bool:
        return value is None or isinstance(value, bool)

    def _switched(self) -> None:
        self.edited.emit(self.switch.isChecked())

    def show_value(self, value: Value) -> None:
        self.switch.setChecked(bool(value))

    def set_theme(self, theme: Theme) -> None:
        self.switch.set_theme(theme)


class ChoiceField(Field):
    """One of the type's choices, or none where it is optional."""

    def __init__(self, type_: ParameterType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[Value, ...] = (*((None,) if type_.optional else ()), *type_.choices)
        self.box = QComboBox()
        self.box.addItems(["none" if value is None else str(value) for value in self._values])
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(4)
        self.box.setPlaceholderText("Choose…")
        self.box.activated.connect(self._chosen)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.watch(self.box)

    def fits(self, value: Value) -> bool:
        return value is None or any(same(value, known) for known in self._values)

    def show_value(self, value: Value) -> None:
        places = [place for place, known in enumerate(self._values) if same(value, known)]
        self.box.setCurrentIndex(places[0] if places else -1)

    def _chosen(self, place: int) -> None:
        self.edited.emit(self._values[place])


class ColumnField(Field):
    """A column's name: any text, with the columns known from the last run offered."""

    def __init__(self, type_: ParameterType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._optional = type_.optional
        self.box = QComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(4)
        self.line = QLineEdit()
        self.box.setLineEdit(self.line)
        self.line.setPlaceholderText("none" if type_.optional else "column name")
        self.line.textEdited.connect(self._typed)
        self.box.activated.connect(lambda _place: self._typed(self.box.currentText()))
        completer = QCompleter(self.box.model(), self.box)
        self.box.setCompleter(completer)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated.connect(self._typed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.watch(self.box)

    def fits(self, value: Value) -> bool:
        return value is None or (isinstance(value, str) and not value.startswith("$"))

    def show_value(self, value: Value) -> None:
        text = "" if value is None else str(value)
        if text != self.box.currentText():
            self.box.setEditText(text)

    def set_columns(self, columns: Sequence[str]) -> None:
        if [self.box.itemText(place) for place in range(self.box.count())] == list(columns):
            return
        text = self.box.currentText()
        cursor = self.line.cursorPosition()
        self.box.clear()
        self.box.addItems(list(columns))
        self.box.setEditText(text)
        self.line.setCursorPosition(cursor)

    def _typed(self, text: str) -> None:
        self.edited.emit(None if self._optional and not text else text)
