"""Page: one tab with an open pipeline: its canvas, its file's banner, its way to the engine."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from treadle.run.state import TaskStatus
from treadle.spec import edits
from treadle.spec.component import Component
from treadle.spec.pipeline import Edge, Point
from treadle.store.project import Project
from treadle.store.project_settings import read_settings
from treadle_gui.canvas.gutter import Gutter
from treadle_gui.canvas.linking import link, why_no_link
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.breakpoints import Breakpoints
from treadle_gui.document.document import Document
from treadle_gui.document.recovery import Autosave, RecoveryFolder
from treadle_gui.document.watching import DiskWatch
from treadle_gui.runs.applying import Changes, changes_to_apply
from treadle_gui.runs.bridge import RunBridge
from treadle_gui.runs.reasons import Reasons
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel
from treadle_gui.window.asking_banner import AskingBanner
from treadle_gui.window.entering import Entering
from treadle_gui.window.paused_banner import PausedBanner
from treadle_gui.window.waiting_tips import WaitingTips

__all__ = ["Banner", "Page"]

_GRID: Final = 8
_NODE: Final = (208.0, 104.0)
_APART: Final = 64.0


class Banner(QWidget):
    """A line above the canvas that says something about the file, with what can be done about it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = PlainLabel("")
        self._buttons: list[QPushButton] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(METRICS.gap_large, METRICS.gap, METRICS.gap_large, METRICS.gap)
        self._row.addWidget(self.words, 1)
        self.hide()

    def tell(self, words: str, choices: dict[str, Callable[[], object]]) -> None:
        """Shows `words` and a button for each choice; any of them takes the banner away."""
        self.words.setText(words)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        for title, run in choices.items():
            button = QPushButton(title)
            button.clicked.connect(self.hide)
            button.clicked.connect(run)
            self._row.addWidget(button)
            self._buttons.append(button)
        self.show()


class Page(QWidget):
    """`session_changed(RunSession | None)`: another run is shown on this page; `project_changed(Path)`: its file went
    into another project, from the one at that root."""

    session_changed = Signal(object)
    project_changed = Signal(object)

    def __init__(
        self, document: Document, project: Project, bridge: RunBridge, recovery: RecoveryFolder, theme: Theme,
    ) -> None:  # fmt: skip
        super().__init__()
        self.document = document
        self.project = project
        self.bridge = bridge
        document.setParent(self)
        bridge.setParent(self)
        self.canvas = PipelineCanvas(document, theme)
        self.canvas.drops.project = project.root
        document.ask_for_pools(lambda: read_settings(self.project.root).pools)
        self.level = Entering(document, self.canvas)
        self.banner = Banner()
        self.breakpoints = Breakpoints(document, self)
        self.gutter = Gutter(self.canvas, self.breakpoints)
        self.level.shown_changed.connect(lambda old, new: self.gutter.show_level(old, new, self.level.prefix))
        self.tips = WaitingTips(self.canvas, Reasons(bridge.why, self), self._waiting)
        self.paused = PausedBanner(theme)
        self.asking = AskingBanner(theme)
        self.asking.answered.connect(lambda *answer: bridge.launch(bridge.answer(*answer)))
        self.autosave = Autosave(document, recovery)
        self.watch = DiskWatch(document)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addWidget(self.paused)
        column.addWidget(self.asking)
        column.addWidget(self.level.crumbs)
        column.addWidget(self.canvas, 1)
        self.setFocusProxy(self.canvas)
        bridge.session_changed.connect(self._show_session)
        document.changed.connect(self._show_pause)

    @property
    def shown(self) -> Document:
        """What the canvas shows of the document: all of it, or what a node holds."""
        return self.level.shown

    def _waiting(self, node: str) -> tuple[str, str] | None:
        """The run and task of a node that might begin, where the run that is shown goes on."""
        session, task = self.session, f"{self.level.prefix}{node}"
        if session is None or session.state.status.is_done:
            return None
        found = session.state.tasks.get(task)
        ready = found is not None and found.status in (TaskStatus.PENDING, TaskStatus.RETRYING) and found.cache_key
        return (session.run, task) if ready else None

    @property
    def session(self) -> RunSession | None:
        """The run that is shown, going on or finished."""
        return self.bridge.session

    @property
    def changes(self) -> Changes:
        """What was changed since the run began, which a pause lets it take up."""
        session = self.session
        if session is None or session.state.paused is None or session.pipeline is None:
            return {}
        catalog, tasks = self.document.catalog, session.state.tasks
        return changes_to_apply(session.pipeline, self.document.pipeline, tasks, catalog.components, catalog.pipelines)

    async def move_to(self, project: Project) -> None:
        """Components, trust and runs are from now on those of `project`; nothing changes where they are already."""
        if project.root != self.project.root:
            left, self.project = self.project.root, project
            self.canvas.drops.project = project.root
            await self.bridge.move_to(project)
            self.project_changed.emit(left)

    def add_component(self, component: Component) -> None:
        """To the right of what is selected and fed by it where it can be, else in the middle of what is seen; selects
        it."""
        boxes = [self.canvas.stage.nodes[name].box() for name in self.shown.selection]
        if boxes:
            last = max(boxes, key=QRectF.right)
            wanted = QPointF(last.right() + _APART + _NODE[0] / 2, last.center().y())
        else:
            wanted = self.canvas.camera.centre()
        before, chosen = self.shown.pipeline, self.shown.selection
        after, new = edits.add_node(before, component.uses, self.free_place(wanted))
        found = link(after, self.shown.components, min(chosen), new) if len(chosen) == 1 else None
        if found is not None:
            after = found.edit()(after)
        self.shown.edit(f"Add {component.title}", lambda _before: after, select={new})
        self.canvas.show_node(new)
        # So that the next key is for it: undo, delete, an arrow.
        self.canvas.setFocus()

    def connect_chosen(self) -> None:
        """The left one of the two selected nodes feeds the right one; says why where it can't."""
        left, right = sorted(self.shown.selection, key=lambda name: self.canvas.stage.nodes[name].box().left())
        pipeline, components = self.shown.pipeline, self.shown.components
        found = link(pipeline, components, left, right)
        if found is None:
            self.canvas.say(f"Not connected: {why_no_link(pipeline, components, left, right)}")
        else:
            self.shown.edit(f"Connect {found.source} to {found.target}", found.edit())

    @property
    def edges_between_chosen(self) -> list[Edge]:
        """The edges from a selected node to a selected node."""
        chosen = self.shown.selection
        nodes = (self.shown.pipeline.nodes[name] for name in sorted(chosen) if name in self.shown.pipeline.nodes)
        return [edge for node in nodes for edge in node.edges() if edge.source.node in chosen]

    def disconnect_chosen(self) -> None:
        """Takes away every edge between selected nodes."""
        gone = self.edges_between_chosen
        words = str(gone[0].target) if len(gone) == 1 else f"{len(gone)} edges"
        self.shown.edit(f"Disconnect {words}", lambda pipeline: reduce(edits.disconnect, gone, pipeline))

    def free_place(self, wanted: QPointF) -> Point:
        """A place for a new node at `wanted`, or as near below it as no other node is."""
        taken = self.shown.pipeline.view.values()
        x, y = (round(wanted.x() / _GRID) * _GRID - _NODE[0] / 2, round(wanted.y() / _GRID) * _GRID - _NODE[1] / 2)
        while any(abs(x - other_x) < _NODE[0] and abs(y - other_y) < _NODE[1] for other_x, other_y in taken):
            y += _NODE[1]
        return (x, y)

    def set_theme(self, theme: Theme) -> None:
        self.canvas.set_theme(theme)
        self.paused.set_theme(theme)
        self.asking.set_theme(theme)

    def _show_session(self, session: RunSession | None) -> None:
        self.canvas.show_run(session)
        self.asking.follow(session)
        if session is not None:
            for changed in (session.run_changed, session.tasks_changed):
                changed.connect(self._show_pause)
                changed.connect(self._show_breakpoints)
        self._show_pause()
        self._show_breakpoints()
        self.session_changed.emit(session)

    def _show_breakpoints(self) -> None:
        state = self.session.state if self.session is not None else None
        goes_on = state is not None and state.tasks and not state.status.is_done
        self.breakpoints.follow_run(state.breakpoints if state is not None and goes_on else None)

    def _show_pause(self) -> None:
        paused = self.session.state.paused if self.session is not None else None
        if paused is None:
            self.paused.hide()
        else:
            self.paused.tell(paused.words, self.changes)
