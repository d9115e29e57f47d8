"""The pipeline inside a node, edited as a document of its own that is a part of the whole."""

from __future__ import annotations

import pytest
from gui.canvas.conftest import FakeCatalog, make_pipeline

from treadle.spec import edits
from treadle.spec.file_format import read
from treadle.spec.folding import fold
from treadle.spec.pipeline import Endpoint
from treadle.spec.problems import Problem, Where
from treadle_gui.document.document import Document
from treadle_gui.document.inside import InnerDocument

INNER = """treadle: 1
nodes:
  deeper:
    pipeline:
      nodes:
        clean: {uses: prepare.clean}
"""


@pytest.fixture
def whole(qapp) -> Document:
    pipeline = make_pipeline()
    return Document(fold(pipeline, list(pipeline.nodes)[1:], "rest")[0], FakeCatalog())


def test_an_edit_inside_is_one_of_the_whole_and_is_undone_there(whole: Document) -> None:
    inner = InnerDocument(whole, ("rest",))
    told: list[object] = []
    inner.changed.connect(lambda old, new: told.append((old, new)))
    node = next(iter(inner.pipeline.nodes))
    before = whole.pipeline
    inner.edit("Set note", lambda pipeline: edits.set_note(pipeline, node, "hello"), select={node})
    assert inner.pipeline.nodes[node].note == "hello"
    assert whole.pipeline.nodes["rest"].pipeline is inner.pipeline
    assert (whole.undo_label, inner.undo_label, inner.is_dirty) == ("Set note", "Set note", True)
    assert inner.selection == {node}
    assert len(told) == 1
    inner.undo()
    assert whole.pipeline is before
    assert inner.can_redo
    inner.redo()
    assert inner.pipeline.nodes[node].note == "hello"


def test_it_knows_what_is_wrong_inside_by_its_own_names(whole: Document) -> None:
    inner = InnerDocument(whole, ("rest",))
    told: list[object] = []
    inner.problems_changed.connect(told.append)
    whole._set_problems((Problem("x", "inside", Where(node="rest/fit")), Problem("y", "not", Where(node="rest"))))
    assert [(each.code, each.where.node) for each in inner.problems] == [("x", "fit")]
    assert told == [inner.problems]


def test_it_knows_the_columns_inside(whole: Document) -> None:
    whole.set_columns({Endpoint("rest/fit", "table"): ("a",), Endpoint("load", "table"): ("b",)})
    assert InnerDocument(whole, ("rest",)).columns == {Endpoint("fit", "table"): ("a",)}


def test_it_tells_when_its_node_is_gone(whole: Document) -> None:
    inner = InnerDocument(whole, ("rest",))
    gone: list[bool] = []
    inner.gone.connect(lambda: gone.append(True))
    whole.edit("Delete", lambda pipeline: edits.remove_nodes(pipeline, ["rest"]))
    assert gone == [True]


def test_a_plain_node_holds_no_document(whole: Document) -> None:
    with pytest.raises(ValueError, match="is no pipeline"):
        InnerDocument(whole, (next(iter(whole.pipeline.nodes)),))


def test_what_stands_in_a_file_is_only_looked_at(qapp) -> None:
    catalog = FakeCatalog(pipelines={"rest.treadle.yaml": read(INNER)})
    whole = Document(edits.add_node(make_pipeline(), "rest.treadle.yaml", (0, 0))[0], catalog)
    inner = InnerDocument(whole, ("rest", "deeper"))
    assert (inner.file, inner.is_read_only, set(inner.pipeline.nodes)) == ("rest.treadle.yaml", True, {"clean"})
    refused: list[bool] = []
    inner.refused.connect(lambda: refused.append(True))
    before = whole.pipeline
    inner.edit("Set note", lambda pipeline: edits.set_note(pipeline, "clean", "hello"))
    assert refused == [True]
    assert whole.pipeline is before
    told: list[object] = []
    inner.changed.connect(lambda old, new: told.append(new))
    whole.set_catalog(FakeCatalog(pipelines={"rest.treadle.yaml": read(INNER.replace("clean:", "wash:"))}))
    assert told == [inner.pipeline]
    assert set(inner.pipeline.nodes) == {"wash"}
    gone: list[bool] = []
    inner.gone.connect(lambda: gone.append(True))
    whole.set_catalog(FakeCatalog())
    assert gone == [True]
