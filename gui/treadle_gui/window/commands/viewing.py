"""How things are looked at: the View menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from treadle_gui.window.commands.command import Command
from treadle_gui.window.commands.going import go_commands
from treadle_gui.window.commands.in_front import InFront

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["view_commands"]

_CLOSER: Final = 1.25


def view_commands(window: MainWindow) -> list[Command]:
    return [
        *_finding(window),
        *_zoom(window),
        *_canvas(window),
        *_tabs(window),
        *go_commands(window),
        *_theme(window),
        *_window(window),
    ]


def _finding(window: MainWindow) -> list[Command]:
    return [
        Command(
            "view.commands",
            "Command palette…",
            window.showing.show_commands,
            ("Ctrl+Shift+P",),
            "text-search",
            "Find a command by name",
            in_palette=False,
        ),
        Command("view.search", "Search components", window.panes.focus_palette, ("Ctrl+K",), "magnify"),
    ]


def _zoom(window: MainWindow) -> list[Command]:
    front, has = InFront(window), window.has_page
    return [
        Command(
            "view.zoom_in",
            "Zoom in",
            front.do(lambda page: page.canvas.zoom_by(_CLOSER)),
            ("Ctrl++", "Ctrl+="),
            "magnify-plus-outline",
            enabled=has,
        ),
        Command(
            "view.zoom_out",
            "Zoom out",
            front.do(lambda page: page.canvas.zoom_by(1 / _CLOSER)),
            ("Ctrl+-",),
            "magnify-minus-outline",
            enabled=has,
        ),
        Command(
            "view.zoom_reset",
            "Show at 100 %",
            front.do(lambda page: page.canvas.zoom_to(1.0)),
            ("Ctrl+1",),
            "numeric-1-box-outline",
            enabled=has,
        ),
    ]


def _canvas(window: MainWindow) -> list[Command]:
    front, has = InFront(window), window.has_page
    return [
        Command(
            "view.fit",
            "Fit to window",
            front.do(lambda page: page.canvas.fit()),
            ("Ctrl+0",),
            "fit-to-screen-outline",
            "Show the whole pipeline",
            enabled=has,
        ),
        Command(
            "view.fit_selection",
            "Fit selection",
            front.do(lambda page: page.canvas.fit_selection()),
            (),
            "image-filter-center-focus",
            enabled=has,
            canvas_key="Shift+F",
        ),
        Command(
            "view.arrange",
            "Arrange",
            front.do(lambda page: page.canvas.arrange()),
            ("Ctrl+Shift+L",),
            "sitemap-outline",
            "Arrange nodes from left to right",
            enabled=has,
        ),
        Command(
            "view.minimap",
            "Map",
            window.page_settings.toggle_minimap,
            ("Ctrl+M",),
            hint="Show a map where not all of the pipeline is seen",
            checked=lambda: window.services.settings.minimap,
        ),
    ]


def _tabs(window: MainWindow) -> list[Command]:
    return [
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
    ]


def _theme(window: MainWindow) -> list[Command]:
    theming = window.theming
    return [
        Command("view.toggle_theme", "Switch between dark and light", theming.toggle, (), "circle-half-full"),
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
    ]


def _window(window: MainWindow) -> list[Command]:
    return [
        Command(
            "view.full_screen",
            "Full screen",
            window.toggle_full_screen,
            ("F11",),
            "fullscreen",
            checked=window.isFullScreen,
        ),
        Command(
            "view.tall_panes",
            "Tall panes",
            window.panes.toggle_tall,
            ("Ctrl+J",),
            "arrow-expand-vertical",
            "Give the panes at the bottom most of the window, or their part again (or double click a tab)",
            checked=lambda: window.panes.is_tall,
        ),
        Command(
            "view.reset_layout",
            "Reset layout",
            lambda: window.placing.reset(),  # noqa: PLW0108 - it is made after the commands are
            (),
            "view-dashboard-outline",
            "Put every pane back in its place",
        ),
    ]
