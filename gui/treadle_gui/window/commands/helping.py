"""Where help is: the Help menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadle_gui.window.commands.command import Command

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["help_commands"]


def help_commands(window: MainWindow) -> list[Command]:
    return [
        Command("help.shortcuts", "Keyboard shortcuts", window.showing.show_shortcuts, ("F1",), "keyboard-outline"),
        Command(
            "help.examples",
            "Open an example",
            window.open_first_example,
            (),
            "flask-outline",
            enabled=window.has_examples,
        ),
        Command("help.about", "About Treadle", window.showing.show_about, (), "information-outline"),
    ]
