"""Every command of the main window: what it is called, its keys, and what it does to whom.

A command for a pipeline is enabled only while one is in front.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from treadle.spec.edits import copy_nodes
from treadle_gui.window.clipboard import copy_selection, fragment_on_clipboard, paste_at
from treadle_gui.window.commands import Command
from treadle_gui.window.page import Page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["edit_commands", "file_commands", "help_commands", "run_commands", "view_commands"]

_CLOSER = 1.25


def file_commands(window: MainWindow) -> list[Command]:
    filing, start = window.filing, window.start
    on, has = _on(window), window.has_page
    saved = lambda: _with(window, lambda page: page.document.path is not None)  # noqa: E731
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
            on(window.show_export),
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
    on, has = _on(window), window.has_page
    chosen = lambda: _with(window, lambda page: bool(page.document.selection))  # noqa: E731
    one = lambda: _with(window, lambda page: len(page.document.selection) == 1)  # noqa: E731
    undo = lambda: _with(window, lambda page: page.document.can_undo)  # noqa: E731
    redo = lambda: _with(window, lambda page: page.document.can_redo)  # noqa: E731

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
            on(lambda page: copy_selection(page.document)),
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
        Command("edit.preferences", "Preferences…", window.show_preferences, ("Ctrl+,",), "cog-outline"),
    ]


def view_commands(window: MainWindow) -> list[Command]:
    on, has, theming = _on(window), window.has_page, window.theming
    return [
        Command(
            "view.commands",
            "Command palette…",
            window.show_commands,
            ("Ctrl+Shift+P",),
            "console-line",
            "Find a command by name",
            in_palette=False,
        ),
        Command(
            "view.zoom_in",
            "Zoom in",
            on(lambda page: page.canvas.zoom_by(_CLOSER)),
            ("Ctrl++", "Ctrl+="),
            "magnify-plus-outline",
            enabled=has,
        ),
        Command(
            "view.zoom_out",
            "Zoom out",
            on(lambda page: page.canvas.zoom_by(1 / _CLOSER)),
            ("Ctrl+-",),
            "magnify-minus-outline",
            enabled=has,
        ),
        Command(
            "view.zoom_reset",
            "Show at 100 %",
            on(lambda page: page.canvas.zoom_to(1.0)),
            ("Ctrl+1",),
            "numeric-1-box-outline",
            enabled=has,
        ),
        Command(
            "view.fit",
            "Fit to window",
            on(lambda page: page.canvas.fit()),
            ("Ctrl+0",),
            "fit-to-screen-outline",
            "Show the whole pipeline",
            enabled=has,
        ),
        Command(
            "view.fit_selection",
            "Fit selection",
            on(lambda page: page.canvas.fit_selection()),
            (),
            "image-filter-center-focus",
            enabled=has,
        ),
        Command(
            "view.arrange",
            "Arrange",
            on(lambda page: page.canvas.arrange()),
            ("Ctrl+Shift+L",),
            "sitemap-outline",
            "Arrange nodes from left to right",
            enabled=has,
        ),
        Command(
            "view.minimap",
            "Map",
            window.toggle_minimap,
            ("Ctrl+M",),
            hint="Show a map where not all of the pipeline is seen",
            checked=lambda: window.services.settings.minimap,
        ),
        Command("view.search", "Search components", window.focus_palette, ("Ctrl+K",), "magnify"),
        Command(
            "view.next_tab",
            "Next tab",
            lambda: window.tabs.step(1),
            ("Ctrl+Tab", "Ctrl+PgDown"),
            "tab",
            enabled=window.has_tab,
        ),
        Command(
            "view.previous_tab",
            "Previous tab",
            lambda: window.tabs.step(-1),
            ("Ctrl+Shift+Tab", "Ctrl+PgUp"),
            "tab",
            enabled=window.has_tab,
        ),
        Command("view.toggle_theme", "Switch between dark and light", theming.toggle, (), "theme-light-dark"),
        Command(
            "view.theme_system",
            "As the system",
            lambda: theming.choose("system"),
            checked=lambda: theming.choice == "system",
            hint="Theme as the system",
        ),
        Command(
            "view.theme_dark",
            "Dark",
            lambda: theming.choose("dark"),
            checked=lambda: theming.choice == "dark",
            hint="Dark theme",
        ),
        Command(
            "view.theme_light",
            "Light",
            lambda: theming.choose("light"),
            checked=lambda: theming.choice == "light",
            hint="Light theme",
        ),
        Command(
            "view.full_screen",
            "Full screen",
            window.toggle_full_screen,
            ("F11",),
            "fullscreen",
            checked=window.isFullScreen,
        ),
        Command(
            "view.reset_layout",
            "Reset layout",
            window.reset_layout,
            (),
            "view-dashboard-outline",
            "Put every pane back in its place",
        ),
    ]


def run_commands(window: MainWindow) -> list[Command]:
    on, controls, start = _on(window), window.run_controls, window.start
    can = lambda: controls.can_run(window.page)  # noqa: E731
    running = lambda: controls.is_running(window.page)  # noqa: E731
    one = lambda: can() and _with(window, lambda page: len(page.document.selection) == 1)  # noqa: E731
    has_params = lambda: can() and _with(window, lambda page: bool(page.document.pipeline.params))  # noqa: E731
    restricted = lambda: _with(window, lambda page: not page.bridge.is_trusted)  # noqa: E731

    def run_to(page: Page) -> None:
        start("running", controls.run(page, to=min(page.document.selection)))

    return [
        Command(
            "run.start",
            "Run",
            on(lambda page: start("running", controls.run(page))),
            ("F5", "Ctrl+Return"),
            "play",
            "Run the pipeline",
            enabled=can,
        ),
        Command(
            "run.to_node",
            "Run to selected node",
            on(run_to),
            ("Ctrl+Shift+Return",),
            "play-protected-content",
            "Run this node and all it needs",
            enabled=one,
        ),
        Command(
            "run.fresh",
            "Run without cache",
            on(lambda page: start("running", controls.run(page, use_cache=False))),
            ("Ctrl+F5",),
            "play-box-outline",
            "Run everything again, whatever earlier runs left",
            enabled=can,
        ),
        Command(
            "run.with_parameters",
            "Run with parameters…",
            on(lambda page: start("running", controls.run(page, ask_first=True))),
            (),
            "tune-variant",
            enabled=has_params,
        ),
        Command(
            "run.stop",
            "Stop",
            on(lambda page: start("stopping", controls.stop(page))),
            ("Shift+F5",),
            "stop",
            "Stop the run",
            enabled=running,
        ),
        Command(
            "run.problems",
            "Show problems",
            lambda: window.panes.bring_up("problems"),
            ("Ctrl+Shift+M",),
            "alert-circle-outline",
        ),
        Command("run.logs", "Show logs", lambda: window.panes.bring_up("logs"), ("Ctrl+Shift+U",), "text-long"),
        Command("run.trust", "Trust this project…", window.ask_trust, (), "shield-check-outline", enabled=restricted),
    ]


def help_commands(window: MainWindow) -> list[Command]:
    return [
        Command("help.shortcuts", "Keyboard shortcuts", window.show_shortcuts, ("F1",), "keyboard-outline"),
        Command(
            "help.examples",
            "Open an example",
            window.open_first_example,
            (),
            "flask-outline",
            enabled=window.has_examples,
        ),
        Command("help.about", "About Treadle", window.show_about, (), "information-outline"),
    ]


def _on(window: MainWindow) -> Callable[[Callable[[Page], object]], Callable[[], None]]:
    """Makes a deed for a page one for whatever page is in front."""

    def for_current(work: Callable[[Page], object]) -> Callable[[], None]:
        def run() -> None:
            if window.page is not None:
                work(window.page)

        return run

    return for_current


def _with(window: MainWindow, question: Callable[[Page], bool]) -> bool:
    return window.page is not None and question(window.page)


def _cut(page: Page) -> None:
    copy_selection(page.document)
    page.canvas.delete_selection()


def _paste(page: Page) -> None:
    fragment = fragment_on_clipboard()
    if fragment is not None:
        place = page.canvas.scene_position()
        paste_at(page.document, fragment, (place.x(), place.y()))


def _duplicate(page: Page) -> None:
    paste_at(page.document, copy_nodes(page.document.pipeline, page.document.selection), None)
