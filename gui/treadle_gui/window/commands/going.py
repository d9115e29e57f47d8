"""Going to a part of the window by Alt with its number: the Go to part of the View menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from treadle_gui.window.commands.command import Command
from treadle_gui.window.commands.in_front import InFront

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["GO_TO", "go_commands"]

_PANES: Final = ("palette", "problems", "logs", "resources", "metrics", "data", "history", "details", "inspector")
GO_TO: Final = ("view.go_canvas", *(f"view.go_{pane}" for pane in _PANES))
"""The commands in the order of their menu."""


def go_commands(window: MainWindow) -> list[Command]:
    titles = {pane: window.panes.docks[pane].windowTitle() for pane in _PANES}
    return [
        Command(
            "view.go_canvas",
            "Go to the canvas",
            InFront(window).do(lambda page: page.canvas.setFocus()),
            ("Alt+0",),
            enabled=window.has_page,
        ),
        *(
            Command(f"view.go_{pane}", f"Go to {title}", partial(window.panes.go_to, pane), (f"Alt+{number}",))
            for number, (pane, title) in enumerate(titles.items(), 1)
        ),
    ]
