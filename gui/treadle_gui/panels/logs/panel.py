"""LogsPanel: the logs of a run, in the bottom dock.

It shows the merged log of a run or one node's, and moves with the canvas's selection. A failed node leads to the line
where its traceback begins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedLayout, QVBoxLayout, QWidget

from treadle.run.state import RunState
from treadle_gui.panels.logs.document import LogDocument
from treadle_gui.panels.logs.files import log_path, open_log
from treadle_gui.panels.logs.finding import Finding
from treadle_gui.panels.logs.follow_button import FollowButton
from treadle_gui.panels.logs.levels import Level
from treadle_gui.panels.logs.reader import LogLines
from treadle_gui.panels.logs.sources import LogChoice, LogPath, attempts_begun, log_source, shown_tasks
from treadle_gui.panels.logs.tool_bar import LogToolBar
from treadle_gui.panels.logs.view import LogView
from treadle_gui.panels.logs.words import failing_line, why_empty
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme
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
        self._kept: str | None = None
        """The node whose log another run shall show as well, once it has it."""
        self._levels = frozenset(Level)
        self.tool_bar = LogToolBar(theme)
        self.view = LogView(theme)
        self._finding = Finding(self.tool_bar.find_bar, self.view)
        self._resume = FollowButton(self.view)
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
        self.view.follow_changed.connect(self._following)
        self._shortcut(QKeySequence.StandardKey.Find).activated.connect(find.begin)
        self._shortcut(QKeySequence.StandardKey.FindNext).activated.connect(self._finding.step_forward)
        self._shortcut(QKeySequence.StandardKey.FindPrevious).activated.connect(self._finding.step_back)

    def _shortcut(self, key: QKeySequence.StandardKey) -> QShortcut:
        return QShortcut(QKeySequence(key), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def set_theme(self, theme: Theme) -> None:
        self.tool_bar.set_theme(theme)
        self.view.set_theme(theme)
        self._empty.set_theme(theme)
        self._resume.set_theme(theme)

    # What is shown

    def set_session(self, session: RunSession | None) -> None:
        """Shows another run: the log of the node whose log was shown, where that is in it, else all logs merged."""
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._tasks_changed)
        self._session = session
        if session is not None:
            session.tasks_changed.connect(self._tasks_changed)
        kept = self.tool_bar.choice.task or self._kept
        self._offer_nodes()
        self._show(LogChoice())
        self._kept = kept
        self._return_to_kept()

    def set_selection(self, nodes: Collection[str]) -> None:
        """Follows the canvas: one selected node shows its log, none shows all of them."""
        self._kept = None
        chosen = next(iter(nodes)) if len(nodes) == 1 else None
        if chosen is not None and (self._session is None or chosen not in self._session.state.tasks):
            return
        if self.tool_bar.choice.task != chosen:
            self._show(LogChoice(chosen))

    def show_task(self, task: str, line: int | None = None) -> None:
        """Shows a node's log at `line` (from 1); without one at the failing line, else at its end."""
        self._show(LogChoice(task))
        if line is None and self._session is not None:
            line = failing_line(self._session.state.tasks.get(task))
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

    # Inside

    def _return_to_kept(self) -> None:
        """Once the tasks of another run are known: it begins with none."""
        if self._kept is not None and self._session is not None and self._kept in self._session.state.tasks:
            self._show(LogChoice(self._kept))

    def _show(self, choice: LogChoice) -> None:
        self._jump = self._kept = None
        self.tool_bar.choose(choice.task) if choice != self.tool_bar.choice else None
        self._replace_document(LogDocument(self._open_log, self) if self._session is not None else None)
        self._add_attempts()

    def _replace_document(self, document: LogDocument | None) -> None:
        before, self._document = self._document, document
        self._opened = set()
        self.view.set_document(document)
        self._finding.set_document(document)
        if before is not None:
            before.close()
            before.deleteLater()
        if document is not None:
            document.grown.connect(self._grown)
            document.failed.connect(self.told)
            document.saved.connect(self._saved)
            document.want(self._levels)
            document.pause(not self.isVisible())

    def _tasks_changed(self, changed: frozenset[str]) -> None:
        self._return_to_kept()
        shown = self.tool_bar.choice.task
        if shown is None or shown in changed:
            self._offer_nodes()
            self._add_attempts()

    def _offer_nodes(self) -> None:
        state, chosen = self._session.state if self._session is not None else RunState(), self.tool_bar.choice.task
        known = [task for task, each in state.planned().items() if each.number or task in state.maps]
        shown = {chosen} if chosen is not None and chosen in state.tasks else set()
        self.tool_bar.set_nodes(sorted({*known, *shown}))

    def _add_attempts(self) -> None:
        session, document, choice = self._session, self._document, self.tool_bar.choice
        if session is None or document is None:
            self._stack.setCurrentWidget(self._empty)
            return
        mapped = choice.task is not None and choice.task in session.state.maps
        begun = attempts_begun(shown_tasks(session, choice), LogChoice() if mapped else choice)
        if choice.task is not None and not mapped:
            self._restart_for_new_attempt(choice, begun)
            self.tool_bar.set_attempts(session.state.tasks[choice.task].number if begun else 0)
        else:
            self.tool_bar.set_attempts(0)
        for attempt in begun:
            if attempt not in self._opened and self._document is not None and len(self._opened) < _MOST_LOGS:
                self._opened.add(attempt)
                self._document.add(log_source(session.folder, *attempt, self._log_path))
        self._empty.sentence.setText(why_empty(session.state.tasks, choice.task))
        self._stack.setCurrentWidget(self.view if begun else self._empty)

    def _restart_for_new_attempt(self, choice: LogChoice, begun: list[tuple[str, int]]) -> None:
        """A retry has a log of its own: it takes the place of the one before."""
        if choice.number is None and self._opened and not self._opened.issuperset(begun):
            self._replace_document(LogDocument(self._open_log, self))

    def _grown(self) -> None:
        if self._document is not None:
            self.tool_bar.set_counts(self._document.rows.levels())
            self._finding.count()
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

    # Following and saving

    def _following(self, following: bool) -> None:
        self.tool_bar.set_following(following)
        self._resume.offer(not following and self._document is not None)

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
