"""CollectDialog: what of a project's old runs and results is to go. What would go is shown before anything does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from treadle.host.api import Collected, Rules
from treadle_gui.dialogs.form_dialog import FormDialog
from treadle_gui.panels.charts.units import bytes_text
from treadle_gui.panels.inspector.quantity import count, duration, labelled, size
from treadle_gui.style.widgets import PlainLabel

__all__ = ["CollectDialog", "counted"]

_TYPING_MS: Final = 300
_LIST_HEIGHT: Final = 96
_WORDS: Final = "What a run that stays refers to stays too. Nothing is collected while a run goes on."


def counted(collected: Collected) -> str:
    """`12.0 MiB: 2 runs, 3 cached results, 4 artifacts`."""
    counts = ((len(collected.runs), "run"), (collected.entries, "cached result"), (collected.artifacts, "artifact"))
    parts = ", ".join(f"{number:,} {what}{'s' * (number != 1)}" for number, what in counts)
    return f"{bytes_text(collected.freed)}: {parts}"


class CollectDialog(FormDialog):
    """`looked(rules)`: what would go by these is to be found out; tell it to `show_collected` or `show_trouble`."""

    looked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Free disk space", _WORDS, "Remove", parent)
        self.rules = Rules()
        self.older_than = duration("any age")
        self.keep_runs = count("all")
        self.max_size = size("no limit")
        self.told = PlainLabel("")
        self.told.setWordWrap(True)
        self.runs = QPlainTextEdit()
        self.runs.setReadOnly(True)
        self.runs.setAccessibleName("Runs that would go")
        self.runs.setMaximumHeight(_LIST_HEIGHT)
        self.runs.setVisible(False)
        self.body.addLayout(labelled("Runs older than", self.older_than, "As 30d or 12h"))
        self.body.addLayout(labelled("Keep the newest runs", self.keep_runs, "All but so many may go"))
        self.body.addLayout(labelled("Artifacts at most", self.max_size, "The oldest go until so much is left: 10GiB"))
        self.body.addWidget(self.told)
        self.body.addWidget(self.runs)
        self.body.addStretch()
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.look)
        self.older_than.changed.connect(self._setter("older_than"))
        self.keep_runs.changed.connect(self._setter("keep_runs"))
        self.max_size.changed.connect(self._setter("max_size"))
        self.ok.setEnabled(False)

    def look(self) -> None:
        """Has it found out what would go by what stands in the fields."""
        self.ok.setEnabled(False)
        self.told.setText("Looking…")
        self.looked.emit(self.rules)

    def show_collected(self, rules: Rules, collected: Collected) -> None:
        """What would go by `rules`; an answer to an earlier question is passed over."""
        if rules != self.rules:
            return
        goes = bool(collected.runs or collected.entries or collected.artifacts)
        words = f"Would free {counted(collected)}" if goes else "Nothing would go"
        self.told.setText(f"{words}. {bytes_text(collected.left)} stay.")
        self.runs.setPlainText("\n".join(collected.runs))
        self.runs.setVisible(bool(collected.runs))
        self.ok.setEnabled(goes)

    def show_trouble(self, words: str) -> None:
        """Why nothing can go."""
        self.told.setText(words)
        self.runs.setVisible(False)

    def _setter(self, name: str) -> Callable[[object], None]:
        def set_field(value: object) -> None:
            given = {"older_than": self.rules.older_than, "keep_runs": self.rules.keep_runs}
            given |= {"max_size": self.rules.max_size, name: value}
            self.rules = Rules(**given)  # pyright: ignore[reportArgumentType]  # each line gives its own kind of number
            self.ok.setEnabled(False)
            self._typing.start()

        return set_field
