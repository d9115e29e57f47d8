"""Theming: which theme the app has: the one chosen, or the system's, followed live."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from treadle_gui.settings import Settings, ThemeChoice
from treadle_gui.style.apply import apply_theme
from treadle_gui.style.desktop import DesktopScheme
from treadle_gui.style.tokens import DARK, LIGHT, Theme

__all__ = ["HasTheme", "Theming"]


class HasTheme(Protocol):
    """What a dialog is made to look like."""

    @property
    def theme(self) -> Theme: ...


class Theming(QObject):
    """`changed(Theme)` after the application has it."""

    changed = Signal(object)

    def __init__(self, app: QApplication, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._settings = settings
        self._desktop = DesktopScheme(app, self)
        self._theme = self._wanted()
        self._desktop.changed.connect(self._system_changed)
        apply_theme(app, self._theme)

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def choice(self) -> ThemeChoice:
        return self._settings.theme

    def choose(self, choice: ThemeChoice) -> None:
        """Switches now and remembers."""
        self._settings.theme = choice
        self._follow()

    def toggle(self) -> None:
        """The other one of dark and light."""
        self.choose("light" if self._theme.is_dark else "dark")

    def _wanted(self) -> Theme:
        choice = self._settings.theme
        is_dark = self._desktop.is_dark if choice == "system" else choice == "dark"
        return DARK if is_dark else LIGHT

    def _system_changed(self) -> None:
        if self._settings.theme == "system":
            self._follow()

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is not self._theme:
            self._theme = wanted
            apply_theme(self._app, wanted)
            self.changed.emit(wanted)
