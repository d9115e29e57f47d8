"""What a hand does on an empty canvas reaches the canvas, through the words that cover it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from treadle.spec.edits import remove_nodes
from treadle_gui.canvas.empty import EmptyCanvas
from treadle_gui.canvas.gestures.drop import COMPONENT_MIME
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def empty(make_canvas: Callable[[Document], PipelineCanvas], document: Document) -> PipelineCanvas:
    document.edit("Empty", lambda pipeline: remove_nodes(pipeline, pipeline.nodes))
    return make_canvas(document)


def test_a_component_dropped_on_the_words_becomes_a_node(
    empty: PipelineCanvas, document: Document, qtbot: QtBot
) -> None:
    data = QMimeData()
    data.setData(COMPONENT_MIME, b"data.read")
    cover = empty.overlays.empty
    place = QPoint(300, 300)
    entering = QDragEnterEvent(place, Qt.DropAction.CopyAction, data, LEFT, PLAIN)
    QApplication.sendEvent(cover, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(cover, QDropEvent(QPointF(place), Qt.DropAction.CopyAction, data, LEFT, PLAIN))
    assert [node.uses for node in document.pipeline.nodes.values()] == ["data.read"]
    qtbot.waitUntil(lambda: not cover.isVisible(), timeout=1000)


def test_a_double_click_on_the_words_asks_for_a_component(empty: PipelineCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(empty.quick_add_requested, timeout=1000):
        QTest.mouseDClick(empty.overlays.empty, LEFT, PLAIN, QPoint(300, 300))
    empty.quick_add.hide()


def test_a_canvas_lives_on_when_garbage_is_collected_while_it_is_painted(
    make_canvas: Callable[[Document], PipelineCanvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A canvas and its parts hold each other, so to the collector it is garbage once nobody else holds it. Collected
    # here, it takes along the ground that the painter paints on: a segmentation fault.
    alive: list[bool] = []
    canvas = weakref.ref(make_canvas(Document()))
    gc.collect()
    assert canvas() is not None
    paint = EmptyCanvas._paint_edges

    def collect_then_paint(cover: EmptyCanvas, painter: QPainter) -> None:
        gc.collect()
        alive.append(canvas() is not None)
        paint(cover, painter)

    monkeypatch.setattr(EmptyCanvas, "_paint_edges", collect_then_paint)
    QApplication.processEvents()
    assert alive
    assert all(alive)
