"""Command: one thing the app can do, told once.

    Command ──► menu entry, tool bar button, line of the command palette, shortcut, tooltip

A command's enabledness and check mark are asked for (`enabled()`, `checked()`) when the window says that something
changed, so no widget keeps a copy that can go stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from treadle_gui.style.icons import themed_icon
from treadle_gui.style.tokens import Theme

__all__ = ["Command", "Commands"]


_NATIVE: Final = QKeySequence.SequenceFormat.NativeText


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Command:
    """`id` is stable (`"edit.undo"`); `title` is what every place shows; `keys` the shortcuts, the first one shown.

    `title_now` gives a title that depends on what is there ("Undo Move 3 nodes"). `checked` makes it a switch.
    """

    id: str
    title: str
    run: Callable[[], object]
    keys: tuple[str, ...] = ()
    icon: str = ""
    hint: str = ""
    enabled: Callable[[], bool] = _always
    checked: Callable[[], bool] | None = None
    title_now: Callable[[], str] | None = None
    in_palette: bool = True
    canvas_key: str = ""
    """A key that does it while the canvas has the focus: shown beside it, and nowhere else taken."""

    @property
    def category(self) -> str:
        """The first part of the id as a word: where the command palette says it belongs."""
        return self.id.partition(".")[0].capitalize()


class Commands(QObject):
    """Every command of a window with its QAction. The actions belong to `window`, so shortcuts work in all of it."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def __getitem__(self, command_id: str) -> Command:
        return self._commands[command_id]

    def add(self, commands: Iterable[Command]) -> None:
        """Raises ValueError where an id or a shortcut is taken: two commands on one key are a mistake of ours."""
        for command in commands:
            if command.id in self._commands:
                raise ValueError(f"the command {command.id} exists already")
            taken = {key: other.id for other in self for key in other.keys}
            for key in command.keys:
                if key in taken:
                    raise ValueError(f"{key} is {taken[key]} already, so not {command.id}")
            self._commands[command.id] = command
            self._actions[command.id] = self._make_action(command)

    def action(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def refresh(self) -> None:
        """Asks every command whether it can run now."""
        for command_id, command in self._commands.items():
            action = self._actions[command_id]
            action.setEnabled(command.enabled())
            if command.checked is not None:
                action.setChecked(command.checked())
            if command.title_now is not None:
                action.setText(_escaped(command.title_now()))

    def run(self, command_id: str) -> None:
        """Does it, if it can be done now; what it switched is shown at once."""
        command = self._commands[command_id]
        if command.enabled():
            command.run()
            if command.checked is not None:
                self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for command_id, command in self._commands.items():
            if command.icon:
                self._actions[command_id].setIcon(themed_icon(command.icon, theme))

    def _make_action(self, command: Command) -> QAction:
        action = QAction(_escaped(command.title), self._window)
        if command.canvas_key:
            action.setText(f"{action.text()}\t{QKeySequence(command.canvas_key).toString(_NATIVE)}")
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(command.checked is not None)
        if command.icon:
            action.setIcon(themed_icon(command.icon, self._theme))
        action.setToolTip(tooltip(command))
        action.setStatusTip(command.hint or command.title)
        action.triggered.connect(lambda _checked=False, name=command.id: self.run(name))
        self._window.addAction(action)
        return action


def _escaped(title: str) -> str:
    """`&` in a title is a letter, not a mnemonic: titles may hold names that a person chose."""
    return title.replace("&", "&&")


def tooltip(command: Command) -> str:
    """What it does and its key, as plain text."""
    words = command.hint or command.title.removesuffix("…")
    key = next(iter(command.keys), command.canvas_key)
    keys = QKeySequence(key).toString(_NATIVE)
    return f"{words} ({keys})" if keys else words
