"""About Treadle: version, licence, and what it stands on."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

import treadle
from treadle_gui.style.icons import app_icon
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["About"]


class About(QDialog):
    """Its text can be selected, for a report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Treadle")
        mark = QLabel()
        mark.setPixmap(app_icon().pixmap(64, 64))
        versions = (
            f"Version {treadle.__version__}\nPython {platform.python_version()}, PySide {PySide6.__version__}, "
            f"{platform.system()} {platform.machine()}"
        )
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 28, 32, 20)
        column.setSpacing(METRICS.gap)
        column.addWidget(mark, alignment=Qt.AlignmentFlag.AlignHCenter)
        rows = (
            ("Treadle", "heading"),
            ("Draw, run, watch, export machine-learning pipelines.", ""),
            (versions, "muted"),
        )
        for words, role in (*rows, ("Apache License 2.0", "small")):
            label = PlainLabel(words, role)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addSpacing(METRICS.gap_large)
        column.addWidget(close)
