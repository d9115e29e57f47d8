"""LiveRun: a run's states on the canvas. It repaints the nodes that a session names and what moves, nothing else.

Of many at once those in sight are shown first and the others bit by bit, so that no frame waits for what nobody sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from PySide6.QtCore import QTimer

from treadle.run.map_state import MapState
from treadle.run.state import TaskState, TaskStatus
from treadle.run.tallies import Tallies
from treadle_gui.canvas.faces import RunFace, run_face
from treadle_gui.canvas.group_faces import group_face

if TYPE_CHECKING:
    from treadle_gui.canvas.view import PipelineCanvas

__all__ = ["LiveRun", "Session", "State"]

_FRAME_MS: Final = 50
_STILL_MS: Final = 500
"""Where motion is reduced, only durations tick."""
_AT_ONCE: Final = 200
"""Of more changed nodes those out of sight are shown later, so many a turn."""
_CYCLE: Final = 1.6
"""Seconds in which an indeterminate bar goes there and back."""
_FLOW: Final = 0.7
"""Seconds in which dashes move on by one."""


class State(Protocol):
    @property
    def tasks(self) -> Mapping[str, TaskState]: ...

    @property
    def maps(self) -> Mapping[str, MapState]: ...


class Session(Protocol):
    """What the canvas needs of a RunSession. The signals carry the changed ids, and the run's state."""

    tasks_changed: Any
    run_changed: Any

    @property
    def state(self) -> State: ...

    def attempts_allowed(self, task: str) -> int | None: ...


class LiveRun:
    """Shows one session at a time."""

    def __init__(self, canvas: PipelineCanvas, clock: Callable[[], float]) -> None:
        self.moves = True
        self._canvas = canvas
        self._clock = clock
        self._session: Session | None = None
        self._tallies = Tallies()
        self._later: set[str] = set()
        """Nodes out of sight that are still to be shown as they stand by then."""
        self._rest = QTimer(canvas)
        self._rest.timeout.connect(self._show_later)
        self._timer = QTimer(canvas)
        self._timer.timeout.connect(self._tick)

    def show(self, session: Session | None) -> None:
        """Leaves the session shown before; None leaves no state on any node."""
        if self._session is not None:
            self._session.tasks_changed.disconnect(self._show_tasks)
            self._session.run_changed.disconnect(self._show_all)
        self._session = session
        self._tallies = Tallies(self._tallies.prefix)
        self._forget()
        self._canvas.runs_changed(len(self._canvas.stage.nodes))
        if session is not None:
            session.tasks_changed.connect(self._show_tasks)
            session.run_changed.connect(self._show_all)
            self._show_all(session.state)

    def show_level(self, prefix: str, exchange: Callable[[], None]) -> None:
        """Lets `exchange` put another pipeline on the canvas, whose tasks' ids begin with `prefix`, and shows those."""
        self._forget()
        self._tallies = Tallies(prefix)
        exchange()
        if self._session is not None:
            self._show_all(self._session.state)

    def _forget(self) -> None:
        self._canvas.stage.runs.clear()
        self._later.clear()
        self._rest.stop()
        self._timer.stop()

    def _show_all(self, state: object) -> None:
        if self._session is not None:
            self._show_tasks(frozenset(self._session.state.tasks))

    def _show_tasks(self, ids: Iterable[str]) -> None:
        if self._session is None:
            return
        names = self._tallies.take(ids, self._session.state.tasks)
        if len(names) > _AT_ONCE and not self._canvas.is_far:
            seen = names & self._canvas.stage.mirror.nodes_in(self._canvas.camera.seen())
            self._later |= names - seen
            self._rest.start(0)
            names = seen
        faces = self._faces(names)
        many = len(faces) > _AT_ONCE or self._canvas.is_far
        self._canvas.stage.runs.show(faces, repaint=not many)
        self._canvas.runs_changed(len(faces))
        self._keep_time()

    def _show_later(self) -> None:
        names = [self._later.pop() for _ in range(min(_AT_ONCE, len(self._later)))]
        self._canvas.stage.runs.show(self._faces(names))
        if not self._later:
            self._rest.stop()
            self._canvas.runs_changed(len(names))
        self._keep_time()

    def _keep_time(self) -> None:
        running = bool(self._canvas.stage.runs.running)
        if running and not self._timer.isActive():
            self._timer.start(_FRAME_MS if self.moves else _STILL_MS)
        elif not running:
            self._timer.stop()

    def _faces(self, names: Iterable[str]) -> dict[str, RunFace]:
        if self._session is None:
            return {}
        tasks, maps, now, session = self._session.state.tasks, self._session.state.maps, self._clock(), self._session
        faces: dict[str, RunFace] = {}
        for name in names:
            id_ = f"{self._tallies.prefix}{name}"
            if (task := tasks.get(id_)) is not None:
                tried = task.number - task.spent > 1 or task.status is TaskStatus.RETRYING
                allowed = session.attempts_allowed(id_) if tried else None
                faces[name] = run_face(task, now, allowed, maps.get(id_))
            elif (tally := self._tallies.of(name)) is not None:
                faces[name] = group_face(tally)
        return faces

    def _tick(self) -> None:
        """Durations count on, bars wander, dashes run: only at nodes that run and are seen."""
        stage, now = self._canvas.stage, self._clock()
        if not stage.runs.running:
            self._timer.stop()
            return
        if self._canvas.is_far or not self._canvas.isVisible():
            return
        seen = self._canvas.camera.seen()
        visible = [
            name for name in stage.runs.running if name in stage.nodes and stage.nodes[name].box().intersects(seen)
        ]
        stage.runs.show(self._faces(visible))
        if self.moves:
            for name in visible:
                self._animate(name, now)

    def _animate(self, name: str, now: float) -> None:
        item = self._canvas.stage.nodes[name]
        if item.run.state == "running" and item.run.fraction is None:
            item.phase = (now % _CYCLE) / _CYCLE
            item.update()
        for edge in self._canvas.stage.touching(name):
            if edge.running:
                edge.flow((now % _FLOW) / _FLOW)
