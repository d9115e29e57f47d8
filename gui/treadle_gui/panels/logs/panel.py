"""LogsPanel: the logs of a run, in the bottom dock.

It shows the merged log of a run or one node's, and moves with the canvas's selection. A failed node leads to the line
where its traceback begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from treadle.execute.protocol import Failed
from treadle.run.expansion import node_of, owner_of
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle_gui.panels.logs.document import LogDocument
from treadle_gui.panels.logs.files import log_path, open_log
from treadle_gui.panels.logs.levels import Level
from treadle_gui.panels.logs.reader import LogLines
from treadle_gui.panels.logs.sources import LogChoice, LogPath, attempts_begun, log_source
from treadle_gui.panels.logs.text import LogQuery
from treadle_gui.panels.logs.tool_bar import LogToolBar
from treadle_gui.panels.logs.view import LogView
from treadle_gui.runs.session import RunSession
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import EmptyState

__all__ = ["LogsPanel"]

_MOST_LOGS: Final = 300
"""Logs that are read at once."""


class LogsPanel(QWidget):
    """Logs of one run. `told(str)`: something a person should read, as that a log could not be saved."""

    told = Signal(str)

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        open_log: Callable[[Path], LogLines] = open_log,
        log_path: LogPath = log_path,
    ) -> None:
        super().__init__(parent)
        self._open_log, self._log_path = open_log, log_path
        self._session: RunSession | None = None
        self._document: LogDocument | None = None
        self._opened: set[tuple[str, int]] = set()
        self._jump: tuple[str, int] | None = None
        self._levels = frozenset(Level)
        self.tool_bar = LogToolBar(theme)
        self.view = LogView(theme)
        self._resume = QPushButton("Follow", self.view)
        self._resume.setCursor(Qt.CursorShape.ArrowCursor)
        self._resume.hide()
        self._empty = EmptyState(theme, "text-long", "Logs of the nodes appear here when the pipeline runs.")
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tool_bar)
        column.addLayout(self._stack, 1)
        self._connect()
        self.set_theme(theme)

    def _connect(self) -> None:
        bar, find = self.tool_bar, self.tool_bar.find_bar
        bar.choice_changed.connect(self._show)
        bar.levels_changed.connect(self._want)
        bar.follow_asked.connect(self.view.set_follow)
        bar.save_asked.connect(self._ask_where_to_save)
        find.query_changed.connect(self._find)
        find.stepped.connect(self._step)
        self._resume.clicked.connect(self._follow)
        self.view.follow_changed.connect(self._following)
        self.view.viewport().installEventFilter(self)
        self._shortcut(QKeySequence.StandardKey.Find).activated.connect(find.begin)
        self._shortcut(QKeySequence.StandardKey.FindNext).activated.connect(self._step_forward)
        self._shortcut(QKeySequence.StandardKey.FindPrevious).activated.connect(self._step_back)

    def _shortcut(self, key: QKeySequence.StandardKey) -> QShortcut:
        return QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def set_theme(self, theme: Theme) -> None:
        self.tool_bar.set_theme(theme)
        self.view.set_theme(theme)
        self._empty.set_theme(theme)
        self._resume.setIcon(icon("arrow-collapse-down", theme.text))

    # What is shown

    def set_session(self, session: RunSession | None) -> None:
        """Shows another run, all its logs merged."""
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._tasks_changed)
        self._session = session
        if session is not None:
            session.tasks_changed.connect(self._tasks_changed)
        self._offer_nodes()
        self._show(LogChoice())

    def set_selection(self, nodes: Collection[str]) -> None:
        """Follows the canvas: one selected node shows its log, none shows all of them."""
        chosen = next(iter(nodes)) if len(nodes) == 1 else None
        if chosen is not None and (self._session is None or chosen not in self._session.state.tasks):
            return
        if self.tool_bar.choice.task != chosen:
            self._show(LogChoice(chosen))

    def show_task(self, task: str, line: int | None = None) -> None:
        """Shows a node's log at `line` (from 1); without one at the failing line, else at its end."""
        self._show(LogChoice(task))
        if line is None and self._session is not None:
            line = _failing_line(self._session.state.tasks.get(task))
        if line is not None:
            self._jump = (task, line - 1)
            self._jump_if_arrived()
        self.view.setFocus()

    def close_logs(self) -> None:
        """Ends the reading; called when the window closes."""
        self._replace_document(None)

    @property
    def document(self) -> LogDocument | None:
        return self._document

    @property
    def empty_text(self) -> str:
        """Why there is nothing to see, where there is nothing."""
        return self._empty.sentence.text()

    # Events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._document is not None:
            self._document.pause(False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._document is not None:
            self._document.pause(True)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place_resume()
        return False

    # Inside

    def _show(self, choice: LogChoice) -> None:
        self._jump = None
        self.tool_bar.choose(choice.task) if choice != self.tool_bar.choice else None
        self._replace_document(LogDocument(self._open_log, self) if self._session is not None else None)
        self._add_attempts()

    def _replace_document(self, document: LogDocument | None) -> None:
        before, self._document = self._document, document
        self._opened = set()
        self.view.set_document(document)
        if before is not None:
            before.close()
            before.deleteLater()
        if document is not None:
            document.grown.connect(self._grown)
            document.changed.connect(self._count_matches)
            document.searched.connect(self._count_matches)
            document.failed.connect(self.told)
            document.saved.connect(self._saved)
            document.want(self._levels)
            document.find(self.tool_bar.find_bar.query)
            document.pause(not self.isVisible())

    def _tasks_changed(self, changed: frozenset[str]) -> None:
        shown = self.tool_bar.choice.task
        if shown is None or shown in changed:
            self._offer_nodes()
            self._add_attempts()

    def _offer_nodes(self) -> None:
        state, chosen = self._session.state if self._session is not None else RunState(), self.tool_bar.choice.task
        known = [task for task, each in state.planned().items() if each.number or task in state.maps]
        items = [chosen] if chosen is not None and owner_of(chosen) is not None and chosen in state.tasks else []
        self.tool_bar.set_nodes(sorted([*known, *items]))

    def _add_attempts(self) -> None:
        session, document, choice = self._session, self._document, self.tool_bar.choice
        if session is None or document is None:
            self._stack.setCurrentWidget(self._empty)
            return
        mapped = choice.task is not None and choice.task in session.state.maps
        begun = attempts_begun(_shown(session, choice), LogChoice() if mapped else choice)
        if choice.task is not None and not mapped:
            self._restart_for_new_attempt(choice, begun)
            self.tool_bar.set_attempts(session.state.tasks[choice.task].number if begun else 0)
        else:
            self.tool_bar.set_attempts(0)
        for attempt in begun:
            if attempt not in self._opened and self._document is not None and len(self._opened) < _MOST_LOGS:
                self._opened.add(attempt)
                self._document.add(log_source(session.folder, *attempt, self._log_path))
        self._empty.sentence.setText(_why_empty(session.state.tasks, choice.task))
        self._stack.setCurrentWidget(self.view if begun else self._empty)

    def _restart_for_new_attempt(self, choice: LogChoice, begun: list[tuple[str, int]]) -> None:
        """A retry has a log of its own: it takes the place of the one before."""
        if choice.number is None and self._opened and not self._opened.issuperset(begun):
            self._replace_document(LogDocument(self._open_log, self))

    def _grown(self) -> None:
        if self._document is not None:
            self.tool_bar.set_counts(self._document.rows.levels())
            self._count_matches()
        self._jump_if_arrived()

    def _jump_if_arrived(self) -> None:
        if self._jump is None or self._document is None or not self._opened:
            return
        position = self._document.rows.position(0, self._jump[1])
        if position is not None:
            self._jump = None
            self.view.go_to(position)

    def _want(self, levels: frozenset[Level]) -> None:
        self._levels = levels
        if self._document is not None:
            self._document.want(levels)

    # Finding

    def _find(self, query: LogQuery) -> None:
        if self._document is not None:
            self._document.find(query)

    def _step(self, forward: bool) -> None:
        if self._document is None:
            return
        here = self.view.current if self.view.current is not None else self.view.top - (1 if forward else 0)
        position = self._document.rows.match_after(here, forward=forward)
        if position is not None:
            self.view.go_to(position)
            self._count_matches()

    def _step_forward(self) -> None:
        self._step(True)

    def _step_back(self) -> None:
        self._step(False)

    def _count_matches(self) -> None:
        if self._document is None:
            return
        matches = self._document.rows.matches()
        here = self.view.current
        index = int(matches.searchsorted(here)) if here is not None else len(matches)
        at_match = index < len(matches) and matches[index] == here
        searching = self._document.is_searching
        self.tool_bar.find_bar.set_count(index if at_match else None, len(matches), searching=searching)

    # Following and saving

    def _follow(self) -> None:
        self.view.set_follow(True)

    def _following(self, following: bool) -> None:
        self.tool_bar.set_following(following)
        self._resume.setVisible(not following and self._document is not None)
        self._place_resume()

    def _place_resume(self) -> None:
        self._resume.adjustSize()
        area = self.view.viewport().geometry()
        place = area.bottomRight() - self._resume.rect().bottomRight()
        self._resume.move(place.x() - METRICS.gap_large, place.y() - METRICS.gap_large)

    def _ask_where_to_save(self) -> None:
        if self._document is None or not self._document.count:
            return
        dialog = QFileDialog(self, "Save log", "", "Log (*.log *.txt);;All files (*)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{self.tool_bar.choice.task or 'run'}.log")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.save)
        dialog.open()

    def save(self, path: str) -> None:
        """Writes the shown lines to `path`; `told` says how it went."""
        if self._document is not None:
            self._document.save(Path(path))

    def _saved(self, path: Path, error: str) -> None:
        self.told.emit(error or f"Saved {path}")


def _failing_line(state: TaskState | None) -> int | None:
    if state is not None and isinstance(state.outcome, Failed):
        return state.outcome.log_line
    return None


def _why_empty(tasks: dict[str, TaskState], task: str | None) -> str:
    state = tasks.get(task) if task is not None else None
    if state is None:
        return "Logs of the nodes appear here when the pipeline runs."
    match state.status:
        case TaskStatus.CACHED:
            return f"{task} did not run: its result was taken from run {state.cached_from}."
        case TaskStatus.SKIPPED:
            return f"{task} was skipped: {state.reason}"
        case TaskStatus.UPSTREAM_FAILED:
            return f"{task} did not run, because {state.cause} did not succeed."
        case _:
            return f"{task} has not started yet."


def _shown(session: RunSession, choice: LogChoice) -> Mapping[str, TaskState]:
    """The tasks whose logs may be meant. Of the items of maps, unless one is asked for, only those that began last
    stand in a merged view: nobody reads ten thousand logs at once."""
    state = session.state
    if choice.task is not None and choice.task not in state.maps:
        return state.tasks
    recent = {id_: state.tasks[id_] for id_ in session.recent_items if choice.task in (None, node_of(id_))}
    return recent if choice.task is not None else {**state.planned(), **recent}
