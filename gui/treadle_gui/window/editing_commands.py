"""What can be done with files and with the pipeline itself: the File and Edit menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadle.spec.edits import copy_nodes
from treadle_gui.window.clipboard import copy_selection, fragment_on_clipboard, paste_at
from treadle_gui.window.commands import Command
from treadle_gui.window.on_page import on_page, true_of_page
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["edit_commands", "file_commands"]


def file_commands(window: MainWindow) -> list[Command]:
    filing, start = window.filing, window.start
    on, has = on_page(window), window.has_page
    saved = lambda: true_of_page(window, lambda page: page.document.path is not None)  # noqa: E731
    return [
        Command("file.new", "New", filing.new, ("Ctrl+N",), "file-plus-outline", "New pipeline"),
        Command(
            "file.open", "Open…", lambda: start("opening", filing.ask_and_open()), ("Ctrl+O",), "folder-open-outline"
        ),
        Command(
            "file.save",
            "Save",
            on(lambda page: start("saving", filing.save(page))),
            ("Ctrl+S",),
            "content-save-outline",
            enabled=has,
        ),
        Command(
            "file.save_as",
            "Save as…",
            on(lambda page: start("saving", filing.save_as(page))),
            ("Ctrl+Shift+S",),
            "content-save-edit-outline",
            enabled=has,
        ),
        Command(
            "file.save_all",
            "Save all",
            lambda: start("saving", filing.save_all()),
            ("Ctrl+Alt+S",),
            "content-save-all-outline",
            enabled=window.any_dirty,
        ),
        Command(
            "file.reload",
            "Reload from disk",
            on(lambda page: start("reloading", filing.reload(page))),
            (),
            "reload",
            enabled=saved,
        ),
        Command(
            "file.export",
            "Export…",
            on(window.showing.show_export),
            ("Ctrl+E",),
            "export-variant",
            "Export to Python, Airflow or a picture",
            enabled=has,
        ),
        Command(
            "file.close", "Close", window.close_current, ("Ctrl+W",), "close", "Close this tab", enabled=window.has_tab
        ),
        Command("file.quit", "Quit", window.close, ("Ctrl+Q",), "exit-to-app"),
    ]


def edit_commands(window: MainWindow) -> list[Command]:
    on, has = on_page(window), window.has_page
    chosen = lambda: true_of_page(window, lambda page: bool(page.shown.selection))  # noqa: E731
    one = lambda: true_of_page(window, lambda page: len(page.shown.selection) == 1)  # noqa: E731
    undo = lambda: true_of_page(window, lambda page: page.document.can_undo)  # noqa: E731
    redo = lambda: true_of_page(window, lambda page: page.document.can_redo)  # noqa: E731

    def undo_title() -> str:
        page = window.page
        return f"Undo {page.document.undo_label}" if page is not None and page.document.can_undo else "Undo"

    def redo_title() -> str:
        page = window.page
        return f"Redo {page.document.redo_label}" if page is not None and page.document.can_redo else "Redo"

    return [
        Command(
            "edit.undo",
            "Undo",
            on(lambda page: page.document.undo()),
            ("Ctrl+Z",),
            "undo",
            enabled=undo,
            title_now=undo_title,
        ),
        Command(
            "edit.redo",
            "Redo",
            on(lambda page: page.document.redo()),
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            "redo",
            enabled=redo,
            title_now=redo_title,
        ),
        Command("edit.cut", "Cut", on(_cut), ("Ctrl+X",), "content-cut", enabled=chosen),
        Command(
            "edit.copy",
            "Copy",
            on(lambda page: copy_selection(page.shown)),
            ("Ctrl+C",),
            "content-copy",
            enabled=chosen,
        ),
        Command("edit.paste", "Paste", on(_paste), ("Ctrl+V",), "content-paste", enabled=has),
        Command("edit.duplicate", "Duplicate", on(_duplicate), ("Ctrl+D",), "content-duplicate", enabled=chosen),
        Command(
            "edit.delete", "Delete", on(lambda page: page.canvas.delete_selection()), (), "delete-outline", enabled=has
        ),
        Command(
            "edit.select_all",
            "Select all",
            on(lambda page: page.canvas.select_all()),
            ("Ctrl+A",),
            "select-all",
            enabled=has,
        ),
        Command(
            "edit.add",
            "Add a component…",
            on(lambda page: page.canvas.add_component_here()),
            ("Ctrl+Space",),
            "plus-box-outline",
            enabled=has,
        ),
        Command(
            "edit.rename",
            "Edit settings",
            window.focus_inspector,
            ("F2",),
            "form-textbox",
            "Go to the selected node's settings",
            enabled=one,
        ),
        Command("edit.secrets", "Secrets…", window.showing.show_secrets, (), "key-outline", "Secrets in the keyring"),
        Command("edit.preferences", "Preferences…", window.showing.show_preferences, ("Ctrl+,",), "cog-outline"),
    ]


def _cut(page: Page) -> None:
    copy_selection(page.shown)
    page.canvas.delete_selection()


def _paste(page: Page) -> None:
    fragment = fragment_on_clipboard()
    if fragment is not None:
        place = page.canvas.scene_position()
        paste_at(page.shown, fragment, (place.x(), place.y()))


def _duplicate(page: Page) -> None:
    paste_at(page.shown, copy_nodes(page.shown.pipeline, page.shown.selection), None)
