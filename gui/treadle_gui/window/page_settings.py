"""PageSettings: what a person set once for every open pipeline: the map, motion, autosave."""

from __future__ import annotations

from treadle_gui.settings import Settings
from treadle_gui.window.page import Page
from treadle_gui.window.tabs import Tabs

__all__ = ["PageSettings"]


class PageSettings:
    def __init__(self, settings: Settings, tabs: Tabs) -> None:
        self._settings = settings
        self._tabs = tabs

    def apply(self, page: Page) -> None:
        """To a page that has just opened."""
        page.canvas.set_motion(self._settings.motion)
        page.canvas.overlays.want_minimap(self._settings.minimap)
        page.autosave.set_enabled(self._settings.autosave)

    def toggle_minimap(self) -> None:
        self._settings.minimap = not self._settings.minimap
        for page in self._tabs.pages():
            page.canvas.overlays.want_minimap(self._settings.minimap)

    def set_motion(self, moves: bool) -> None:
        for page in self._tabs.pages():
            page.canvas.set_motion(moves)

    def set_autosave(self, on: bool) -> None:
        for page in self._tabs.pages():
            page.autosave.set_enabled(on)
