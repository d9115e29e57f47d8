"""ProjectSettings: what holds for a project, and for the pipeline in front as a whole. Everything takes effect at once.

What is the pipeline's is an edit of it, which can be undone; the project's pools are written into its `treadle.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from treadle.spec.edits import set_defaults
from treadle.spec.pipeline import Policy
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.environment import EnvironmentForm
from treadle_gui.panels.inspector.resources import pools_field
from treadle_gui.panels.inspector.whole_run import WholeRunForm
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel, SectionHeader, set_role

__all__ = ["ProjectSettingsDialog"]

_POOLS = (
    "How many slots there are of what runs share: connections, licences. One pool a line, as db: 2. They stand in "
    "treadle.toml, hold for every pipeline of the project, and count before what a pipeline says."
)


class ProjectSettingsDialog(QDialog):
    """`pools_changed(dict)` when the field was left with others in it; `trust_changed(bool)` when a person decided."""

    pools_changed = Signal(object)
    trust_changed = Signal(bool)

    def __init__(self, root: Path, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._pools: Mapping[str, int] = {}
        self._typed: Mapping[str, int] | None = None
        self.setWindowTitle("Project settings")
        self.trust = QPushButton()
        self.trust.setAutoDefault(False)  # nobody trusts a folder by pressing Enter
        self.trust.clicked.connect(lambda: self.trust_changed.emit(not self._is_trusted))
        self._is_trusted = False
        self.trusted = PlainLabel("", "muted")
        self.trusted.setWordWrap(True)
        self.pools = pools_field("db: 2")
        self.pools.setAccessibleName("Pools of the project")
        self.pools.changed.connect(self._type_pools)
        self.pools.left.connect(self._leave_pools)
        self.told = PlainLabel("", "muted")
        self.told.setWordWrap(True)
        self.whole_run = WholeRunForm(document)
        self.environment = EnvironmentForm()
        self.environment.edited.connect(self._set_defaults)
        self.environment.left.connect(document.seal)
        document.changed.connect(self.refresh)
        self._lay_out(root)
        self.refresh()

    def _lay_out(self, root: Path) -> None:
        words = PlainLabel(_POOLS, "muted")
        words.setWordWrap(True)
        trust = QHBoxLayout()
        trust.addWidget(self.trusted, 1)
        trust.addWidget(self.trust)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, METRICS.gap, 0)
        column.setSpacing(METRICS.gap)
        column.addWidget(SectionHeader("Trust"))
        column.addLayout(trust)
        column.addWidget(SectionHeader("Pools of the project"))
        for part in (words, self.pools, self.told):
            column.addWidget(part)
        column.addWidget(SectionHeader(f"Runs of {self._document.title}"))
        column.addWidget(self.whole_run)
        column.addWidget(SectionHeader(f"Environment of every node of {self._document.title}"))
        column.addWidget(self.environment)
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        for part in (inside, area.viewport()):
            part.setAutoFillBackground(False)  # the dialog's own ground shows through
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 20)
        outer.setSpacing(METRICS.gap)
        outer.addWidget(PlainLabel("Project settings", "heading"))
        outer.addWidget(PlainLabel(str(root), "muted"))
        outer.addWidget(area, 1)
        outer.addWidget(close)
        self.resize(520, 640)

    def show_trust(self, *, trusted: bool) -> None:
        self._is_trusted = trusted
        self.trust.setText("Restrict" if trusted else "Trust this folder…")
        self.trusted.setText(
            "Trusted: its components run with your rights." if trusted else "Restricted: nothing of it may run."
        )

    def show_pools(self, pools: Mapping[str, int], trouble: str = "") -> None:
        """`trouble` is why they can't be read, or could not be written."""
        self._pools, self._typed = pools, None
        if not trouble:
            self.pools.show_value(dict(pools))
        self.told.setText(trouble)
        self.told.setVisible(bool(trouble))
        set_role(self.told, "error" if trouble else "muted")

    def refresh(self) -> None:
        """What the pipeline says now; an undo meanwhile is seen at once."""
        self.whole_run.refresh()
        self.environment.show_policy(self._document.pipeline.defaults, Policy())

    def _type_pools(self, pools: object) -> None:
        self._typed = cast("Mapping[str, int]", pools)

    def _leave_pools(self) -> None:
        if self._typed is not None and self._typed != self._pools:
            self.pools_changed.emit(self._typed)

    def _set_defaults(self, policy: Policy, field: str) -> None:
        label = f"Set default {field.replace('_', ' ')}"
        self._document.edit(label, lambda p: set_defaults(p, policy), f"defaults:{field}")

    def done(self, result: int) -> None:
        self._leave_pools()
        super().done(result)
