"""RunPanels: the panels that watch a run, wired to one another and to the bridge of the open project.

bridge ── session_changed ──► every panel
canvas selection ──► logs, charts, data, details          timeline ── node_chosen ──► canvas
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle_gui.panels.charts import MetricsPanel, ResourcesPanel
from treadle_gui.panels.data import DataPanel
from treadle_gui.panels.history import HistoryPanel, NodeRunDetails
from treadle_gui.panels.logs import LogsPanel
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.runs.previews import Previews
from treadle_gui.runs.reasons import Reasons
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme

__all__ = ["RunPanel", "RunPanels"]


@dataclass(frozen=True, slots=True)
class RunPanel:
    """A panel for a dock: `id` is stable, `icon` an mdi6 name."""

    id: str
    title: str
    icon: str
    widget: QWidget


class RunPanels(QObject):
    """`node_chosen(str)`: a person chose a node in a panel; `told(str)`: something for the status bar."""

    node_chosen = Signal(str)
    told = Signal(str)
    item_chosen = Signal(str)
    """The log of an item of a map is asked for."""
    item_menu_requested = Signal(str, object)
    """What else can be done with it, at that place on the screen."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge: RunBridge | None = None
        self.logs = LogsPanel(theme)
        self.resources = ResourcesPanel(theme)
        self.metrics = MetricsPanel(theme)
        self.data = DataPanel(theme)
        self.history = HistoryPanel(theme)
        self.details = NodeRunDetails(theme)
        self.logs.told.connect(self.told)
        self.resources.task_chosen.connect(self.node_chosen)
        self.metrics.task_chosen.connect(self.node_chosen)
        self.history.refresh_asked.connect(self.refresh_history)
        self.history.run_chosen.connect(self._attach)
        self.history.resume_asked.connect(self._resume)
        self.details.answered.connect(self._answer)
        self.details.item_chosen.connect(self.item_chosen)
        self.details.item_menu_requested.connect(self.item_menu_requested)

    def all(self) -> tuple[RunPanel, ...]:
        """Every panel, in the order of their tabs."""
        return (
            RunPanel("logs", "Logs", "text-long", self.logs),
            RunPanel("resources", "Resources", "chart-line", self.resources),
            RunPanel("metrics", "Metrics", "chart-bell-curve", self.metrics),
            RunPanel("data", "Data", "table", self.data),
            RunPanel("history", "History", "history", self.history),
            RunPanel("details", "Details", "information-outline", self.details),
        )

    def set_theme(self, theme: Theme) -> None:
        for panel in (self.logs, self.resources, self.metrics, self.data, self.history, self.details):
            panel.set_theme(theme)

    def set_selection(self, nodes: Iterable[str]) -> None:
        """Follows the canvas."""
        chosen = frozenset(nodes)
        for panel in (self.logs, self.resources, self.data, self.details):
            panel.set_selection(chosen)

    def set_bridge(self, bridge: RunBridge | None) -> None:
        """Watches another project's runs."""
        if self._bridge is not None:
            self._bridge.session_changed.disconnect(self._show)
            self._bridge.runs_changed.disconnect(self.refresh_history)
        self._bridge = bridge
        self.data.set_previews(None)
        self.details.set_reasons(None)
        if bridge is not None:
            previews = Previews(bridge.preview, bridge)
            previews.came.connect(self.data.show_preview)
            previews.failed.connect(self.data.show_failure)
            self.data.set_previews(previews)
            reasons = Reasons(bridge.why, bridge)
            reasons.came.connect(self.details.show_why)
            self.details.set_reasons(reasons)
            bridge.session_changed.connect(self._show)
            bridge.runs_changed.connect(self.refresh_history)
        self._show(bridge.session if bridge is not None else None)

    def refresh_history(self) -> None:
        """Reads the list of runs again, if anybody looks at it."""
        if self._bridge is not None and self.history.isVisible():
            self._bridge.launch(self._list_runs(self._bridge))

    def close(self) -> None:
        """Ends what reads in the background; called when the window closes."""
        self.set_bridge(None)
        self.logs.close_logs()

    def _show(self, session: RunSession | None) -> None:
        for panel in (self.logs, self.resources, self.metrics, self.data, self.details):
            panel.set_session(session)
        self.history.set_shown(session.run if session is not None else None)

    async def _list_runs(self, bridge: RunBridge) -> None:
        runs = await bridge.runs()
        if bridge is self._bridge:
            self.history.set_runs(runs)

    def _answer(self, task: str, approved: bool, note: str) -> None:
        if self._bridge is not None:
            self._bridge.launch(self._bridge.answer(task, approved, note))

    def _attach(self, run: str) -> None:
        if self._bridge is not None:
            self._bridge.launch(self._bridge.attach(run))

    def _resume(self, run: str) -> None:
        if self._bridge is not None:
            self._bridge.launch(self._bridge.resume(run))
