"""Document: edits, selection, the unsaved mark, problems, and its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from treadle.catalog.catalog import Catalog
from treadle.spec import edits
from treadle.spec.pipeline import Node, Pipeline
from treadle_gui.document.document import Document

TEXT = """\
# what this is for
treadle: 1
name: churn
nodes:
  load:
    uses: data.read_csv  # from the warehouse
    with: {path: data.csv}
view:
  load: [0, 0]
"""


READ = Catalog({}, (), {})
"""A project whose components are read: it has none."""


def two() -> Pipeline:
    return Pipeline(nodes={"a": Node("a", "data.read_csv"), "b": Node("b", "data.read_csv")})


@pytest.fixture
def document(qapp: QApplication) -> Document:
    return Document(two())


def test_an_edit_is_told_with_both_values(document: Document, qtbot: QtBot) -> None:
    before = document.pipeline
    with qtbot.waitSignal(document.changed) as told:
        document.edit("Rename", lambda p: edits.set_name(p, "churn"))
    assert told.args == [before, document.pipeline]
    assert document.undo_label == "Rename"


def test_an_edit_that_changes_nothing_is_none(document: Document, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(document.changed):
        document.edit("Rename", lambda p: edits.set_name(p, p.name))
    assert not document.can_undo


def test_an_edit_that_fails_leaves_everything_as_it_was(document: Document) -> None:
    before = document.pipeline
    with pytest.raises(edits.NameTaken):
        document.edit("Rename", lambda p: edits.rename_node(p, "a", "b"))
    assert document.pipeline is before
    assert not document.can_undo


def test_undo_of_a_deletion_selects_what_came_back(document: Document) -> None:
    document.select({"b"})
    document.edit("Delete", lambda p: edits.remove_nodes(p, ["a"]))
    assert document.selection == {"b"}
    document.undo()
    assert document.selection == {"a"}


def test_selection_never_names_a_node_that_is_gone(document: Document) -> None:
    document.select({"a", "b", "nobody"})
    assert document.selection == {"a", "b"}
    document.edit("Delete", lambda p: edits.remove_nodes(p, ["a"]))
    assert document.selection == {"b"}


def test_undoing_to_what_was_saved_is_not_dirty(document: Document, tmp_path: Path) -> None:
    document.edit("Rename", lambda p: edits.set_name(p, "churn"))
    document.save(tmp_path / "churn.treadle.yaml")
    assert not document.is_dirty
    document.undo()
    assert document.is_dirty
    document.redo()
    assert not document.is_dirty


def test_dirty_is_told_once_when_it_changes(document: Document) -> None:
    told: list[bool] = []
    document.dirty_changed.connect(told.append)
    document.edit("Rename", lambda p: edits.set_name(p, "x"))
    document.edit("Rename", lambda p: edits.set_name(p, "y"))
    document.undo()
    document.undo()
    assert told == [True, False]


def test_saving_keeps_the_comments_of_the_file(qapp: QApplication, tmp_path: Path) -> None:
    from treadle.spec.file_format import read

    pipeline = read(TEXT).pipeline
    assert pipeline is not None
    document = Document(pipeline, base=TEXT)
    assert document.text() == TEXT
    document.edit("Set path", lambda p: edits.set_param(p, "load", "path", "other.csv"))
    document.save(tmp_path / "churn.treadle.yaml")
    saved = (tmp_path / "churn.treadle.yaml").read_text()
    assert saved == TEXT.replace("data.csv", "other.csv")


def test_no_node_is_called_unknown_before_the_components_are_read(document: Document, qtbot: QtBot) -> None:
    document.edit("Add", lambda p: edits.add_node(p, "nowhere.nothing", (0, 0))[0])
    qtbot.wait(300)
    assert not document.problems
    with qtbot.waitSignal(document.problems_changed):
        document.set_catalog(READ)
    assert {problem.where.node for problem in document.problems} == {"a", "b", "nothing"}


def test_problems_follow_a_change(document: Document, qtbot: QtBot) -> None:
    document.set_catalog(READ)
    with qtbot.waitSignal(document.problems_changed):
        document.edit("Add", lambda p: edits.add_node(p, "nowhere.nothing", (0, 0))[0])
    assert any(problem.where.node == "nothing" for problem in document.problems)


def test_a_large_pipeline_is_checked_in_a_thread(qapp: QApplication, qtbot: QtBot) -> None:
    nodes = {f"n{number}": Node(f"n{number}", "no.such") for number in range(600)}
    document = Document(Pipeline(nodes=nodes), READ)
    with qtbot.waitSignal(document.problems_changed, timeout=5000):
        pass
    assert len(document.problems) >= 600


def test_the_tab_is_called_after_the_file(qapp: QApplication) -> None:
    assert Document(Pipeline(name="x"), path=Path("/p/churn.treadle.yaml")).title == "churn"
    assert Document(Pipeline(name="x")).title == "x"
