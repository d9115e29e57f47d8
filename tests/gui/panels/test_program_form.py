"""The form of a script: its own ports are added, named, typed and removed, each as one step that can be undone."""

from __future__ import annotations

import pytest
from gui.panels.test_inspector import Catalog, form_of
from pytestqt.qtbot import QtBot

from treadle.spec.component import Component, Parameter, SourceRef
from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.flow import Kind as NodeKind
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.port_edits import Side
from treadle.spec.types import ParameterKind, ParameterType, PortType
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.inspector import Inspector
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

TABLE = PortType("Table")
SCRIPT = Component(
    "script", "Script", SourceRef("programs.py", "programs", "script", 1), kind=NodeKind.SCRIPT,
    parameters=(Parameter("path", ParameterType(ParameterKind.PATH)),),
)  # fmt: skip


@pytest.fixture
def document(theme: Theme) -> Document:
    catalog = Catalog()
    catalog.components["script"] = SCRIPT
    nodes = {
        "clean": Node(
            "clean", "script", {}, {"path": "a/clean.py"}, declared_outputs={"table": PortDeclaration(TABLE)}
        ),
        "fit": Node("fit", "train.fit", {"train": (Endpoint("clean", "table"),)}, {"target": "churned"}),
    }
    return Document(Pipeline(nodes=nodes), catalog)


def outputs(document: Document) -> dict[str, PortDeclaration]:
    return dict(document.pipeline.nodes["clean"].declared_outputs)


def test_a_port_is_added_named_and_typed_in_the_same_form(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    form = form_of(inspector, qtbot, "clean")
    ports = form.program.ports
    ports.add_buttons[Side.OUTPUT].click()
    qtbot.waitUntil(lambda: "table_2" in ports.rows[Side.OUTPUT])
    row = ports.rows[Side.OUTPUT]["table_2"]
    row.name.setText("plot")
    row.name.editingFinished.emit()
    qtbot.waitUntil(lambda: "plot" in ports.rows[Side.OUTPUT])
    row = ports.rows[Side.OUTPUT]["plot"]
    row.type.chosen.emit("Image")
    assert outputs(document) == {"table": PortDeclaration(TABLE), "plot": PortDeclaration(PortType("Image"))}
    assert inspector.form is form
    document.undo()
    assert outputs(document)["plot"] == PortDeclaration(TABLE)


def test_a_renamed_port_keeps_its_edge_and_a_removed_one_takes_it_along(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    ports = form_of(inspector, qtbot, "clean").program.ports
    row = ports.rows[Side.OUTPUT]["table"]
    row.name.setText("rows")
    row.name.editingFinished.emit()
    assert document.pipeline.nodes["fit"].inputs == {"train": (Endpoint("clean", "rows"),)}
    qtbot.waitUntil(lambda: "rows" in ports.rows[Side.OUTPUT])
    ports.rows[Side.OUTPUT]["rows"].remove.click()
    assert document.pipeline.nodes["fit"].inputs == {}
    assert outputs(document) == {}


def test_a_name_that_is_none_is_refused(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    row = form_of(inspector, qtbot, "clean").program.ports.rows[Side.OUTPUT]["table"]
    row.name.setText("my table")
    row.name.editingFinished.emit()
    assert list(outputs(document)) == ["table"]
    assert row.name.property("role") == "invalid"


def test_another_type_keeps_only_a_form_that_it_has(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    ports = form_of(inspector, qtbot, "clean").program.ports
    ports.rows[Side.OUTPUT]["table"].form.chosen.emit("parquet")
    qtbot.waitUntil(lambda: outputs(document)["table"].form == "parquet")
    ports.rows[Side.OUTPUT]["table"].type.chosen.emit("Json")
    assert outputs(document)["table"] == PortDeclaration(PortType("Json"))


def test_inputs_are_declared_before_anything_feeds_them(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    ports = form_of(inspector, qtbot, "clean").program.ports
    ports.add_buttons[Side.INPUT].click()
    component = document.component("clean")
    assert component is not None
    assert [port.name for port in component.inputs] == ["data"]


def test_its_file_is_shown_and_opened(inspector: Inspector, qtbot: QtBot) -> None:
    form = form_of(inspector, qtbot, "clean")
    with qtbot.waitSignal(inspector.file_requested) as shown:
        form.program.show_button.click()
    with qtbot.waitSignal(inspector.editor_requested) as opened:
        form.program.edit_button.click()
    assert (shown.args, opened.args) == (["a/clean.py"], ["a/clean.py"])


def test_other_nodes_have_no_such_form(inspector: Inspector, qtbot: QtBot) -> None:
    assert form_of(inspector, qtbot, "fit").program.isHidden()
