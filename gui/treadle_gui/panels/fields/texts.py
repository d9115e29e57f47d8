"""Text: one line, several lines, code with highlighting, and the name of a secret."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from treadle.spec.parameter_values import wrong_value
from treadle.spec.text_formats import EXAMPLES
from treadle.spec.types import ParameterType
from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field
from treadle_gui.panels.fields.highlighting import Highlighter
from treadle_gui.style.apply import mono_font
from treadle_gui.style.tokens import Theme

__all__ = ["CodeField", "LineField", "LinesField", "PlainEditor", "SecretField"]

_FEWEST: Final = 3
_MOST: Final = 14


def _unescaped(value: Value) -> str:
    text = "" if value is None else str(value)
    return text[1:] if text.startswith("$$") else text


def _escaped(text: str) -> str:
    """A text that begins with a dollar sign is no reference: the file doubles the sign."""
    return "$" + text if text.startswith("$") else text


class LineField(Field):
    """One line of text. Empty means None where the type is optional."""

    def __init__(self, type_: ParameterType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._type = type_
        self.line = QLineEdit()
        example = EXAMPLES.get(type_.format, "") if type_.format is not None else ""
        self.line.setPlaceholderText("none" if type_.optional else example)
        self.line.textEdited.connect(self._typed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line)
        self.watch(self.line)

    def fits(self, value: Value) -> bool:
        return value is None or isinstance(value, str)

    def show_value(self, value: Value) -> None:
        text = _unescaped(value)
        if text != self.line.text():
            self.line.setText(text)

    def _typed(self, text: str) -> None:
        value = None if self._type.optional and not text else _escaped(text)
        fault = wrong_value(value, self._type)
        self.invalid.emit(fault.about("It") if fault is not None else "")
        if fault is None:
            self.edited.emit(value)


class PlainEditor(QPlainTextEdit):
    """As tall as its text, within bounds. Tab indents; Ctrl+Tab and Shift+Tab leave."""

    def __init__(self, parent: QWidget | None = None, fewest: int = _FEWEST) -> None:
        super().__init__(parent)
        self._fewest = fewest
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTabChangesFocus(True)
        self.document().blockCountChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        lines = min(max(self.blockCount(), self._fewest), _MOST)
        frame = 2 * self.frameWidth() + 2 * int(self.document().documentMargin()) + 10
        return QSize(120, lines * self.fontMetrics().lineSpacing() + frame)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())


class _CodeEditor(PlainEditor):
    """Enter keeps the indentation."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(mono_font())
        self.setTabStopDistance(4 * self.fontMetrics().horizontalAdvance(" "))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Tab and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.insertPlainText("    ")
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            line = self.textCursor().block().text()
            self.insertPlainText("\n" + line[: len(line) - len(line.lstrip(" \t"))])
            return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, following: bool) -> bool:
        return False if following else super().focusNextPrevChild(following)


class LinesField(Field):
    """Several lines of text."""

    def __init__(
        self, type_: ParameterType, editor: QPlainTextEdit | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._optional = type_.optional
        self._showing = False
        self.editor = editor or PlainEditor()
        self.editor.textChanged.connect(self._typed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.editor)
        self.watch(self.editor, "code" if editor is not None else "")

    def fits(self, value: Value) -> bool:
        return value is None or isinstance(value, str)

    def show_value(self, value: Value) -> None:
        text = _unescaped(value)
        if text == self.editor.toPlainText():
            return
        self._showing = True
        try:
            self.editor.setPlainText(text)
        finally:
            self._showing = False

    def _typed(self) -> None:
        if self._showing:
            return
        text = self.editor.toPlainText()
        self.edited.emit(None if self._optional and not text else _escaped(text))


class CodeField(LinesField):
    """Text in a programming language."""

    def __init__(self, type_: ParameterType, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(type_, _CodeEditor(), parent)
        self._highlighter = Highlighter(self.editor.document(), type_.code or "python", theme)

    def set_theme(self, theme: Theme) -> None:
        self._highlighter.set_theme(theme)


class SecretField(Field):
    """The name of a secret. Its value is nowhere in a pipeline, so it is not asked for here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setPlaceholderText("name of a secret")
        self.line.textEdited.connect(self._typed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line)
        self.watch(self.line)

    def fits(self, value: Value) -> bool:
        return value is None or (isinstance(value, str) and (not value or value.startswith("$secrets.")))

    def show_value(self, value: Value) -> None:
        name = str(value or "").removeprefix("$secrets.")
        if name != self.line.text():
            self.line.setText(name)

    def _typed(self, name: str) -> None:
        if name and not name.isidentifier():
            self.invalid.emit("A name of letters, digits and _")
            return
        self.invalid.emit("")
        self.edited.emit(f"$secrets.{name}" if name else None)
