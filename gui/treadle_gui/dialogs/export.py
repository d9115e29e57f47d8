"""Export: what the pipeline reads like elsewhere, shown beside the canvas before anything is written.

The conversion runs in a thread and only the newest answer is shown; what the target can't say is listed above it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from treadle.convert.export import TARGETS, Target
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Severity
from treadle_gui.document.document import Components, Document
from treadle_gui.panels.fields.highlighting import Highlighter
from treadle_gui.style.apply import mono_font
from treadle_gui.style.icons import icon
from treadle_gui.style.sentences import sentences
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel

__all__ = ["Export", "ExportDialog", "ExportResult"]

REST: Final = 200
"""Milliseconds of rest after an edit before the result is made again."""


class ExportResult(Protocol):
    """`treadle.convert.Exported` is one."""

    @property
    def text(self) -> str: ...

    @property
    def problems(self) -> Sequence[Problem]: ...


Export = Callable[[Pipeline, Components, str], ExportResult]


class ExportDialog(QDialog):
    """Follows `document` while it is open. `save_requested(Target, text)`: a person wants it in a file."""

    save_requested = Signal(object, str)
    node_requested = Signal(str)
    _made = Signal(int, str, object)

    def __init__(self, document: Document, export: Export, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._export = export
        self._theme = theme
        self._question = 0
        self.setWindowTitle(f"Export {document.title}")
        self.target = QComboBox()
        self.target.addItems([target.title for target in TARGETS.values()])
        self.target.setAccessibleName("Export to")
        self.summary = PlainLabel("", "muted")
        self.problems = QListWidget()
        self.problems.setAccessibleName("What the target cannot say")
        self.problems.setMaximumHeight(120)
        self.problems.setWordWrap(True)
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setProperty("role", "code")
        self.text.setFont(mono_font())
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("Result")
        self._colours = Highlighter(self.text.document(), "python", theme)
        self.copy_button, self.save_button, self.close_button = (
            QPushButton("Copy"),
            QPushButton("Save…"),
            QPushButton("Close"),
        )
        self._lay_out()
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self.make)
        document.changed.connect(self._rest.start)
        document.catalog_changed.connect(self._rest.start)
        self.target.activated.connect(self.make)
        self.copy_button.clicked.connect(self._copy)
        self.save_button.clicked.connect(lambda: self.save_requested.emit(self.chosen, self.text.toPlainText()))
        self.close_button.clicked.connect(self.reject)
        self.problems.itemActivated.connect(self._show_node)
        self._made.connect(self._show)
        self.make()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(QLabel("Export to"))
        head.addWidget(self.target)
        head.addStretch()
        head.addWidget(self.summary)
        foot = QHBoxLayout()
        foot.addWidget(self.copy_button)
        foot.addStretch()
        self.save_button.setDefault(True)
        foot.addWidget(self.close_button)
        foot.addWidget(self.save_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(METRICS.gap)
        column.addLayout(head)
        column.addWidget(self.problems)
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        room = self.screen().availableGeometry()
        self.resize(min(720, room.width() - 120), min(720, room.height() - 180))

    @property
    def chosen(self) -> Target:
        return list(TARGETS.values())[self.target.currentIndex()]

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._colours.set_theme(theme)

    def make(self) -> None:
        """Converts the document as it stands."""
        self._question += 1
        self.summary.setText("Working…")
        arguments = (self._question, self._document.pipeline, self._document.catalog, self.chosen.name)
        threading.Thread(target=self._convert, args=arguments, name="export", daemon=True).start()

    def _convert(self, question: int, pipeline: Pipeline, catalog: Components, to: str) -> None:
        try:
            made = self._export(pipeline, catalog, to)
            text, problems = made.text, tuple(made.problems)
        except Exception as error:  # noqa: BLE001 the boundary of a converter: a person is told, the app goes on
            text = ""
            problems = (Problem("export-failed", f"The export failed: {type(error).__name__}: {error}"),)
        try:
            self._made.emit(question, text, problems)
        except RuntimeError:  # the dialog was closed meanwhile
            return

    def _show(self, question: int, text: str, problems: tuple[Problem, ...]) -> None:
        if question != self._question:
            return
        self._colours.set_language(self.chosen.language)
        if text != self.text.toPlainText():
            place = self.text.verticalScrollBar().value()
            self.text.setPlainText(text)
            self.text.verticalScrollBar().setValue(place)
        self._list(problems)
        lines = text.count("\n")
        self.summary.setText(f"{lines:,} lines" if text else "Nothing can be exported yet")
        self.save_button.setEnabled(bool(text))
        self.copy_button.setEnabled(bool(text))

    def _list(self, problems: Sequence[Problem]) -> None:
        self.problems.clear()
        looks: Mapping[Severity, tuple[str, str]] = {
            Severity.ERROR: ("alert-circle-outline", self._theme.failed),
            Severity.WARNING: ("alert-outline", self._theme.warning),
        }
        for problem in problems:
            words = ": ".join(part for part in (problem.where.node, sentences(problem)) if part)
            item = QListWidgetItem(icon(*looks[problem.severity]), words)
            item.setData(0x100, problem.where.node)
            self.problems.addItem(item)
        self.problems.setVisible(bool(problems))

    def _show_node(self, item: QListWidgetItem) -> None:
        if item.data(0x100):
            self.node_requested.emit(str(item.data(0x100)))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.summary.setText("Copied")
