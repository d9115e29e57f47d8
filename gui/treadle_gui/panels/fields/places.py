"""A file's path, relative to the project where it lies in it, and a moment in time as ISO 8601."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDate, QPoint, Qt, QTime
from PySide6.QtWidgets import (
    QCalendarWidget,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QTimeEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from treadle.spec.parameter_values import wrong_value
from treadle.spec.types import ParameterType, TextFormat
from treadle.spec.values import Value
from treadle_gui.panels.fields.field import Field
from treadle_gui.style.icons import themed_icon
from treadle_gui.style.tokens import Theme

__all__ = ["MomentField", "PathField", "beside"]


def beside(path: Path, root: Path | None) -> str:
    """`path` as the pipeline file should name it: relative to the project where it lies in it."""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.as_posix()


class _LineWithButton(Field):
    """A line of text with a button that fills it in."""

    def __init__(self, type_: ParameterType, icon_name: str, action: str, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._type = type_
        self._icon_name = icon_name
        self.line = QLineEdit()
        if type_.optional:
            self.line.setPlaceholderText("none")
        self.line.textEdited.connect(self._typed)
        self.button = QToolButton()
        self.button.setAccessibleName(action)
        self.button.setToolTip(action)
        self.button.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        self.watch(self.line)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.button.setIcon(themed_icon(self._icon_name, theme))

    def fits(self, value: Value) -> bool:
        return value is None or (isinstance(value, str) and not value.startswith("$"))

    def show_value(self, value: Value) -> None:
        text = "" if value is None else str(value)
        if text != self.line.text():
            self.line.setText(text)

    def _typed(self, text: str) -> None:
        raise NotImplementedError

    def _choose(self) -> None:
        raise NotImplementedError


class PathField(_LineWithButton):
    """A file or folder, relative to `root`, the project's. What is typed is kept as it stands."""

    def __init__(self, type_: ParameterType, theme: Theme, root: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(type_, "folder-open-outline", "Choose a file", theme, parent)
        self._root = root

    def _typed(self, text: str) -> None:
        self.edited.emit(None if self._type.optional and not text else text)

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Choose a file")
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Choose")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._root is not None:
            there = (self._root / self.line.text()).parent
            dialog.setDirectory(str(there if there.is_dir() else self._root))
        dialog.fileSelected.connect(self._chosen)
        dialog.open()

    def _chosen(self, file: str) -> None:
        self.line.setText(beside(Path(file), self._root))
        self._typed(self.line.text())
        self.left.emit()


class MomentField(_LineWithButton):
    """A date, or a date and a time, in ISO 8601."""

    def __init__(self, type_: ParameterType, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(type_, "calendar-outline", "Choose a date", theme, parent)
        self._is_day = type_.format is TextFormat.DATE
        example = "2026-01-31" if self._is_day else "2026-01-31T09:30:00"
        self.line.setPlaceholderText("none" if type_.optional else example)

    def _typed(self, text: str) -> None:
        stripped = text.strip()
        if not stripped:
            self.invalid.emit("" if self._type.optional else "A date is needed")
            if self._type.optional:
                self.edited.emit(None)
            return
        if wrong_value(stripped, self._type) is not None:
            either = "A date as 2026-01-31"
            self.invalid.emit(either if self._is_day else f"{either}, or with a time as 2026-01-31T09:30")
            return
        self.invalid.emit("")
        self.edited.emit(stripped)

    def _choose(self) -> None:
        pop_up = QFrame(self, Qt.WindowType.Popup)
        pop_up.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = QCalendarWidget()
        there = QDate.fromString(self.line.text()[:10], Qt.DateFormat.ISODate)
        if there.isValid():
            calendar.setSelectedDate(there)
        calendar.clicked.connect(self._picked)
        calendar.clicked.connect(pop_up.close)
        column = QVBoxLayout(pop_up)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(calendar)
        if not self._is_day:
            column.addWidget(self._clock())
        pop_up.move(self.mapToGlobal(QPoint(0, self.height())))
        pop_up.show()

    def _clock(self) -> QTimeEdit:
        """The time of the day; the day is today where none was chosen."""
        clock = QTimeEdit()
        clock.setDisplayFormat("HH:mm:ss")
        clock.setAccessibleName("Time")
        there = QTime.fromString(self.line.text()[11:19], Qt.DateFormat.ISODate)
        clock.setTime(there if there.isValid() else QTime(0, 0))
        clock.timeChanged.connect(self._timed)
        return clock

    def _timed(self, time: QTime) -> None:
        day = self.line.text()[:10] or QDate.currentDate().toString(Qt.DateFormat.ISODate)
        self.line.setText(f"{day}T{time.toString('HH:mm:ss')}{self.line.text()[19:]}")
        self._typed(self.line.text())
        self.left.emit()

    def _picked(self, date: QDate) -> None:
        """The day is exchanged; a time that stood there stays."""
        time = self.line.text()[10:]
        self.line.setText(date.toString(Qt.DateFormat.ISODate) + time)
        self._typed(self.line.text())
        self.left.emit()
