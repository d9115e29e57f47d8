"""Preferences: how the app looks and behaves. Everything takes effect at once and is remembered."""

from __future__ import annotations

from typing import Final, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from treadle_gui.panels.inspector.quantity import labelled
from treadle_gui.settings import Settings, ThemeChoice
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel, SectionHeader

__all__ = ["Preferences"]

_THEMES: Final = {"system": "As the system", "dark": "Dark", "light": "Light"}


class Preferences(QDialog):
    """Each choice is told as it is made."""

    theme_chosen = Signal(str)
    motion_chosen = Signal(bool)
    autosave_chosen = Signal(bool)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle("Preferences")
        self.theme = QComboBox()
        self.theme.addItems(list(_THEMES.values()))
        self.theme.setCurrentIndex(list(_THEMES).index(settings.theme))
        self.theme.activated.connect(self._choose_theme)
        self.motion = QCheckBox("Move things smoothly")
        self.motion.setChecked(settings.motion)
        self.motion.toggled.connect(self._choose_motion)
        self.autosave = QCheckBox("Keep unsaved work for after a crash")
        self.autosave.setChecked(settings.autosave)
        self.autosave.toggled.connect(self._choose_autosave)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(METRICS.gap)
        column.addWidget(PlainLabel("Preferences", "heading"))
        column.addWidget(SectionHeader("Look"))
        column.addLayout(labelled("Theme", self.theme))
        column.addWidget(self.motion)
        column.addWidget(SectionHeader("Work"))
        column.addWidget(self.autosave)
        column.addStretch()
        column.addWidget(close)
        self.resize(420, 300)

    def _choose_theme(self, place: int) -> None:
        choice = cast("ThemeChoice", list(_THEMES)[place])
        self._settings.theme = choice
        self.theme_chosen.emit(choice)

    def _choose_motion(self, on: bool) -> None:
        self._settings.motion = on
        self.motion_chosen.emit(on)

    def _choose_autosave(self, on: bool) -> None:
        self._settings.autosave = on
        self.autosave_chosen.emit(on)
