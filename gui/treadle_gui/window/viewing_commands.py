"""How things are looked at, and where help is: the View and Help menus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treadle_gui.window.commands import Command
from treadle_gui.window.on_page import on_page

if TYPE_CHECKING:
    from treadle_gui.window.main_window import MainWindow

__all__ = ["help_commands", "view_commands"]

_CLOSER = 1.25


def view_commands(window: MainWindow) -> list[Command]:
    on, has, theming = on_page(window), window.has_page, window.theming
    return [
        Command(
            "view.commands",
            "Command palette…",
            window.showing.show_commands,
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
