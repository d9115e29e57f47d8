"""The widget: keyboard, camera, drops, quick add, painting at every distance, what an empty canvas says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from treadle.execute.protocol import Failed
from treadle.run.state import TaskState, TaskStatus
from treadle.spec.component import Component, InputPort, SourceRef
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.types import PortType
from treadle_gui.canvas.faces import node_face
from treadle_gui.canvas.geometry import TEXT_ZOOM
from treadle_gui.canvas.gestures.drop import COMPONENT_MIME
from treadle_gui.canvas.gestures.gesture import OpenEnd
from treadle_gui.canvas.quick_search import ranked
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.canvas.words import describe_edge, describe_port, tooltip_at
from treadle_gui.document.document import Document
from treadle_gui.style.tokens import LIGHT, Theme

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Make = Callable[[Document], PipelineCanvas]


class PaintWatch(QObject):
    """Notes what is painted of a widget."""

    def __init__(self, areas: list[QRect], parent: QObject) -> None:
        super().__init__(parent)
        self._areas = areas

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self._areas.append(event.rect())
        return False


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name().upper() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)
    }


def drag_in(canvas: PipelineCanvas, at: QPointF, uses: str, *, drop: bool = True) -> bool:
    """Whether the canvas took it."""
    data = QMimeData()
    data.setData(COMPONENT_MIME, uses.encode())
    point = canvas.mapFromScene(at)
    rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(point, *rest)
    QApplication.sendEvent(canvas.viewport(), enter)
    QApplication.sendEvent(canvas.viewport(), QDragMoveEvent(point, *rest))
    if drop:
        QApplication.sendEvent(canvas.viewport(), QDropEvent(QPointF(point), *rest))
    return enter.isAccepted()


# Keyboard


def test_ctrl_arrows_walk_the_nodes_and_shift_extends(canvas: PipelineCanvas, document: Document, qtbot: QtBot) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert document.selection == {"load"}
    qtbot.keyClick(canvas, Qt.Key.Key_Right, CTRL)
    assert (canvas.hands.current, document.selection) == ("clean", {"clean"})
    qtbot.keyClick(canvas, Qt.Key.Key_Right, CTRL | SHIFT)
    assert (canvas.hands.current, document.selection) == ("fit", {"clean", "fit"})
    assert [name for name, item in canvas.stage.nodes.items() if item.current] == ["fit"]
    assert "Fit model" in canvas.accessibleDescription()


def test_enter_opens_the_node_that_has_the_keyboard(canvas: PipelineCanvas, qtbot: QtBot) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    with qtbot.waitSignal(canvas.node_activated) as opened:
        qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert opened.args == ["load"]


def test_arrows_nudge_and_a_series_is_one_undo_step(canvas: PipelineCanvas, document: Document, qtbot: QtBot) -> None:
    document.select({"fit"})
    for _ in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_Down)
    qtbot.keyClick(canvas, Qt.Key.Key_Right, SHIFT)
    assert document.pipeline.view["fit"] == (577.0, 24.0)
    document.undo()
    assert document.pipeline.view["fit"] == (576.0, 0.0)


def test_select_all_and_delete(canvas: PipelineCanvas, document: Document, qtbot: QtBot) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_A, CTRL)
    assert len(document.selection) == 4
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert document.pipeline.nodes == {}
    assert document.undo_label == "Delete 4 nodes"
    document.undo()
    assert len(canvas.stage.nodes) == 4


def test_esc_clears_the_selection(canvas: PipelineCanvas, document: Document, qtbot: QtBot) -> None:
    document.select({"fit"})
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert document.selection == frozenset()


def test_keys_fit_and_go_to_full_size(canvas: PipelineCanvas, qtbot: QtBot) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_Plus, CTRL)
    assert canvas.zoom() == pytest.approx(1.25)
    qtbot.keyClick(canvas, Qt.Key.Key_1, CTRL)
    assert canvas.zoom() == 1.0
    canvas.centerOn(9000, 9000)
    qtbot.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.camera.seen().contains(canvas.stage.bounds())


# Camera


def wheel(canvas: PipelineCanvas, at: QPoint, angle: QPoint, keys: Qt.KeyboardModifier) -> None:
    viewport = canvas.viewport()
    event = QWheelEvent(
        QPointF(at), QPointF(viewport.mapToGlobal(at)), QPoint(), angle, Qt.MouseButton.NoButton, keys,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_ctrl_and_wheel_zooms_about_the_pointer(canvas: PipelineCanvas) -> None:
    at = QPoint(900, 200)
    held = canvas.mapToScene(at)
    wheel(canvas, at, QPoint(0, 120), CTRL)
    assert canvas.zoom() > 1.1
    assert (canvas.mapToScene(at) - held).manhattanLength() < 2


def test_the_wheel_scrolls_and_shift_scrolls_sideways(canvas: PipelineCanvas) -> None:
    at, before = QPoint(600, 300), canvas.mapToScene(0, 0)
    wheel(canvas, at, QPoint(0, -120), Qt.KeyboardModifier.NoModifier)
    assert canvas.mapToScene(0, 0) == before + QPointF(0, 120)
    wheel(canvas, at, QPoint(0, -120), SHIFT)
    assert canvas.mapToScene(0, 0) == before + QPointF(120, 120)
    assert canvas.zoom() == 1.0


def test_zoom_has_bounds(canvas: PipelineCanvas) -> None:
    canvas.zoom_to(1000)
    assert canvas.zoom() == 4.0
    canvas.zoom_to(0)
    assert canvas.zoom() == pytest.approx(0.02)


def test_reveal_brings_a_node_into_view_and_selects_it(canvas: PipelineCanvas, document: Document) -> None:
    canvas.centerOn(9000, 9000)
    canvas.reveal("score")
    assert canvas.camera.seen().contains(canvas.stage.nodes["score"].box())
    assert document.selection == {"score"}
    canvas.zoom_to(0.3)
    canvas.reveal("score")
    assert canvas.zoom() > TEXT_ZOOM  # at it some nodes would be painted as from afar, and others not
    canvas.reveal("no such node")
    assert document.selection == {"score"}


def test_arrange_is_one_undoable_step(canvas: PipelineCanvas, document: Document) -> None:
    document.edit("Heap up", lambda p: Pipeline(nodes=p.nodes, view=dict.fromkeys(p.nodes, (0.0, 0.0))))
    canvas.arrange()
    boxes = [item.box() for item in canvas.stage.nodes.values()]
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    assert document.undo_label == "Arrange"
    document.undo()
    assert set(document.pipeline.view.values()) == {(0.0, 0.0)}


def test_arranging_glides_where_motion_is_allowed(canvas: PipelineCanvas, document: Document, qtbot: QtBot) -> None:
    canvas.set_motion(True)
    document.edit("Heap up", lambda p: Pipeline(nodes=p.nodes, view=dict.fromkeys(p.nodes, (0.0, 0.0))))
    canvas.arrange()
    goal = QPointF(*document.pipeline.view["score"])
    qtbot.waitUntil(lambda: canvas.stage.position("score") == goal, timeout=2000)


# Drops


def test_a_dropped_component_becomes_a_selected_node(canvas: PipelineCanvas, document: Document) -> None:
    assert drag_in(canvas, QPointF(200, 260), "train.fit")
    assert document.selection == {"fit_2"}
    assert document.undo_label == "Add Fit model"
    x, y = document.pipeline.view["fit_2"]
    assert (x % 8, y % 8) == (0, 0)
    assert canvas.stage.nodes["fit_2"].box().contains(QPointF(200, 260))


def test_a_component_dropped_on_an_edge_goes_into_it(canvas: PipelineCanvas, document: Document, mouse) -> None:
    middle = (mouse.output("load", "table") + mouse.input("clean", "data")) / 2
    drag_in(canvas, middle, "prepare.clean")
    assert document.pipeline.nodes["clean"].inputs["data"] == (Endpoint("clean_2", "table"),)
    assert document.pipeline.nodes["clean_2"].inputs["data"] == (Endpoint("load", "table"),)
    document.undo()
    assert document.pipeline.nodes["clean"].inputs["data"] == (Endpoint("load", "table"),)


def test_an_unknown_component_is_not_taken(canvas: PipelineCanvas, document: Document) -> None:
    assert not drag_in(canvas, QPointF(200, 260), "no.such")
    assert not document.can_undo


# Quick add


def test_quick_add_connects_the_end_that_was_left_open(
    canvas: PipelineCanvas, document: Document, qtbot: QtBot
) -> None:
    canvas.ask_component(QPoint(400, 400), OpenEnd(Endpoint("fit", "model"), True), QPointF(800, 300))
    quick = canvas.quick_add
    titles = [quick.list.item(row).text() for row in range(quick.list.count())]
    assert titles == ["Score model"]
    qtbot.keyClick(quick.field, Qt.Key.Key_Return)
    assert document.pipeline.nodes["score_2"].inputs == {"model": (Endpoint("fit", "model"),)}
    assert document.undo_label == "Add Score model"
    assert not quick.isVisible()


def test_quick_add_narrows_as_one_types_and_says_when_nothing_fits(
    canvas: PipelineCanvas, document: Document, qtbot: QtBot
) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_Tab)
    quick = canvas.quick_add
    assert quick.isVisible()
    assert quick.list.count() == 5
    qtbot.keyClicks(quick.field, "sco")
    assert quick.list.currentItem().text() == "Score model"
    qtbot.keyClicks(quick.field, "xyz")
    assert quick.list.count() == 0
    assert "scoxyz" in quick.nothing.text()
    qtbot.keyClick(quick.field, Qt.Key.Key_Escape)
    assert not quick.isVisible()
    assert not document.can_undo


def test_a_component_added_over_a_node_makes_room(canvas: PipelineCanvas, qtbot: QtBot) -> None:
    canvas.ask_component(QPoint(400, 300), None, canvas.stage.nodes["clean"].box().center())
    qtbot.keyClicks(canvas.quick_add.field, "fit")
    qtbot.keyClick(canvas.quick_add.field, Qt.Key.Key_Return)
    added = canvas.stage.nodes["fit_2"].box()
    assert not any(item.box().intersects(added) for name, item in canvas.stage.nodes.items() if name != "fit_2")


def test_a_title_that_begins_so_comes_before_one_that_contains_it(document: Document) -> None:
    found = [component.title for component in ranked(document.catalog.components.values(), "c")]
    assert found[:2] == ["Clean rows", "Compare"]
    assert found.index("Read CSV") > 1


# Words


def test_the_tooltip_of_a_failed_node_has_its_error(canvas: PipelineCanvas, session) -> None:
    canvas.show_run(session)
    session.set(fit=TaskState(TaskStatus.FAILED, 1, outcome=Failed("KeyError", "'<b>delay</b>'")))
    text = tooltip_at(canvas.stage, canvas.stage.nodes["fit"].box().center(), 8)
    assert "KeyError: '<b>delay</b>'" in text.splitlines()


def test_a_port_says_what_its_component_says_of_it() -> None:
    rows = InputPort("train", PortType("Table"), optional=True, help="The rows to learn from.")
    fit = Component("train.fit", "Fit", SourceRef("train.py", "train", "fit", 1), inputs=(rows,))
    [port] = node_face(Node("fit", "train.fit"), fit).inputs
    assert describe_port(port, "in") == "train: Table (optional input)\nThe rows to learn from."


def test_tooltips_name_ports_and_edges(canvas: PipelineCanvas, mouse) -> None:
    assert tooltip_at(canvas.stage, mouse.output("fit", "model"), 8) == "model: Model (output)"
    middle = (mouse.output("load", "table") + mouse.input("clean", "data")) / 2
    assert tooltip_at(canvas.stage, middle, 8) == "load.table → clean.data\nTable"
    assert tooltip_at(canvas.stage, QPointF(0, 900), 8) == ""
    edge = canvas.stage.edge_at(middle, 8)
    assert edge is not None
    assert describe_edge(edge).startswith("load.table")


# Painting


@pytest.mark.parametrize("zoom", [0.1, 0.4, 1.0, 2.0])
def test_states_are_painted_at_every_distance(canvas: PipelineCanvas, session, theme: Theme, zoom: float) -> None:
    canvas.show_run(session)
    session.set(
        load=TaskState(TaskStatus.SUCCEEDED, 1, started_at=1.0, finished_at=2.0),
        clean=TaskState(TaskStatus.RUNNING, 1, started_at=1.0, fraction=0.5),
        fit=TaskState(TaskStatus.FAILED, 1, outcome=Failed("E", "m")),
    )
    canvas.zoom_to(zoom)
    canvas.centerOn(432, 60)
    seen = colours(canvas.grab().toImage())
    assert {theme.succeeded, theme.running, theme.failed} <= seen


def test_switching_the_theme_repaints_everything(canvas: PipelineCanvas, theme: Theme) -> None:
    assert theme.node in colours(canvas.grab().toImage())
    canvas.set_theme(LIGHT)
    seen = colours(canvas.grab().toImage())
    assert LIGHT.node in seen
    assert LIGHT.canvas in seen
    assert theme.node not in seen


def test_a_drag_paints_its_ghost_and_leaving_takes_it_away(canvas: PipelineCanvas, theme: Theme) -> None:
    before = canvas.grab().toImage()
    drag_in(canvas, QPointF(200, 260), "train.fit", drop=False)
    assert canvas.grab().toImage() != before
    QApplication.sendEvent(canvas.viewport(), QDragLeaveEvent())
    assert canvas.grab().toImage() == before


def test_the_minimap_shows_only_when_not_all_is_seen(canvas: PipelineCanvas, qtbot: QtBot) -> None:
    canvas.zoom_to(2.0)
    qtbot.waitUntil(canvas.overlays.minimap.isVisible, timeout=1000)
    canvas.fit()
    qtbot.waitUntil(lambda: not canvas.overlays.minimap.isVisible(), timeout=1000)


def test_a_press_in_the_minimap_looks_there(canvas: PipelineCanvas, qtbot: QtBot) -> None:
    canvas.zoom_to(2.0)
    canvas.centerOn(0, 0)
    qtbot.waitUntil(canvas.overlays.minimap.isVisible, timeout=1000)
    qtbot.mouseClick(canvas.overlays.minimap, Qt.MouseButton.LeftButton, pos=QPoint(180, 64))
    assert canvas.camera.centre().x() > 800


# Empty


def test_an_empty_canvas_offers_three_ways_on(make_canvas: Make, qtbot: QtBot) -> None:
    canvas = make_canvas(Document())
    assert canvas.overlays.empty.isVisible()
    heard: list[str] = []
    canvas.quick_add_requested.connect(lambda *_: heard.append("add"))
    canvas.open_requested.connect(lambda: heard.append("open"))
    canvas.example_requested.connect(lambda: heard.append("example"))
    for button in canvas.overlays.empty.findChildren(QPushButton):
        button.click()
    assert heard == ["add", "open", "example"]


def test_the_first_node_clears_the_empty_message(make_canvas: Make, document: Document, qtbot: QtBot) -> None:
    empty = Document(Pipeline(), document.catalog)
    canvas = make_canvas(empty)
    drag_in(canvas, QPointF(0, 0), "data.read")
    qtbot.waitUntil(lambda: not canvas.overlays.empty.isVisible(), timeout=1000)
    assert list(empty.pipeline.nodes) == ["read"]


def test_a_context_menu_is_told_what_it_is_for(canvas: PipelineCanvas, document: Document, mouse) -> None:
    asked: list[tuple[str, object]] = []
    canvas.context_requested.connect(lambda kind, what, _: asked.append((kind, what)))
    middle = (mouse.output("load", "table") + mouse.input("clean", "data")) / 2
    for at in (mouse.header("fit"), middle, QPointF(300, 280)):
        point = mouse.view(at)
        spot = canvas.viewport().mapToGlobal(point)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, spot)
        QApplication.sendEvent(canvas.viewport(), event)
    assert [kind for kind, _ in asked] == ["node", "edge", "canvas"]
    assert asked[0][1] == "fit"
    assert document.selection == {"fit"}


def test_all_that_was_fitted_stays_in_view_until_a_person_looks_elsewhere(canvas: PipelineCanvas) -> None:
    canvas.set_motion(False)
    canvas.fit()
    canvas.resize(500, 300)
    assert canvas.camera.seen().contains(canvas.stage.bounds())
    canvas.zoom_to(0.8)
    canvas.resize(700, 500)
    assert canvas.zoom() == pytest.approx(0.8)


def test_panning_repaints_only_what_came_into_view(make_canvas: Make, document: Document, qtbot: QtBot) -> None:
    canvas = make_canvas(document)
    canvas.set_motion(False)
    canvas.zoom_to(1.6)
    canvas.centerOn(canvas.stage.bounds().center())
    qtbot.waitUntil(canvas.overlays.minimap.isVisible, timeout=1000)
    corner = canvas.overlays.minimap.pos()
    qtbot.wait(100)
    areas: list[QRect] = []
    canvas.viewport().installEventFilter(watcher := PaintWatch(areas, canvas))
    canvas.scroll_by(8, 0)
    qtbot.waitUntil(lambda: bool(areas), timeout=1000)
    canvas.viewport().removeEventFilter(watcher)
    assert all(area.width() < canvas.width() / 2 for area in areas)
    assert canvas.overlays.minimap.pos() == corner
