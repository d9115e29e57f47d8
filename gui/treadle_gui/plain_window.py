"""PlainWindow: a canvas above the panels that watch its run, and Run and Stop. What the app needs at the least."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMessageBox, QSplitter, QTabWidget, QToolBar, QWidget

from treadle.host.api import RunRequest
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document
from treadle_gui.panels.run_panels import RunPanels
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.runs.session import RunSession
from treadle_gui.style.icons import themed_icon
from treadle_gui.style.tokens import Theme

__all__ = ["PlainWindow"]


class PlainWindow(QMainWindow):
    """One document of one project. `closed()`: it is gone."""

    closed = Signal()

    def __init__(self, document: Document, bridge: RunBridge, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document, self.bridge = document, bridge
        self.canvas = PipelineCanvas(document, theme)
        self.panels = RunPanels(theme, self)
        self._may_close = False
        self._tabs = QTabWidget()
        for panel in self.panels.all():
            self._tabs.addTab(panel.widget, themed_icon(panel.icon, theme), panel.title)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.canvas)
        splitter.addWidget(self._tabs)
        splitter.setSizes([600, 320])
        self.setCentralWidget(splitter)
        self.setWindowTitle(f"{document.title} — Treadle")
        self.resize(1400, 900)
        self._add_actions(theme)
        self._connect()

    def _add_actions(self, theme: Theme) -> None:
        bar = QToolBar("Run")
        self.addToolBar(bar)
        self.run_action = QAction(themed_icon("play", theme), "Run", self)
        self.run_action.setShortcut(QKeySequence("F5"))
        self.stop_action = QAction(themed_icon("stop", theme), "Stop", self)
        self.stop_action.setShortcut(QKeySequence("Shift+F5"))
        self.run_action.triggered.connect(self.start_run)
        self.stop_action.triggered.connect(self.stop_run)
        bar.addActions([self.run_action, self.stop_action])

    def _connect(self) -> None:
        self.document.selection_changed.connect(self.panels.set_selection)
        self.canvas.node_activated.connect(self._open_log)
        self.canvas.hint.connect(self._tell)
        self.panels.node_chosen.connect(self.canvas.reveal)
        self.panels.told.connect(self._tell)
        self.bridge.failed.connect(self._tell)
        self.bridge.session_changed.connect(self._show)
        self.panels.set_bridge(self.bridge)

    def start_run(self) -> None:
        """Runs the pipeline as it stands; asks for trust first where the project is restricted."""
        self.bridge.launch(self._run())

    def stop_run(self) -> None:
        self.bridge.launch(self.bridge.cancel())

    async def _run(self) -> None:
        if not self.bridge.is_trusted:
            question = "Running it executes its code with your rights. Trust this project's folder?"
            if not await self._ask("This project is restricted", question):
                return
            self.bridge.trust()
        path = self.document.path
        await self.bridge.start(RunRequest(self.document.text(), str(path) if path is not None else None))

    async def _ask(self, title: str, question: str) -> bool:
        box = QMessageBox(QMessageBox.Icon.Question, title, question, parent=self)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
        answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        # Not exec(): a nested loop inside a coroutine stops every other one.
        box.finished.connect(answered.set_result)
        box.open()
        return await answered == QMessageBox.StandardButton.Yes

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.bridge.is_running and not self._may_close:
            event.ignore()
            self.bridge.launch(self._close_running())
            return
        super().closeEvent(event)
        self.panels.close()
        self.closed.emit()

    async def _close_running(self) -> None:
        if not await self._ask("The pipeline is still running", "Keep it running after the window is closed?"):
            await self.bridge.cancel()
        self._may_close = True
        self.close()

    def _show(self, session: RunSession | None) -> None:
        self.canvas.show_run(session)

    def _open_log(self, node: str) -> None:
        self._tabs.setCurrentWidget(self.panels.logs)
        self.panels.logs.show_task(node)

    def _tell(self, text: str) -> None:
        self.statusBar().showMessage(text, 10_000)
