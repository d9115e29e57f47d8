"""The inspector: a form for the selection, whose edits are undoable and which is never rebuilt under the cursor."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from treadle.spec import edits
from treadle.spec.component import REQUIRED, Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import PipelineFiles
from treadle.spec.types import ParameterKind as Kind
from treadle.spec.types import ParameterType, PortType
from treadle_gui.document.document import Document
from treadle_gui.panels.fields.choices import ColumnField
from treadle_gui.panels.fields.numbers import NumberField
from treadle_gui.panels.inspector.aligning import Alignment, aligned
from treadle_gui.panels.inspector.documentation import BlockKind, blocks
from treadle_gui.panels.inspector.inspector import Inspector
from treadle_gui.panels.inspector.many_form import ManyForm
from treadle_gui.panels.inspector.node_form import NodeForm
from treadle_gui.panels.inspector.node_head import id_refusal
from treadle_gui.panels.inspector.pipeline_form import PipelineForm
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

TABLE = PortType("Table")
READ = Component("data.read", "Read", SourceRef("data.py", "data", "read", 1), outputs=(OutputPort("table", TABLE),))
FIT = Component(
    "train.fit", "Fit", SourceRef("train.py", "train", "fit", 1), inputs=(InputPort("train", TABLE),),
    parameters=(
        Parameter("target", ParameterType(Kind.STR, column_of="train"), REQUIRED),
        Parameter("rate", ParameterType(Kind.FLOAT, minimum=0), 0.1),
    ),
)  # fmt: skip


class Catalog:
    def __init__(self) -> None:
        self.components = {component.uses: component for component in (READ, FIT)}
        self.pipelines: PipelineFiles = {}
        self.problems: tuple[Problem, ...] = ()


@pytest.fixture
def document(theme: Theme) -> Document:
    nodes = {
        "load": Node("load", "data.read"),
        "fit": Node("fit", "train.fit", {"train": (Endpoint("load", "table"),)}, {"target": "churned"}),
    }
    return Document(Pipeline(nodes=nodes, view={"load": (0, 0), "fit": (240, 40)}), Catalog())


def form_of(inspector: Inspector, qtbot: QtBot, *ids: str) -> NodeForm:
    document = inspector._document
    assert document is not None
    document.select(ids)
    qtbot.waitUntil(lambda: isinstance(inspector.form, NodeForm) and inspector.form.node_id == ids[0])
    form = inspector.form
    assert isinstance(form, NodeForm)
    return form


def test_typing_a_number_is_one_step_and_keeps_the_cursor(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    form = form_of(inspector, qtbot, "fit")
    field = form.rows["rate"].field
    assert isinstance(field, NumberField)
    field.line.clear()
    qtbot.keyClicks(field.line, "0.25")
    assert inspector.form is form
    assert document.pipeline.nodes["fit"].params["rate"] == 0.25
    assert field.line.text() == "0.25"
    document.undo()
    assert "rate" not in document.pipeline.nodes["fit"].params
    assert field.line.text() == "0.1"


def test_reset_takes_the_setting_away(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    document.edit("Set", lambda p: edits.set_param(p, "fit", "rate", 0.5))
    form = form_of(inspector, qtbot, "fit")
    form.rows["rate"]._back.click()
    assert "rate" not in document.pipeline.nodes["fit"].params


def test_columns_of_the_last_run_are_offered(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    document.set_columns({Endpoint("load", "table"): ("age", "churned")})
    field = form_of(inspector, qtbot, "fit").rows["target"].field
    assert isinstance(field, ColumnField)
    assert [field.box.itemText(place) for place in range(field.box.count())] == ["age", "churned"]


def test_a_problem_stands_under_its_field(inspector: Inspector, qtbot: QtBot) -> None:
    form = form_of(inspector, qtbot, "fit")
    form.show_problems([Problem("x", "No such column", Where(node="fit", parameter="target"), "choose another")])
    assert form.rows["target"].complaint.text() == "No such column. Choose another"
    assert form.rows["rate"].complaint.isHidden()


def test_renaming_keeps_the_form_and_the_edges(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    form = form_of(inspector, qtbot, "load")
    form.head.id_line.setText("source")
    form.head.id_line.editingFinished.emit()
    assert document.pipeline.nodes["fit"].inputs["train"] == (Endpoint("source", "table"),)
    qtbot.waitUntil(lambda: isinstance(inspector.form, NodeForm) and inspector.form.node_id == "source")
    assert inspector.form is form


@pytest.mark.parametrize("wanted", ["fit", "1st", "a b", "", "../x"])
def test_an_id_that_is_taken_or_no_name_is_refused(document: Document, wanted: str) -> None:
    assert id_refusal(document.pipeline, "load", wanted)


def test_several_nodes_can_be_aligned(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    document.select({"load", "fit"})
    qtbot.waitUntil(lambda: isinstance(inspector.form, ManyForm))
    assert isinstance(inspector.form, ManyForm)
    inspector.form.buttons[Alignment.TOP].click()
    assert document.pipeline.view["fit"] == (240, 0)


def test_distributing_gives_equal_distances() -> None:
    pipeline = Pipeline(nodes={n: Node(n, "x.y") for n in "abc"}, view={"a": (0, 0), "b": (10, 0), "c": (100, 0)})
    assert aligned(pipeline, "abc", Alignment.ACROSS).view["b"] == (50, 0)


def test_with_nothing_selected_the_pipeline_is_shown(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    form = inspector.form
    assert isinstance(form, PipelineForm)
    form.name.clear()
    qtbot.keyClicks(form.name, "churn")
    assert document.pipeline.name == "churn"
    qtbot.keyClicks(form.defaults.timeout, "30m")
    assert document.pipeline.defaults.timeout == 1800


def test_an_unknown_component_still_shows_its_settings(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    document.edit("Add", lambda p: edits.set_param(edits.add_node(p, "gone.away", (0, 0), id="x")[0], "x", "depth", 3))
    assert list(form_of(inspector, qtbot, "x").rows) == ["depth"]


def test_a_docstring_becomes_headings_paragraphs_and_code() -> None:
    arguments = "Args:\n    train: The rows.\n    rate: How fast\n        it learns.\n"
    doc = f"Fits a model.\n\n{arguments}\nExample:\n    >>> fit(1)\n"
    found = [(block.kind, block.text) for block in blocks(doc)]
    assert found[0] == (BlockKind.PARAGRAPH, "Fits a model.")
    assert found[2] == (BlockKind.PARAGRAPH, "• train: The rows.\n• rate: How fast it learns.")
    assert found[-1] == (BlockKind.CODE, ">>> fit(1)")
