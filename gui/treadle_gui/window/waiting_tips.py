"""WaitingTips: the tooltip of a node that might begin says what it waits for, as soon as the engine has told."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from treadle.host.api import Why
from treadle.run.state import TaskStatus
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.canvas.words import describe_node
from treadle_gui.runs.reasons import Reasons
from treadle_gui.style.widgets import plain_tooltip

__all__ = ["WaitingTips"]

_MAY_WAIT = (TaskStatus.PENDING, TaskStatus.RETRYING)

Waiting = Callable[[str], tuple[str, str] | None]
"""A node of the canvas → its run and task, where it might begin now."""


class WaitingTips(QObject):
    """Adds a line to the canvas's own tooltip while that is shown."""

    def __init__(self, canvas: PipelineCanvas, reasons: Reasons, waiting: Waiting) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._reasons = reasons
        self._waiting = waiting
        self._asked: tuple[str, str] | None = None
        self._node = ""
        self._place = QPoint()
        reasons.came.connect(self._show)
        canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            item = self._canvas.stage.node_at(self._canvas.mapToScene(event.pos()))
            self._asked = self._waiting(item.face.id) if item is not None else None
            if item is not None and self._asked is not None:
                self._node, self._place = item.face.id, event.globalPos()
                self._reasons.ask(*self._asked)
        return False

    def _show(self, why: Why) -> None:
        item = self._canvas.stage.nodes.get(self._node)
        if item is None or (why.run, why.task) != self._asked or why.status not in _MAY_WAIT:
            return
        if QToolTip.isVisible():
            words = f"{describe_node(item.face, item.run)}\n{why.reason}"
            QToolTip.showText(self._place, plain_tooltip(words), self._canvas.viewport())
