"""Work that a crash left behind, offered at the next start. Nothing is thrown away without being asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QWidget

from treadle_gui.dialogs.form_dialog import FormDialog
from treadle_gui.document.recovery import Recovered

__all__ = ["RecoveryDialog", "age"]


class RecoveryDialog(FormDialog):
    """`chosen` are the notes to open; the others are thrown away only where `discards`. Closing keeps all of them."""

    def __init__(self, notes: Sequence[Recovered], parent: QWidget | None = None) -> None:
        words = (
            "Treadle ended before these changes were saved. Recovered work opens as unsaved: nothing on disk changes."
        )
        super().__init__("Recover unsaved work", words, "Recover", parent)
        self._notes = tuple(notes)
        self._boxes: list[QCheckBox] = []
        for note in notes:
            box = QCheckBox(f"{note.title}  —  {age(note.at)}".replace("&", "&&"))
            box.setChecked(True)
            box.setToolTip((note.path or "never saved").replace("<", "\u200b<"))
            self._boxes.append(box)
            self.body.addWidget(box)
        self.discard_others = QCheckBox("Throw the others away")
        self.body.addStretch()
        self.body.addWidget(self.discard_others)
        self.body.setAlignment(Qt.AlignmentFlag.AlignTop)

    @property
    def chosen(self) -> tuple[Recovered, ...]:
        return tuple(note for note, box in zip(self._notes, self._boxes, strict=True) if box.isChecked())

    @property
    def discards(self) -> bool:
        return self.discard_others.isChecked()


def age(at: float) -> str:
    """`at` (epoch seconds) as a person says it: `today 14:05`."""
    then = datetime.fromtimestamp(at).astimezone()
    today = datetime.fromtimestamp(time.time()).astimezone().date()
    day = "today" if then.date() == today else then.strftime("%d %b %Y")
    return f"{day} {then:%H:%M}"
