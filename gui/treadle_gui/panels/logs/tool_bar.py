"""LogToolBar: which log is shown, which levels of it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from treadle_gui.panels.logs.find_bar import FindBar
from treadle_gui.panels.logs.levels import Level
from treadle_gui.panels.logs.sources import LogChoice
from treadle_gui.panels.tool_button import tool_button
from treadle_gui.style.icons import icon, themed_icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import Separator

__all__ = ["LogToolBar"]

_LEVELS: Final = (
    (Level.ERROR, "Errors", "close-circle-outline", "failed"),
    (Level.WARNING, "Warnings", "alert-outline", "warning"),
    (Level.INFO, "Information", "information-outline", "text"),
    (Level.DEBUG, "Debug", "bug-outline", "muted"),
)
_ALL: Final = "All nodes"
_NEWEST: Final = "Last attempt"
_NARROWEST_NODE: Final = 120


class LogToolBar(QWidget):
    """`choice_changed(LogChoice)`, `levels_changed(frozenset[Level])`: a person chose. The rest are asked for."""

    choice_changed = Signal(object)
    levels_changed = Signal(object)
    follow_asked = Signal(bool)
    save_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._node = self._combo("Node")
        self._node.setMinimumContentsLength(12)
        self._node.setMinimumWidth(_NARROWEST_NODE)
        self._attempt = self._combo("Attempt")
        self._attempt.setMinimumContentsLength(10)
        self._attempt.setVisible(False)
        self._levels = {level: tool_button(name, checkable=True) for level, name, _, _ in _LEVELS}
        self.find_bar = FindBar(theme)
        self._follow = tool_button("Follow the end (End)", checkable=True)
        self._follow.setChecked(True)
        self._save = tool_button("Save as…")
        row = QHBoxLayout(self)
        row.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, METRICS.gap_small)
        row.setSpacing(METRICS.gap_small)
        row.addWidget(self._node)
        row.addWidget(self._attempt)
        row.addWidget(Separator(vertical=True))
        for button in self._levels.values():
            button.setChecked(True)
            button.toggled.connect(self._tell_levels)
            row.addWidget(button)
        row.addWidget(Separator(vertical=True))
        row.addWidget(self.find_bar, 1)
        row.addStretch()
        row.addWidget(self._follow)
        row.addWidget(self._save)
        self._node.activated.connect(self._tell_node)
        self._attempt.activated.connect(self._tell_choice)
        self._follow.clicked.connect(self.follow_asked)
        self._save.clicked.connect(self.save_asked)
        self.set_theme(theme)

    def _combo(self, name: str) -> QComboBox:
        combo = QComboBox()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setAccessibleName(name)
        return combo

    def set_theme(self, theme: Theme) -> None:
        for level, _, name, colour in _LEVELS:
            self._levels[level].setIcon(icon(name, getattr(theme, colour)))
        self._follow.setIcon(themed_icon("arrow-collapse-down", theme))
        self._save.setIcon(themed_icon("content-save-outline", theme))
        self.find_bar.set_theme(theme)

    @property
    def choice(self) -> LogChoice:
        """What is chosen now."""
        return LogChoice(self._node.currentData(), self._attempt.currentData())

    def set_nodes(self, tasks: Sequence[str]) -> None:
        """The tasks that have a log; the choice stays where it can."""
        wanted: Sequence[str | None] = (None, *tasks)
        if [self._node.itemData(index) for index in range(self._node.count())] == list(wanted):
            return
        chosen = self._node.currentData()
        self._node.clear()
        for task in wanted:
            self._node.addItem(task or _ALL, task)
        self._node.setCurrentIndex(max(0, self._node.findData(chosen)))

    def choose(self, task: str | None) -> None:
        """Shows another choice without telling of it; a task without a log yet is added."""
        if self._node.findData(task) < 0 and task is not None:
            self._node.addItem(task, task)
        self._node.setCurrentIndex(max(0, self._node.findData(task)))
        self._attempt.setCurrentIndex(0)

    def set_attempts(self, count: int) -> None:
        """How many attempts the chosen node has had; nothing to choose where it is one."""
        self._attempt.setVisible(count > 1)
        if self._attempt.count() == count + 1:
            return
        chosen = self._attempt.currentData()
        self._attempt.clear()
        self._attempt.addItem(_NEWEST, None)
        for number in range(1, count + 1):
            self._attempt.addItem(f"Attempt {number}", number)
        self._attempt.setCurrentIndex(max(0, self._attempt.findData(chosen)))

    def set_following(self, following: bool) -> None:
        self._follow.setChecked(following)

    def set_counts(self, counts: Sequence[int]) -> None:
        """Lines by level, for the tooltips."""
        for level, name, _, _ in _LEVELS:
            self._levels[level].setToolTip(f"{name}: {counts[level]:,}")

    def _tell_node(self) -> None:
        self._attempt.setCurrentIndex(0)
        self._tell_choice()

    def _tell_choice(self) -> None:
        self.choice_changed.emit(self.choice)

    def _tell_levels(self) -> None:
        self.levels_changed.emit(frozenset(level for level, button in self._levels.items() if button.isChecked()))
