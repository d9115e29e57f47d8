"""Problems: every finding about the shown pipeline, its component files and its last run, in one table.

A row leads to its place: the node on the canvas, or for a run's failure the log at the failing line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from treadle.spec.problems import Problem, Severity
from treadle_gui.style.icons import icon
from treadle_gui.style.sentences import capital
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import EmptyState, PlainLabel, plain_tooltip

__all__ = ["Entry", "ProblemModel", "Problems", "counted", "matching"]

_HEADERS: Final = ("Problem", "Where", "What to do")
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Entry:
    """A problem in the table; `from_run` tells a failure of the last run from a finding of validation."""

    problem: Problem
    from_run: bool = False

    @property
    def place(self) -> str:
        """Node and field first: that is what a person sees on the canvas; then file and line."""
        where = self.problem.where
        inner = ".".join(part for part in (where.node, where.port or where.parameter) if part)
        file = Path(where.file).name if where.file else ""
        line = f"{file}:{where.line}" if file and where.line else file or (f"line {where.line}" if where.line else "")
        return "  ".join(part for part in (inner, line) if part)


def matching(entries: Sequence[Entry], words: str, severity: Severity | None) -> list[Entry]:
    """Those of this severity in which all the words occur; errors first, the order kept otherwise."""
    parts = words.casefold().split()
    found = [
        entry
        for entry in entries
        if (severity is None or entry.problem.severity is severity)
        and all(part in f"{entry.problem} {entry.place}".casefold() for part in parts)
    ]
    return sorted(found, key=lambda entry: (entry.problem.severity is not Severity.ERROR, not entry.from_run))


def counted(entries: Sequence[Entry]) -> str:
    """`"2 errors, 1 warning"`, or what is said where there is none."""
    errors = sum(entry.problem.severity is Severity.ERROR for entry in entries)
    warnings = len(entries) - errors
    parts = [_plural(errors, "error"), _plural(warnings, "warning")]
    return ", ".join(part for part in parts if part) or "No problems"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}" if count else ""


class ProblemModel(QAbstractTableModel):
    """The filtered entries."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._icons = {
            (Severity.ERROR, False): icon("alert-circle-outline", theme.failed),
            (Severity.ERROR, True): icon("close-circle", theme.failed),
            (Severity.WARNING, False): icon("alert-outline", theme.warning),
            (Severity.WARNING, True): icon("alert-outline", theme.warning),
        }

    def show_entries(self, entries: list[Entry]) -> None:
        if entries != self._entries:
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()

    def entry(self, row: int) -> Entry:
        return self._entries[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 Qt's own signature
        return 0 if parent.isValid() else len(_HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self._entries[index.row()]
        problem = entry.problem
        if role == Qt.ItemDataRole.DisplayRole:
            return (" ".join(problem.message.split()), entry.place, capital(" ".join(problem.hint.split())))[
                index.column()
            ]
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._icons[problem.severity, entry.from_run]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(str(problem))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return str(problem)
        return None


class _Table(QTableView):
    copied = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copied.emit()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class Problems(QWidget):
    """`problem_activated(Problem)`: show its place; `run_problem_activated(node)`: show the log where it failed."""

    problem_activated = Signal(object)
    run_problem_activated = Signal(str)
    counts_changed = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: tuple[Problem, ...] = ()
        self._from_files: tuple[Problem, ...] = ()
        self._from_run: tuple[Problem, ...] = ()
        self._refusals: tuple[Problem, ...] = ()
        self.filter = QLineEdit(clearButtonEnabled=True)
        self.filter.setPlaceholderText("Filter")
        self.filter.setAccessibleName("Filter problems")
        self.filter.setMaximumWidth(260)
        self.severity = QComboBox()
        self.severity.addItems(["Errors and warnings", "Errors", "Warnings"])
        self.severity.setAccessibleName("Which problems")
        self.count = PlainLabel("", "small")
        self.model = ProblemModel(theme, self)
        self.table = self._make_table()
        self._nothing = EmptyState(theme, "check-circle-outline", "No problems.")
        self._pages = QStackedWidget()
        self._pages.addWidget(self.table)
        self._pages.addWidget(self._nothing)
        self._lay_out()
        self.filter.textChanged.connect(self._refill)
        self.severity.currentIndexChanged.connect(self._refill)
        self._refill()

    def _make_table(self) -> _Table:
        table = _Table()
        table.setModel(self.model)
        table.setAccessibleName("Problems")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(METRICS.row)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        table.setColumnWidth(1, 200)
        table.setColumnWidth(2, 240)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._open_menu)
        table.doubleClicked.connect(self._activate)
        table.activated.connect(self._activate)
        table.copied.connect(self.copy)
        return table

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(METRICS.gap, METRICS.gap_small, METRICS.gap, METRICS.gap_small)
        head.setSpacing(METRICS.gap)
        head.addWidget(self.filter, 1)
        head.addWidget(self.severity)
        head.addStretch(1)
        head.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    # What it shows

    @property
    def entries(self) -> list[Entry]:
        """All of them, as they would stand without a filter."""
        said = {(problem.code, problem.where.node, problem.message) for problem in self._found}
        refusals = [
            problem for problem in self._refusals if (problem.code, problem.where.node, problem.message) not in said
        ]
        found = [Entry(problem) for problem in (*self._found, *refusals, *self._from_files)]
        return [*(Entry(problem, from_run=True) for problem in self._from_run), *found]

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """What validation found; an earlier refusal is out of date then."""
        self._found = tuple(problems)
        self._refusals = ()
        self._refill()

    def set_file_problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong in the project's component files."""
        self._from_files = tuple(problems)
        self._refill()

    def set_run_problems(self, problems: Sequence[Problem]) -> None:
        """What went wrong in the shown run."""
        self._from_run = tuple(problems)
        self._refill()

    def set_refusals(self, problems: Sequence[Problem]) -> None:
        """Why the engine would not run the pipeline, as far as validation had not said it."""
        self._refusals = tuple(problems)
        self._refill()

    def set_theme(self, theme: Theme) -> None:
        self.model.set_theme(theme)
        self._nothing.set_theme(theme)
        self.table.viewport().update()

    def _refill(self) -> None:
        every = self.entries
        severity = (None, Severity.ERROR, Severity.WARNING)[self.severity.currentIndex()]
        shown = matching(every, self.filter.text(), severity)
        self.model.show_entries(shown)
        self._nothing.sentence.setText("No problem fits this filter." if every else "No problems.")
        self._pages.setCurrentIndex(0 if shown else 1)
        self.count.setText(counted(every))
        errors = sum(entry.problem.severity is Severity.ERROR for entry in every)
        self.counts_changed.emit(errors, len(every) - errors)

    # What a person does

    def copy(self) -> None:
        """The selected problems as lines that an editor understands; all shown ones where none is selected."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()}) or range(self.model.rowCount())
        text = "\n".join(str(self.model.entry(row).problem) for row in rows)
        QGuiApplication.clipboard().setText(text)

    def _activate(self, index: QModelIndex) -> None:
        entry = self.model.entry(index.row())
        self.problem_activated.emit(entry.problem)
        if entry.from_run and entry.problem.where.node:
            self.run_problem_activated.emit(entry.problem.where.node)

    def _open_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.isValid():
            entry = self.model.entry(index.row())
            menu.addAction("Show the log" if entry.from_run else "Show its place", lambda: self._activate(index))
        menu.addAction("Copy", self.copy)
        menu.popup(self.table.viewport().mapToGlobal(place))
