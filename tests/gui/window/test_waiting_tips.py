"""The tooltip of a node that might begin says what it waits for; others are not asked about."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from treadle.catalog.catalog import Catalog
from treadle.host.api import Why
from treadle.spec.pipeline import Node, Pipeline
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document
from treadle_gui.runs.reasons import Reasons
from treadle_gui.style.tokens import Theme
from treadle_gui.window.waiting_tips import WaitingTips

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "does not support")


class Asked(Reasons):
    def __init__(self) -> None:
        super().__init__(lambda run, task: asyncio.sleep(0))  # type: ignore[arg-type, return-value]
        self.about: list[tuple[str, str]] = []

    def ask(self, run: str, task: str) -> None:
        self.about.append((run, task))


@pytest.fixture
def canvas(qtbot: QtBot, theme: Theme) -> PipelineCanvas:
    nodes = {"fit": Node("fit", "m.f"), "load": Node("load", "m.f")}
    document = Document(Pipeline(nodes=nodes, view={"fit": (0, 0), "load": (400, 0)}), Catalog({}, (), {}))
    made = PipelineCanvas(document, theme)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    qtbot.waitUntil(lambda: bool(document.problems))  # it is drawn, and nothing comes after the test
    return made


def hover(canvas: PipelineCanvas, node: str) -> None:
    at = canvas.mapFromScene(canvas.stage.nodes[node].sceneBoundingRect().center())
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, canvas.viewport().mapToGlobal(QPoint(at)))
    QApplication.sendEvent(canvas.viewport(), event)


def test_what_a_node_waits_for_is_added_when_it_is_known(canvas: PipelineCanvas) -> None:
    asked = Asked()
    WaitingTips(canvas, asked, lambda node: ("r1", node) if node == "fit" else None)
    hover(canvas, "load")
    assert asked.about == []
    hover(canvas, "fit")
    assert asked.about == [("r1", "fit")]
    asked.came.emit(Why("r1", "load", "pending", "waits for <b>nothing</b>"))
    assert "nothing" not in QToolTip.text()
    asked.came.emit(Why("r1", "fit", "succeeded", "its code changed"))
    assert "changed" not in QToolTip.text()
    asked.came.emit(Why("r1", "fit", "pending", "waits for pool db (1 of 1 taken by <b>load</b>)"))
    assert "waits for pool db" in QToolTip.text()
    assert "<b>load</b>" not in QToolTip.text()
    QToolTip.hideText()
