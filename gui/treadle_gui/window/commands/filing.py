"""What can be done with files: the File menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadle_gui.window.commands.command import Command
from treadle_gui.window.commands.in_front import InFront

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["file_commands"]


def file_commands(window: MainWindow) -> list[Command]:
    return [*_opening(window), *_saving(window), *_leaving(window)]


def _opening(window: MainWindow) -> list[Command]:
    filing, start, front = window.filing, window.start, InFront(window)
    return [
        Command("file.new", "New", filing.new, ("Ctrl+N",), "file-plus-outline", "New pipeline"),
        Command(
            "file.open", "Open…", lambda: start("opening", filing.ask_and_open()), ("Ctrl+O",), "folder-open-outline"
        ),
        Command(
            "file.reload",
            "Reload from disk",
            front.do(lambda page: start("reloading", window.saving.reload(page))),
            (),
            "reload",
            enabled=front.ask(lambda page: page.document.path is not None),
        ),
    ]


def _saving(window: MainWindow) -> list[Command]:
    saving, start, front = window.saving, window.start, InFront(window)
    return [
        Command(
            "file.save",
            "Save",
            front.do(lambda page: start("saving", saving.save(page))),
            ("Ctrl+S",),
            "content-save-outline",
            enabled=window.has_page,
        ),
        Command(
            "file.save_as",
            "Save as…",
            front.do(lambda page: start("saving", saving.save_as(page))),
            ("Ctrl+Shift+S",),
            "content-save-edit-outline",
            enabled=window.has_page,
        ),
        Command(
            "file.save_all",
            "Save all",
            lambda: start("saving", saving.save_all()),
            ("Ctrl+Alt+S",),
            "content-save-all-outline",
            enabled=window.any_dirty,
        ),
        Command(
            "file.export",
            "Export…",
            front.do(window.showing.show_export),
            ("Ctrl+E",),
            "export-variant",
            "Export to Python, Airflow or a picture",
            enabled=window.has_page,
        ),
    ]


def _leaving(window: MainWindow) -> list[Command]:
    return [
        Command(
            "file.close", "Close", window.close_current, ("Ctrl+W",), "close", "Close this tab", enabled=window.has_tab
        ),
        Command("file.quit", "Quit", window.close, ("Ctrl+Q",), "exit-to-app"),
    ]
