"""An edge let go on a program's body makes an input of its own there, in one step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gui.canvas.conftest import COMPONENTS, FakeCatalog, make_component
from PySide6.QtCore import QPointF

from treadle.spec import edits
from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.flow import Kind
from treadle.spec.pipeline import Endpoint
from treadle.spec.port_edits import Side, declare_port
from treadle.spec.types import PortType
from treadle_gui.canvas.new_port import new_input
from treadle_gui.canvas.view import PipelineCanvas
from treadle_gui.document.document import Document

SCRIPT = replace(make_component("script", "Script", "", ""), kind=Kind.SCRIPT)
BODY = QPointF(60, 26)


@pytest.fixture
def program(document: Document, canvas: PipelineCanvas) -> str:
    document.set_catalog(FakeCatalog({**COMPONENTS, "script": SCRIPT}))
    document.edit("Add", lambda p: edits.add_node(p, "script", (288.0, 200.0), id="run")[0])
    return "run"


def test_it_is_named_and_typed_by_what_feeds_it(mouse, document: Document, program: str) -> None:
    mouse.drag(mouse.output("load", "table"), mouse.header(program) + BODY)
    node = document.pipeline.nodes[program]
    assert node.declared_inputs == {"table": PortDeclaration(PortType("Table"))}
    assert node.inputs == {"table": (Endpoint("load", "table"),)}
    document.undo()
    assert document.pipeline.nodes[program].declared_inputs == {}


def test_a_second_edge_makes_a_second_input(mouse, document: Document, program: str) -> None:
    mouse.drag(mouse.output("load", "table"), mouse.header(program) + BODY)
    mouse.drag(mouse.output("clean", "table"), mouse.header(program) + BODY)
    assert document.pipeline.nodes[program].inputs == {
        "table": (Endpoint("load", "table"),), "table_2": (Endpoint("clean", "table"),),
    }  # fmt: skip


def test_a_free_input_is_taken_first(mouse, document: Document, program: str) -> None:
    table = PortDeclaration(PortType("Table"))
    document.edit("Declare", lambda p: declare_port(p, program, Side.INPUT, "data", table))
    mouse.drag(mouse.output("load", "table"), mouse.header(program) + BODY)
    assert document.pipeline.nodes[program].inputs == {"data": (Endpoint("load", "table"),)}


def test_the_pointer_says_so_while_it_is_dragged(mouse, canvas: PipelineCanvas, program: str) -> None:
    mouse.press(mouse.output("load", "table"))
    mouse.move(mouse.header(program) + BODY)
    assert canvas.overlays.note.text() == "new input table"
    mouse.release(mouse.header(program) + BODY)


def test_no_other_node_grows_and_none_waits_for_itself(document: Document, program: str) -> None:
    components = {**COMPONENTS, "script": SCRIPT}
    fed = edits.connect(document.pipeline, Endpoint(program, "x"), Endpoint("load", "y"))
    assert new_input(document.pipeline, components, Endpoint("load", "table"), "fit") is None
    assert new_input(document.pipeline, components, Endpoint("load", "gone"), program) is None
    assert new_input(fed, components, Endpoint("load", "table"), program) is None
    assert new_input(fed, components, Endpoint(program, "x"), program) is None
