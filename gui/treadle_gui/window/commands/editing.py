"""What can be done with the pipeline itself: the Edit menu, but for its Group part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadle.spec.edits import copy_nodes
from treadle_gui.window.clipboard import copy_selection, fragment_on_clipboard, paste_at
from treadle_gui.window.commands.command import Command
from treadle_gui.window.commands.in_front import InFront, is_chosen, one_is_chosen
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["edit_commands"]


def edit_commands(window: MainWindow) -> list[Command]:
    return [*_history(window), *_copying(window), *_of_nodes(window), *_settings(window)]


def _history(window: MainWindow) -> list[Command]:
    front = InFront(window)

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
            front.do(lambda page: page.document.undo()),
            ("Ctrl+Z",),
            "undo",
            enabled=front.ask(lambda page: page.document.can_undo),
            title_now=undo_title,
        ),
        Command(
            "edit.redo",
            "Redo",
            front.do(lambda page: page.document.redo()),
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            "redo",
            enabled=front.ask(lambda page: page.document.can_redo),
            title_now=redo_title,
        ),
    ]


def _copying(window: MainWindow) -> list[Command]:
    front = InFront(window)
    chosen, has = front.ask(is_chosen), window.has_page
    return [
        Command("edit.cut", "Cut", front.do(_cut), ("Ctrl+X",), "content-cut", enabled=chosen),
        Command("edit.copy", "Copy", front.do(_copy), ("Ctrl+C",), "content-copy", enabled=chosen),
        Command("edit.paste", "Paste", front.do(_paste), ("Ctrl+V",), "content-paste", enabled=has),
        Command("edit.duplicate", "Duplicate", front.do(_duplicate), ("Ctrl+D",), "content-duplicate", enabled=chosen),
    ]


def _of_nodes(window: MainWindow) -> list[Command]:
    front, has = InFront(window), window.has_page
    return [
        Command(
            "edit.delete",
            "Delete",
            front.do(lambda page: page.canvas.delete_selection()),
            (),
            "delete-outline",
            enabled=front.ask(lambda page: page.canvas.has_chosen),
            canvas_key="Del",
        ),
        Command(
            "edit.select_all",
            "Select all",
            front.do(lambda page: page.canvas.select_all()),
            ("Ctrl+A",),
            "select-all",
            enabled=has,
        ),
        Command(
            "edit.add",
            "Add a component…",
            front.do(lambda page: page.canvas.add_component_here()),
            ("Ctrl+Space",),
            "plus-box-outline",
            enabled=has,
        ),
        Command(
            "edit.connect",
            "Connect",
            front.do(lambda page: page.connect_chosen()),
            ("Ctrl+L",),
            "vector-line",
            "Let the left one of two selected nodes feed the right one",
            enabled=front.ask(lambda page: len(page.shown.selection) == 2),
        ),
    ]


def _settings(window: MainWindow) -> list[Command]:
    front, showing = InFront(window), window.showing
    return [
        Command(
            "edit.disconnect",
            "Disconnect",
            front.do(lambda page: page.disconnect_chosen()),
            ("Ctrl+Shift+D",),
            "scissors-cutting",
            "Take away the edges between the selected nodes",
            enabled=front.ask(lambda page: len(page.shown.selection) > 1 and bool(page.edges_between_chosen)),
        ),
        Command(
            "edit.rename",
            "Edit settings",
            window.panes.focus_inspector,
            ("F2",),
            "form-textbox",
            "Go to the selected node's settings",
            enabled=front.ask(one_is_chosen),
        ),
        Command(
            "edit.project",
            "Project settings…",
            front.do(window.project_settings.open),
            (),
            "folder-cog-outline",
            "Trust, pools, how much runs at once, and the environment of every node",
            enabled=window.has_page,
        ),
        Command("edit.secrets", "Secrets…", showing.show_secrets, (), "key-outline", "Secrets in the keyring"),
        Command("edit.preferences", "Preferences…", showing.show_preferences, ("Ctrl+,",), "cog-outline"),
    ]


def _copy(page: Page) -> None:
    copy_selection(page.shown)


def _cut(page: Page) -> None:
    _copy(page)
    page.canvas.delete_selection()


def _paste(page: Page) -> None:
    fragment = fragment_on_clipboard()
    if fragment is not None:
        place = page.canvas.scene_position()
        paste_at(page.shown, fragment, (place.x(), place.y()))


def _duplicate(page: Page) -> None:
    paste_at(page.shown, copy_nodes(page.shown.pipeline, page.shown.selection), None)
