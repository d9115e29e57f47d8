"""What of a pipeline's flow is seen on the canvas: marks, ways, what was not taken, what is tried again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui.canvas.conftest import FakeCatalog, FakeSession, make_component, make_node
from msgspec import structs
from PySide6.QtCore import Qt

from treadle.execute.protocol import Crashed
from treadle.run.state import TaskState, TaskStatus
from treadle.spec import edits
from treadle.spec.component import OutputPort
from treadle.spec.flow import AtEnd, Trigger
from treadle.spec.pipeline import Edge, Endpoint, Node, Pipeline
from treadle.spec.types import PortType
from treadle.store.references import ArtifactRef
from treadle_gui.canvas.faces import node_face, run_face
from treadle_gui.canvas.flow_marks import flow_marks
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.canvas.words import describe_edge, describe_node, describe_port
from treadle_gui.document.document import Document
from treadle_gui.style.icons import has_icon

TABLE = PortType("Table")
pytestmark = pytest.mark.usefixtures("qapp")

READ = make_component("data.read", "Read", "", "table:Table")
BRANCH = replace(
    make_component("flow.branch", "If", "data:Table", "", "Flow"),
    outputs=(OutputPort("then", TABLE, optional=True), OutputPort("otherwise", TABLE, optional=True)),
)
MERGE = replace(make_component("flow.merge", "Merge", "data:list[Table]", "data:Table"), trigger=Trigger.NONE_FAILED)
THEN = Edge(Endpoint("way", "then"), Endpoint("one", "data"))
OTHERWISE = Edge(Endpoint("way", "otherwise"), Endpoint("two", "data"))


@pytest.fixture
def branching(make_canvas) -> tuple[PipelineCanvas, Document]:
    clean = make_component("prepare.clean", "Clean", "data:Table", "table:Table", "Prepare")
    nodes = (
        make_node("load", "data.read"),
        make_node("way", "flow.branch", data="load.table"),
        make_node("one", "prepare.clean", data="way.then"),
        make_node("two", "prepare.clean", data="way.otherwise"),
    )
    view = {node.id: (index * 288.0, 0.0) for index, node in enumerate(nodes)}
    catalog = FakeCatalog({component.uses: component for component in (READ, BRANCH, clean)})
    document = Document(Pipeline(nodes={node.id: node for node in nodes}, view=view), catalog)
    return make_canvas(document), document


def succeeded(*ports: str) -> TaskState:
    made = {port: ArtifactRef("sha256:0", "Table", "arrow", 10) for port in ports}
    return TaskState(TaskStatus.SUCCEEDED, 1, started_at=90.0, finished_at=91.0, outputs=made)


def test_a_node_that_runs_as_its_component_does_has_no_mark() -> None:
    assert flow_marks(Node("a", "flow.merge"), MERGE) == ()
    assert flow_marks(Node("a", "flow.merge", trigger=Trigger.NONE_FAILED), MERGE) == ()


def test_a_trigger_a_teardown_and_an_end_are_marked_in_words() -> None:
    node = Node("a", "data.read", trigger=Trigger.ONE_FAILED, teardown_of=("start",), at_end=AtEnd.FAILURE)
    marks = flow_marks(node, READ, ("stop",))
    assert [mark.words for mark in marks] == [
        "Trigger one_failed: it runs when something failed, at once",
        "Set-up: stop cleans up after it",
        "Teardown: it cleans up after start",
        "It runs at the run's end, where it failed",
    ]
    assert all(has_icon(mark.icon) for mark in marks)


def test_a_set_up_is_marked_when_another_node_becomes_its_teardown(branching) -> None:
    canvas, document = branching
    document.edit("Clean up", lambda p: edits.set_teardown_of(p, "two", ["load"]))
    load = canvas.stage.nodes["load"]
    assert "Set-up: two cleans up after it" in describe_node(load.face, load.run)
    document.undo()
    assert load.face.flow == ()


def test_marks_leave_the_summary_its_place(branching) -> None:
    canvas, document = branching
    item = canvas.stage.nodes["one"]
    canvas.grab()
    assert item._text is not None
    before = item._text.summary_at.x()
    document.edit("Trigger", lambda p: edits.set_trigger(p, "one", Trigger.ALWAYS))
    canvas.grab()
    assert item._text is not None
    assert item._text.summary_at.x() > before


def test_a_way_is_drawn_hollow_and_said_to_be_one() -> None:
    face = node_face(Node("way", "flow.branch"), BRANCH, outputs_used=["then"])
    assert [port.hollow for port in face.outputs] == [True, True]
    assert "may not be taken" in describe_port(face.outputs[0], "out")
    assert not node_face(Node("a", "data.read"), READ).outputs[0].hollow


def test_an_edge_of_a_way_that_was_not_taken_is_dotted_and_says_so(branching, session: FakeSession) -> None:
    canvas, _ = branching
    canvas.show_run(session)
    session.set(load=succeeded("table"), way=succeeded("then"))
    taken, left = canvas.stage.edges[THEN], canvas.stage.edges[OTHERWISE]
    assert left.not_taken
    assert left.pen().style() == Qt.PenStyle.CustomDashLine
    assert "not taken" in describe_edge(left)
    assert not taken.not_taken
    assert "not taken" not in describe_edge(taken)


def test_a_way_is_open_again_in_the_next_run(branching, session: FakeSession) -> None:
    canvas, _ = branching
    canvas.show_run(session)
    session.set(way=succeeded("then"))
    session.set(way=TaskState(TaskStatus.RUNNING, 1, started_at=99.0))
    assert not canvas.stage.edges[OTHERWISE].not_taken


def test_a_skipped_node_says_why(branching, session: FakeSession) -> None:
    canvas, _ = branching
    canvas.show_run(session)
    session.set(two=TaskState(TaskStatus.SKIPPED, reason="way did not take otherwise"))
    item = canvas.stage.nodes["two"]
    assert "way did not take otherwise" in describe_node(item.face, item.run)


def test_a_node_that_waits_to_be_tried_again_counts_down(branching, session: FakeSession) -> None:
    canvas, _ = branching
    session.allowed["load"] = 4
    canvas.show_run(session)
    session.set(load=TaskState(TaskStatus.RETRYING, 1, outcome=Crashed("it died"), retry_at=108.0))
    item = canvas.stage.nodes["load"]
    assert item.run.word == "2/4 in 8 s"
    assert "Attempt 2 of 4 starts in 8 s" in describe_node(item.face, item.run)
    assert "load" in canvas.stage.runs.running


def test_attempts_before_a_resume_do_not_count() -> None:
    task = TaskState(TaskStatus.RUNNING, 5, started_at=99.0, spent=3)
    assert run_face(task, 100.0, 3).attempt == "Attempt 2 of 3"
    assert run_face(structs.replace(task, number=4), 100.0, 3).attempt == ""
