"""ParsedLines: a few lines of text that stand for a value, as a list of requirements or of variables."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from treadle_gui.panels.fields.texts import PlainEditor
from treadle_gui.style.apply import mono_font
from treadle_gui.style.widgets import set_role

__all__ = ["ParsedLines"]


class ParsedLines(PlainEditor):
    """`changed(value)` for each valid text. `parse` raises ValueError with what is wanted."""

    changed = Signal(object)
    left = Signal()

    def __init__(
        self, parse: Callable[[str], object], write: Callable[[object], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, fewest=2)
        self._parse = parse
        self._write = write
        self._is_shown = False
        self.setFont(mono_font())
        self.textChanged.connect(self._typed)

    def show_value(self, value: object) -> None:
        """Writes `value`, unless what stands there means it."""
        try:
            if self._parse(self.toPlainText()) == value:
                return
        except ValueError:
            pass
        self._is_shown = True
        self.setPlainText(self._write(value))
        self._is_shown = False
        self._mark("")

    def _typed(self) -> None:
        if self._is_shown:
            return
        try:
            value = self._parse(self.toPlainText())
        except ValueError as error:
            self._mark(str(error))
            return
        self._mark("")
        self.changed.emit(value)

    def _mark(self, wanted: str) -> None:
        set_role(self, "invalid" if wanted else "")
        self.setToolTip(wanted)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()
