"""Inside a group its inputs and outputs stand at the sides, and are connected like any port."""

from __future__ import annotations

import pytest
from gui.canvas.conftest import FakeCatalog, FakeSession, Mouse, make_pipeline
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from treadle.run.state import TaskState
from treadle.run.status import TaskStatus
from treadle.spec.borders import INPUTS, OUTPUTS
from treadle.spec.file_format import read
from treadle.spec.folding import fold
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle_gui.canvas.gestures.drop import Drop
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document
from treadle_gui.document.inside import InnerDocument

BODY = QPointF(60, 26)
FILE = """treadle: 1
inputs: {data: clean.data}
nodes:
  clean: {uses: prepare.clean}
"""


@pytest.fixture
def whole(qapp: object) -> Document:
    """clean and fit are the group `rest`, fed by load, read by score."""
    return Document(fold(make_pipeline(), ["clean", "fit"], "rest")[0], FakeCatalog())


@pytest.fixture
def inner(whole: Document) -> InnerDocument:
    return InnerDocument(whole, ("rest",))


@pytest.fixture
def canvas(make_canvas, inner: InnerDocument):
    made = make_canvas(inner)
    made.fit()
    made.zoom_to(0.9)
    yield made
    made.hide()


def held(whole: Document) -> Pipeline:
    found = whole.pipeline.nodes["rest"].pipeline
    assert found is not None
    return found


def test_they_stand_left_and_right_with_their_edges(canvas: PipelineCanvas, inner: InnerDocument) -> None:
    left, right = canvas.stage.nodes[INPUTS], canvas.stage.nodes[OUTPUTS]
    assert (left.face.title, right.face.title) == ("Inputs", "Outputs")
    assert [(port.name, str(port.type)) for port in left.face.outputs] == [("data", "Table")]
    assert [(port.name, str(port.type)) for port in right.face.inputs] == [("model", "Model"), ("table", "Table")]
    assert left.x() < canvas.stage.nodes["clean"].x() < canvas.stage.nodes["fit"].x() < right.x()
    edges = {str(edge) for edge in canvas.stage.edges}
    assert len(edges) == 4
    assert inner.pipeline.nodes.keys() == {"clean", "fit"}


def test_an_edge_from_an_input_feeds_one_more_node(mouse: Mouse, whole: Document) -> None:
    mouse.drag(mouse.output(INPUTS, "data"), mouse.input("clean", "extra"))
    assert held(whole).inputs == {"data": (Endpoint("clean", "data"), Endpoint("clean", "extra"))}
    whole.undo()
    assert held(whole).inputs == {"data": (Endpoint("clean", "data"),)}


def test_an_edge_let_go_on_the_outputs_makes_one_that_the_group_has_outside(
    mouse: Mouse, canvas: PipelineCanvas, whole: Document
) -> None:
    mouse.press(mouse.output("clean", "table"))
    mouse.move(mouse.header(OUTPUTS) + BODY)
    assert canvas.overlays.note.text() == "new output table_2"
    mouse.release(mouse.header(OUTPUTS) + BODY)
    mouse.drag(mouse.output("clean", "table"), mouse.header(OUTPUTS) + BODY)
    assert held(whole).outputs["table_2"] == Endpoint("clean", "table")
    component = whole.component("rest")
    assert component is not None
    assert component.output("table_2") is not None


def test_an_edge_from_an_open_input_let_go_on_the_inputs_makes_one(mouse: Mouse, whole: Document) -> None:
    mouse.drag(mouse.input("clean", "extra"), mouse.header(INPUTS) + BODY)
    assert held(whole).inputs["extra"] == (Endpoint("clean", "extra"),)


def test_an_edge_taken_off_the_border_takes_the_port_and_what_fed_it(mouse: Mouse, whole: Document) -> None:
    mouse.drag(mouse.input("clean", "data"), mouse.input("clean", "data") + QPointF(-20, 220))
    assert held(whole).inputs == {}
    assert whole.pipeline.nodes["rest"].inputs == {}
    whole.undo()
    assert whole.pipeline.nodes["rest"].inputs == {"data": (Endpoint("load", "table"),)}


def test_an_input_can_not_be_an_output_as_it_is(mouse: Mouse, canvas: PipelineCanvas, whole: Document) -> None:
    before = whole.pipeline
    mouse.press(mouse.output(INPUTS, "data"))
    mouse.move(mouse.input(OUTPUTS, "table"))
    assert "put a node between" in canvas.overlays.note.text()
    mouse.release(mouse.input(OUTPUTS, "table"))
    mouse.drag(mouse.output(INPUTS, "data"), mouse.header(OUTPUTS) + BODY)
    assert whole.pipeline is before


def test_the_border_is_no_node_to_select_move_or_delete(
    mouse: Mouse, canvas: PipelineCanvas, inner: InnerDocument, whole: Document
) -> None:
    before = whole.pipeline
    mouse.click(mouse.header(INPUTS))
    assert inner.selection == frozenset()
    mouse.drag(mouse.header(OUTPUTS), mouse.header(OUTPUTS) + QPointF(40, 80))
    canvas.select_all()
    assert inner.selection == {"clean", "fit"}
    inner.select(())
    canvas.delete_selection()
    assert whole.pipeline is before


def test_the_keyboard_walks_over_it_and_an_edge_of_it_is_deleted(canvas: PipelineCanvas, whole: Document) -> None:
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert canvas.hands.current == INPUTS
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    canvas.hands.choose_edge(next(edge for edge in canvas.stage.edges if edge.source.node == INPUTS))
    canvas.delete_selection()
    assert held(whole).inputs == {}


def test_a_file_that_has_ports_shows_them_too_and_one_without_shows_none(make_canvas, qapp: object) -> None:
    with_ports = read(FILE).pipeline
    shown = make_canvas(Document(with_ports, FakeCatalog()))
    assert set(shown.stage.nodes) == {"clean", INPUTS, OUTPUTS}
    assert INPUTS not in make_canvas(Document(make_pipeline(), FakeCatalog())).stage.nodes


def test_a_node_put_into_an_edge_of_the_border_stands_in_it(
    mouse: Mouse, canvas: PipelineCanvas, inner: InnerDocument, whole: Document
) -> None:
    drop = Drop(canvas, FakeCatalog().components["prepare.clean"])
    edge = next(item for edge, item in canvas.stage.edges.items() if edge.source.node == INPUTS)
    new = drop.drop(edge.boundingRect().center())
    assert held(whole).inputs == {"data": (Endpoint(new, "data"),)}
    assert inner.pipeline.nodes["clean"].inputs["data"] == (Endpoint(new, "table"),)


def test_a_component_added_at_an_open_end_of_the_border_is_connected_to_it(
    mouse: Mouse, canvas: PipelineCanvas, inner: InnerDocument, whole: Document
) -> None:
    mouse.drag(mouse.output(INPUTS, "data"), mouse.output(INPUTS, "data") + QPointF(30, 200))
    assert canvas.quick_add.isVisible()
    listed = [canvas.quick_add.list.item(row).text() for row in range(canvas.quick_add.list.count())]
    assert "Clean rows" in listed
    assert "Compare" not in listed
    canvas.quick_add.list.itemActivated.emit(canvas.quick_add.list.item(listed.index("Clean rows")))
    (new,) = inner.selection
    assert Endpoint(new, "data") in held(whole).inputs["data"]
    assert inner.pipeline.nodes[new].inputs == {}


def test_states_of_a_run_show_inside_beside_the_border(canvas: PipelineCanvas, session: FakeSession) -> None:
    canvas.show_run(session)
    session.set(clean=TaskState(TaskStatus.RUNNING, 1, started_at=90.0))
    assert canvas.stage.nodes["clean"].run.state == "running"
    assert canvas.stage.nodes[INPUTS].run.state == ""
