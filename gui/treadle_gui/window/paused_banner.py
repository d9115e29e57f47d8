"""PausedBanner: the line above the canvas while its run is paused: where, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from treadle_gui.runs.applying import Changes
from treadle_gui.style.icons import pixmap
from treadle_gui.style.states import state_colour
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import ElidedLabel, PlainLabel, set_role

__all__ = ["PausedBanner"]

_MARK = 18


class PausedBanner(QWidget):
    """`apply_requested` is about the values that were changed since the run began."""

    continue_requested = Signal()
    step_requested = Signal()
    apply_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = PlainLabel("")
        self.words = PlainLabel("")
        self.changes = ElidedLabel("", "muted")
        self.apply = self._button("Apply to this run", self.apply_requested)
        self.apply.setToolTip("This run alone takes up what you changed; the file stays as it is until you save it")
        self.step = self._button("Step", self.step_requested)
        self.go_on = self._button("Continue", self.continue_requested)
        set_role(self.go_on, "primary")
        row = QHBoxLayout(self)
        row.setContentsMargins(METRICS.gap_large, METRICS.gap, METRICS.gap_large, METRICS.gap)
        row.addWidget(self._mark)
        row.addWidget(self.words)
        row.addWidget(self.changes, 1)
        for button in (self.apply, self.step, self.go_on):
            row.addWidget(button)
        self.set_theme(theme)
        self.hide()

    def _button(self, words: str, wanted: SignalInstance) -> QPushButton:
        button = QPushButton(words)
        button.clicked.connect(wanted)
        return button

    def tell(self, where: str, changes: Changes) -> None:
        """`where` as `paused before fit`."""
        self.words.setText(where[:1].upper() + where[1:])
        names = [f"{node}.{name}" for node, values in changes.items() for name in values]
        self.changes.set_whole_text(f"Changed since, and not in this run yet: {', '.join(names)}" if names else "")
        self.apply.setVisible(bool(names))
        self.show()

    def set_theme(self, theme: Theme) -> None:
        self._mark.setPixmap(pixmap("pause-circle", state_colour(theme, "paused"), _MARK, self.devicePixelRatioF()))
