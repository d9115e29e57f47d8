"""The scene follows the document by identity: what did not change is not touched."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF

from treadle.execute.protocol import Failed
from treadle.run.state import TaskState, TaskStatus
from treadle.spec import edits
from treadle.spec.pipeline import Edge, Endpoint, Node, Pipeline
from treadle.spec.problems import Problem, Severity, Where
from treadle.store.references import ArtifactRef
from treadle_gui.canvas.edge_item import EdgeItem
from treadle_gui.canvas.node_item import NodeItem
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document


def edge(source: str, target: str) -> Edge:
    return Edge(Endpoint(*source.split(".")), Endpoint(*target.split(".")))


def test_every_node_is_one_item_and_every_edge_one_path(canvas: PipelineCanvas) -> None:
    items = canvas.stage.items()
    assert sum(isinstance(item, NodeItem) for item in items) == 4
    assert sum(isinstance(item, EdgeItem) for item in items) == 4
    assert len(items) == 8
    assert all(item.parentItem() is None for item in items)
    assert all(not item.childItems() for item in items)


def test_a_changed_parameter_refreshes_only_its_node(canvas: PipelineCanvas, document: Document) -> None:
    faces = {name: item.face for name, item in canvas.stage.nodes.items()}
    document.edit("Set rate", lambda pipeline: edits.set_param(pipeline, "fit", "rate", 0.5))
    changed = {name for name, item in canvas.stage.nodes.items() if item.face is not faces[name]}
    assert changed == {"fit"}
    assert canvas.stage.nodes["fit"].face.summary == "rate 0.5"


def test_items_survive_edits_of_other_nodes(canvas: PipelineCanvas, document: Document) -> None:
    before = dict(canvas.stage.nodes)
    document.edit("Add", lambda pipeline: edits.add_node(pipeline, "data.read", (0, 300))[0])
    assert all(canvas.stage.nodes[name] is item for name, item in before.items())
    assert canvas.stage.nodes["read"].pos() == QPointF(0, 300)


def test_deleting_a_node_takes_its_edges_along_and_undo_brings_them_back(
    canvas: PipelineCanvas, document: Document
) -> None:
    document.edit("Delete", lambda pipeline: edits.remove_nodes(pipeline, {"clean"}))
    assert set(canvas.stage.edges) == {edge("fit.model", "score.model")}
    assert len(canvas.stage.items()) == 4

    document.undo()
    assert set(canvas.stage.edges) == set(document.pipeline.edges())
    assert canvas.stage.nodes["clean"].face.outputs[0].connected


def test_a_moved_node_takes_its_edges_along(canvas: PipelineCanvas, document: Document) -> None:
    document.edit("Move", lambda pipeline: edits.move(pipeline, {"clean": (288.0, 200.0)}))
    item = canvas.stage.edges[edge("load.table", "clean.data")]
    assert item.path().pointAtPercent(1) == canvas.stage.nodes["clean"].input_point("data")
    assert canvas.stage.mirror.bounds({"clean"}).top() == 200


def test_an_edge_from_nowhere_appears_when_its_source_does(make_canvas, document: Document) -> None:
    dangling = Node("late", "train.fit", {"train": (Endpoint("new", "table"),)})
    pipeline = replace(document.pipeline, nodes={**document.pipeline.nodes, "late": dangling})
    document.edit("Break", lambda _: replace(pipeline, view={**pipeline.view, "late": (0.0, 400.0)}))
    canvas = make_canvas(document)
    assert edge("new.table", "late.train") not in canvas.stage.edges

    document.edit("Mend", lambda p: edits.add_node(p, "data.read", (0, 600), id="new")[0])
    assert edge("new.table", "late.train") in canvas.stage.edges


def test_nodes_without_a_place_are_laid_out(make_canvas, document: Document) -> None:
    document.edit("Forget places", lambda pipeline: replace(pipeline, view={}))
    canvas = make_canvas(document)
    boxes = [item.box() for item in canvas.stage.nodes.values()]
    assert not any(a.intersects(b) for a in boxes for b in boxes if a is not b)
    assert document.pipeline.view == {}


def test_a_problem_marks_its_node_and_the_edge_at_its_port(canvas: PipelineCanvas) -> None:
    where = Where(node="fit", port="train")
    canvas.stage.set_problems([Problem("port-type-mismatch", "wants a table", where)])
    assert canvas.stage.nodes["fit"].face.problem is Severity.ERROR
    assert canvas.stage.edges[edge("clean.table", "fit.train")].invalid

    canvas.stage.set_problems([])
    assert canvas.stage.nodes["fit"].face.problem is None
    assert not canvas.stage.edges[edge("clean.table", "fit.train")].invalid


def test_the_selection_lights_up_its_edges(canvas: PipelineCanvas, document: Document) -> None:
    document.select({"fit"})
    lit = {str(item.edge.target) for item in canvas.stage.edges.values() if item.lit}
    assert lit == {"fit.train", "score.model"}
    document.select(())
    assert not any(item.lit for item in canvas.stage.edges.values())


def test_a_run_updates_only_the_nodes_it_names(canvas: PipelineCanvas, session) -> None:
    canvas.show_run(session)
    runs = {name: item.run for name, item in canvas.stage.nodes.items()}
    session.set(load=TaskState(TaskStatus.RUNNING, 1, started_at=99.0))
    changed = {name for name, item in canvas.stage.nodes.items() if item.run is not runs[name]}
    assert changed == {"load"}
    assert canvas.stage.runs.running == {"load"}


def test_rows_that_passed_are_told_once_an_output(canvas: PipelineCanvas, session) -> None:
    canvas.show_run(session)
    table = ArtifactRef("0", "Table", "arrow", 1, {"rows": 336776})
    session.set(clean=TaskState(TaskStatus.SUCCEEDED, 1, outputs={"table": table}))
    labels = [item.label.text for item in canvas.stage.edges.values() if item.label is not None]
    assert labels == ["336,776"]


def test_the_edge_into_a_running_node_is_dashed(canvas: PipelineCanvas, session) -> None:
    canvas.show_run(session)
    session.set(clean=TaskState(TaskStatus.RUNNING, 1, started_at=99.0))
    running = {str(item.edge.target) for item in canvas.stage.edges.values() if item.running}
    assert running == {"clean.data"}
    assert canvas.stage.edges[edge("load.table", "clean.data")].pen().dashPattern()


def test_another_run_leaves_nothing_of_the_one_before(canvas: PipelineCanvas, session) -> None:
    canvas.show_run(session)
    session.set(
        load=TaskState(TaskStatus.FAILED, 1, outcome=Failed("KeyError", "x")),
        clean=TaskState(TaskStatus.RUNNING, 1, started_at=1.0),
    )
    canvas.show_run(None)
    assert {item.run.state for item in canvas.stage.nodes.values()} == {""}
    assert canvas.stage.runs.running == set()
    session.set(load=TaskState(TaskStatus.QUEUED))
    assert canvas.stage.nodes["load"].run.state == ""


def test_a_run_keeps_its_states_when_a_node_comes_back(canvas: PipelineCanvas, document: Document, session) -> None:
    canvas.show_run(session)
    session.set(fit=TaskState(TaskStatus.SUCCEEDED, 1, started_at=1.0, finished_at=2.0))
    document.edit("Delete", lambda pipeline: edits.remove_nodes(pipeline, {"fit"}))
    document.undo()
    assert canvas.stage.nodes["fit"].run.state == "succeeded"


def test_the_mirror_finds_what_a_rectangle_touches(canvas: PipelineCanvas) -> None:
    mirror = canvas.stage.mirror
    assert mirror.nodes_in(QRectF(-10, -10, 20, 20)) == {"load"}
    assert mirror.nodes_in(QRectF(0, 0, 400, 40)) == {"load", "clean"}
    assert mirror.nodes_in(QRectF(0, 500, 4000, 40)) == frozenset()


def test_walking_goes_to_the_nearest_in_a_direction(canvas: PipelineCanvas) -> None:
    mirror = canvas.stage.mirror
    assert mirror.next_in("load", 1, 0) == "clean"
    assert mirror.next_in("clean", -1, 0) == "load"
    assert mirror.next_in("load", -1, 0) is None
    assert mirror.reading_order() == ["load", "clean", "fit", "score"]


def test_an_empty_scene_answers_everything(make_canvas) -> None:
    canvas = make_canvas(Document(Pipeline()))
    assert canvas.stage.bounds().isEmpty()
    assert canvas.stage.node_at(QPointF()) is None
    assert canvas.stage.edge_at(QPointF(), 10) is None
    assert canvas.stage.mirror.reading_order() == []
    canvas.fit()


def test_order_without_data_is_drawn_and_follows_its_nodes(canvas: PipelineCanvas, document: Document) -> None:
    document.edit("Wait", lambda pipeline: edits.set_after(pipeline, "score", ("load",)))
    item = canvas.stage.orders.items[("load", "score")]
    before = item.ends()
    document.edit("Move", lambda pipeline: edits.move(pipeline, {"score": (900.0, 400.0)}))
    assert item.ends()[0] == before[0]
    assert item.ends()[1] != before[1]
    source, target = item.ends()
    assert canvas.stage.orders.at((source + target) / 2, 6.0) == ("load", "score")
    document.edit("Delete", lambda pipeline: edits.remove_nodes(pipeline, {"load"}))
    assert not canvas.stage.orders.items
    document.undo()
    assert canvas.stage.orders.items[("load", "score")].source is canvas.stage.nodes["load"]
