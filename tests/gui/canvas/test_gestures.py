"""Gestures with a mouse: each is one undo step, and Esc leaves everything as it was."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from treadle.spec import edits
from treadle.spec.pipeline import Endpoint
from treadle_gui.canvas.gestures.gesture import OpenEnd
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document

MIDDLE = Qt.MouseButton.MiddleButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


def sources(document: Document, node: str, port: str) -> list[str]:
    return [str(end) for end in document.pipeline.nodes[node].inputs.get(port, ())]


def test_dragging_a_node_moves_it_on_the_grid_in_one_step(mouse, document: Document) -> None:
    start = mouse.header("clean")
    mouse.drag(start, start + QPointF(43, 101))
    assert document.pipeline.view["clean"] == (328.0, 104.0)
    assert document.undo_label == "Move Clean rows"
    document.undo()
    assert document.pipeline.view["clean"] == (288.0, 0.0)
    assert not document.can_undo


def test_dragging_one_of_several_moves_all(mouse, document: Document) -> None:
    document.select({"load", "clean"})
    start = mouse.header("load")
    mouse.drag(start, start + QPointF(0, 80))
    assert {name: document.pipeline.view[name][1] for name in document.pipeline.nodes} == {
        "load": 80.0, "clean": 80.0, "fit": 0.0, "score": 0.0,
    }  # fmt: skip
    assert document.undo_label == "Move 2 nodes"


def test_a_press_that_trembles_moves_nothing(mouse, document: Document) -> None:
    start = mouse.header("clean")
    mouse.press(start)
    mouse.move(start + QPointF(2, 1))
    mouse.release(start + QPointF(2, 1))
    assert not document.can_undo
    assert document.selection == {"clean"}


def test_esc_puts_a_dragged_node_back(mouse, canvas: PipelineCanvas, document: Document, qtbot: QtBot) -> None:
    start = mouse.header("clean")
    mouse.press(start)
    mouse.move(start + QPointF(80, 80))
    assert canvas.stage.position("clean") == QPointF(368, 80)
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    mouse.release(start + QPointF(80, 80))
    assert canvas.stage.position("clean") == QPointF(288, 0)
    assert not document.can_undo


def test_an_undo_in_the_middle_of_a_drag_cancels_it(mouse, canvas: PipelineCanvas, document: Document) -> None:
    document.edit("Set rate", lambda pipeline: edits.set_param(pipeline, "fit", "rate", 0.5))
    start = mouse.header("clean")
    mouse.press(start)
    mouse.move(start + QPointF(80, 80))
    document.undo()
    mouse.release(start + QPointF(80, 80))
    assert canvas.stage.position("clean") == QPointF(288, 0)
    assert not document.can_undo


def test_clicks_select_and_shift_or_ctrl_add_and_take_away(mouse, document: Document) -> None:
    mouse.click(mouse.header("load"))
    assert document.selection == {"load"}
    mouse.click(mouse.header("fit"), SHIFT)
    assert document.selection == {"load", "fit"}
    mouse.click(mouse.header("load"), CTRL)
    assert document.selection == {"fit"}
    mouse.click(QPointF(100, 300))
    assert document.selection == frozenset()


def test_a_click_on_one_of_several_picks_it_out(mouse, document: Document) -> None:
    document.select({"load", "clean"})
    mouse.click(mouse.header("clean"))
    assert document.selection == {"clean"}


def test_a_marquee_selects_what_it_touches(mouse, document: Document) -> None:
    mouse.drag(QPointF(-20, -30), QPointF(320, 20))
    assert document.selection == {"load", "clean"}


def test_a_marquee_with_shift_adds(mouse, document: Document) -> None:
    document.select({"score"})
    mouse.press(QPointF(-20, -30), keys=SHIFT)
    mouse.move(QPointF(100, 40), keys=SHIFT)
    mouse.release(QPointF(100, 40), keys=SHIFT)
    assert document.selection == {"load", "score"}


def test_the_middle_button_pans(mouse, canvas: PipelineCanvas) -> None:
    before = mouse.view(QPointF(0, 0))
    start = canvas.mapToScene(300, 300)
    mouse.press(start, MIDDLE)
    mouse.move(start + QPointF(60, 40), MIDDLE)
    mouse.release(start + QPointF(60, 40), MIDDLE)
    assert mouse.view(QPointF(0, 0)) - before == mouse.view(QPointF(60, 40)) - mouse.view(QPointF(0, 0))


def test_space_and_drag_pans_and_selects_nothing(
    mouse, canvas: PipelineCanvas, document: Document, qtbot: QtBot
) -> None:
    before = canvas.mapToScene(0, 0)
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    mouse.drag(QPointF(0, 0), QPointF(50, 0))
    qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.mapToScene(0, 0) != before
    assert document.selection == frozenset()


def test_an_output_dragged_to_an_input_connects(mouse, document: Document) -> None:
    mouse.drag(mouse.output("load", "table"), mouse.input("clean", "extra"))
    assert sources(document, "clean", "extra") == ["load.table"]
    document.undo()
    assert sources(document, "clean", "extra") == []


def test_an_input_dragged_to_an_output_connects(mouse, document: Document) -> None:
    mouse.drag(mouse.input("clean", "extra"), mouse.output("load", "table"))
    assert sources(document, "clean", "extra") == ["load.table"]


def test_an_end_let_go_near_a_port_is_drawn_to_it(mouse, document: Document) -> None:
    mouse.drag(mouse.output("load", "table"), mouse.input("clean", "extra") + QPointF(-20, 14))
    assert sources(document, "clean", "extra") == ["load.table"]


def test_an_end_let_go_on_a_nodes_body_takes_its_first_fitting_port(mouse, document: Document) -> None:
    document.edit("Cut", lambda p: edits.remove_nodes(p, {"clean"}))
    mouse.drag(mouse.output("load", "table"), mouse.header("fit") + QPointF(40, 30))
    assert sources(document, "fit", "train") == ["load.table"]


def test_a_new_edge_takes_the_place_of_the_old_one(mouse, document: Document) -> None:
    mouse.drag(mouse.output("load", "table"), mouse.input("score", "test"))
    assert sources(document, "score", "test") == ["load.table"]


def test_ports_that_fit_light_up_while_an_edge_is_dragged(mouse, canvas: PipelineCanvas) -> None:
    mouse.press(mouse.output("load", "table"))
    mouse.move(mouse.output("load", "table") + QPointF(30, 30))
    marks = {name: dict(item.marks or {}) for name, item in canvas.stage.nodes.items()}
    assert marks["clean"][("in", "data")]
    assert marks["score"].get(("in", "test")) is True
    assert ("in", "model") not in marks["score"]
    mouse.release(mouse.output("load", "table"))
    assert all(item.marks is None for item in canvas.stage.nodes.values())


def test_a_wrong_port_refuses_even_beside_one_that_fits(mouse, canvas: PipelineCanvas, document: Document) -> None:
    said: list[str] = []
    canvas.hint.connect(said.append)
    mouse.press(mouse.output("load", "table"))
    mouse.move(mouse.input("score", "model") + QPointF(2, 2))
    assert canvas.overlays.note.text() == "score.model wants Model, load.table gives Table"
    assert canvas.overlays.note.isVisible()
    mouse.release(mouse.input("score", "model") + QPointF(2, 2))
    assert said == ["score.model wants Model, load.table gives Table"]
    assert not document.can_undo


def test_a_node_without_a_fitting_port_says_why(mouse, canvas: PipelineCanvas, document: Document) -> None:
    mouse.press(mouse.output("load", "table"))
    mouse.move(mouse.header("score") + QPointF(0, -14))
    assert canvas.hands.gesture is not None
    mouse.move(mouse.output("score", "metrics"))
    assert canvas.overlays.note.text() == "an output feeds an input"
    mouse.release(mouse.output("score", "metrics"))
    assert not canvas.overlays.note.isVisible()


def test_a_node_does_not_feed_itself(mouse, canvas: PipelineCanvas, document: Document) -> None:
    said: list[str] = []
    canvas.hint.connect(said.append)
    mouse.drag(mouse.output("clean", "table"), mouse.input("clean", "extra"))
    assert sources(document, "clean", "extra") == []
    assert said == ["clean can't feed itself"]


def test_a_cycle_is_refused(mouse, canvas: PipelineCanvas, document: Document) -> None:
    said: list[str] = []
    canvas.hint.connect(said.append)
    document.edit("More", lambda p: edits.add_node(p, "prepare.clean", (288.0, 200.0), id="late")[0])
    document.edit("More", lambda p: edits.connect(p, Endpoint("clean", "table"), Endpoint("late", "data")))
    mouse.drag(mouse.output("late", "table"), mouse.input("clean", "extra"))
    assert sources(document, "clean", "extra") == []
    assert said == ["clean already leads to late: the two would wait for each other"]


def test_taking_an_edge_off_its_input_disconnects(mouse, document: Document) -> None:
    mouse.drag(mouse.input("score", "test"), QPointF(860, 250))
    assert sources(document, "score", "test") == []
    assert document.undo_label == "Disconnect score.test"


def test_an_edge_taken_off_can_be_led_elsewhere_in_one_step(mouse, document: Document) -> None:
    document.edit("Free", lambda p: edits.connect(p, Endpoint("load", "table"), Endpoint("clean", "extra")))
    document.seal()
    mouse.drag(mouse.input("clean", "extra"), mouse.input("score", "test"))
    assert sources(document, "clean", "extra") == []
    assert sources(document, "score", "test") == ["load.table"]
    document.undo()
    assert sources(document, "clean", "extra") == ["load.table"]
    assert sources(document, "score", "test") == ["clean.table"]


def test_an_edge_put_back_where_it_was_changes_nothing(mouse, document: Document) -> None:
    at = mouse.input("score", "test")
    mouse.press(at)
    mouse.move(at + QPointF(-60, 60))
    mouse.move(at)
    mouse.release(at)
    assert not document.can_undo


def test_an_end_let_go_on_nothing_asks_for_a_component(mouse, canvas: PipelineCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.quick_add_requested) as asked:
        mouse.drag(mouse.output("fit", "model"), QPointF(560, 260))
    assert asked.args[1] == OpenEnd(Endpoint("fit", "model"), is_output=True)
    assert (asked.args[2] - QPointF(560, 260)).manhattanLength() <= 2
    canvas.quick_add.hide()


def test_a_lone_node_let_go_over_an_edge_goes_into_it(mouse, canvas: PipelineCanvas, document: Document) -> None:
    document.edit("Add", lambda p: edits.add_node(p, "prepare.clean", (0.0, 240.0), id="mid")[0])
    document.seal()
    middle = (mouse.output("load", "table") + mouse.input("clean", "data")) / 2
    grip = mouse.header("mid") - canvas.stage.nodes["mid"].box().center()
    mouse.drag(mouse.header("mid"), middle + grip)
    assert sources(document, "mid", "data") == ["load.table"]
    assert sources(document, "clean", "data") == ["mid.table"]
    assert document.undo_label == "Insert Clean rows"
    document.undo()
    assert sources(document, "clean", "data") == ["load.table"]
    assert document.pipeline.view["mid"] == (0.0, 240.0)


def test_a_clicked_edge_is_chosen_and_deleted(mouse, canvas: PipelineCanvas, document: Document, qtbot: QtBot) -> None:
    middle = (mouse.output("load", "table") + mouse.input("clean", "data")) / 2
    mouse.click(middle)
    assert canvas.hands.chosen_edge is not None
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert sources(document, "clean", "data") == []


def test_a_double_click_on_a_node_opens_it(mouse, canvas: PipelineCanvas, qtbot: QtBot) -> None:
    at = mouse.view(mouse.header("fit"))
    with qtbot.waitSignal(canvas.node_activated) as opened:
        qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert opened.args == ["fit"]


def test_a_double_click_on_nothing_asks_for_a_component(mouse, canvas: PipelineCanvas, qtbot: QtBot) -> None:
    with qtbot.waitSignal(canvas.quick_add_requested) as asked:
        qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=mouse.view(QPointF(300, 250)))
    assert asked.args[1] is None
    canvas.quick_add.hide()


@pytest.mark.parametrize("zoom", [0.2, 0.5, 1.0, 2.0])
def test_a_node_can_be_dragged_at_every_zoom(mouse, canvas: PipelineCanvas, document: Document, zoom: float) -> None:
    canvas.zoom_to(zoom)
    canvas.centerOn(288, 60)
    start = mouse.header("clean")
    mouse.drag(start, start + QPointF(160, 160))
    assert document.pipeline.view["clean"] == (448.0, 160.0)
