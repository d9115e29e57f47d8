"""The command palette: every command by its name, ranked while typing, run with Enter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from treadle_gui.panels.palette_ranking import ranked
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel
from treadle_gui.window.commands.command import Command, Commands
from treadle_gui.window.shortcut_delegate import KEYS, ShortcutDelegate

__all__ = ["Chooser", "CommandPalette", "found_commands"]


def found_commands(query: str, commands: Sequence[Command]) -> list[Command]:
    """Those that can run now and fit, best first; all of them by name for an empty query."""
    able = [command for command in commands if command.in_palette and command.enabled()]
    by_name = sorted(able, key=lambda command: (command.category, command.title))
    return ranked(
        query,
        by_name,
        lambda command: [(command.title, 1.0), (f"{command.category} {command.title}", 0.9), (command.hint, 0.4)],
    )


_MOST: Final = 12
"""Rows that are seen at once."""


class Chooser(QFrame):
    """A line to type into over a list to choose from, as a pop-up. `chosen(key)`; Esc closes it."""

    chosen = Signal(str)
    typed = Signal(str)

    def __init__(self, placeholder: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(placeholder)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self.typed)
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(self._choose)
        self.nothing = PlainLabel("Nothing fits.", "muted")
        self.nothing.setContentsMargins(8, 4, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(METRICS.gap_small)
        column.addWidget(self.line)
        column.addWidget(self.nothing)
        column.addWidget(self.list)

    def fill(self, items: Sequence[QListWidgetItem]) -> None:
        self.list.clear()
        for item in items:
            item.setSizeHint(QSize(0, 30))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.nothing.setVisible(not items)
        self.list.setFixedHeight(30 * min(len(items), _MOST) + 4)
        self.adjustSize()

    def show_at(self, place: QPoint, width: int) -> None:
        """Opens with its top left corner there (global), kept on the screen."""
        self.setFixedWidth(width)
        self.adjustSize()
        screen = self.screen().availableGeometry()
        x = max(screen.left(), min(place.x(), screen.right() - width))
        y = max(screen.top(), min(place.y(), screen.bottom() - self.height()))
        self.move(x, y)
        self.show()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
            if key in steps and self.list.count():
                row = self.list.currentRow() + steps[key]
                at_end = not 0 <= row < self.list.count()
                self.list.setCurrentRow(
                    row % self.list.count()
                    if at_end and abs(steps[key]) == 1
                    else max(0, min(row, self.list.count() - 1))
                )
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.list.currentItem() is not None:
                    self._choose(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _choose(self, item: QListWidgetItem) -> None:
        key = str(item.data(Qt.ItemDataRole.UserRole))
        self.close()
        self.chosen.emit(key)


class CommandPalette(Chooser):
    """Over the commands of a window."""

    def __init__(self, commands: Commands, theme: Theme, parent: QWidget) -> None:
        super().__init__("Type the name of a command", parent)
        self._commands = commands
        self._theme = theme
        self.list.setItemDelegate(ShortcutDelegate(theme, self.list))
        self.typed.connect(self._refill)
        self.chosen.connect(commands.run)
        self._refill("")

    def open_over(self, window: QWidget) -> None:
        width = min(620, window.width() - 80)
        top = window.mapToGlobal(QPoint((window.width() - width) // 2, 64))
        self.show_at(top, width)

    def _refill(self, query: str) -> None:
        self.fill([self._item(command) for command in found_commands(query, list(self._commands))])

    def _item(self, command: Command) -> QListWidgetItem:
        title = command.title_now() if command.title_now is not None else command.title
        key = next(iter(command.keys), command.canvas_key)
        item = QListWidgetItem(icon(command.icon or "chevron-right", self._theme.muted), f"{command.category}: {title}")
        item.setData(KEYS, QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText))
        item.setData(Qt.ItemDataRole.UserRole, command.id)
        return item
