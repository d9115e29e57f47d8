"""The map of a node in the inspector: chosen from what there is, written back as an edit that can be undone."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from treadle.spec.component import Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem, Where
from treadle.spec.types import ParameterKind, ParameterType, PortType
from treadle_gui.panels.inspector.mapping import MapForm

TABLE = PortType("Table")
LOAD = Component("m.load", "Load", SourceRef("m.py", "m", "load", 1), outputs=(OutputPort("table", TABLE),))
FIT = Component(
    "m.fit", "Fit", SourceRef("m.py", "m", "fit", 1),
    inputs=(InputPort("data", TABLE),),
    outputs=(OutputPort("model", PortType("Model")),),
    parameters=(
        Parameter("rate", ParameterType(ParameterKind.FLOAT), 0.1),
        Parameter("path", ParameterType(ParameterKind.PATH), ""),
        Parameter("token", ParameterType(ParameterKind.SECRET), ""),
    ),
)  # fmt: skip
CATALOG = {"m.load": LOAD, "m.fit": FIT}


def pipeline(over: Map | None = None) -> Pipeline:
    return Pipeline(nodes={"load": Node("load", "m.load"), "fit": Node("fit", "m.fit", map=over)})


@pytest.fixture
def form(qtbot: QtBot) -> MapForm:
    made = MapForm()
    qtbot.addWidget(made)
    return made


def show(form: MapForm, over: Map | None = None) -> None:
    form.show_node(pipeline(over), pipeline(over).nodes["fit"], FIT, CATALOG)


def test_what_can_be_mapped_over_is_offered(form: MapForm) -> None:
    show(form)
    names = [form.over.itemText(row) for row in range(form.over.count())]
    assert names == [
        "Not mapped", "Item of data", "Value of rate", "Value of path", "Row of load.table", "File as path",
    ]  # fmt: skip
    assert form.over.currentText() == "Not mapped"
    show(form, Map(rows=Endpoint("load", "table"), parallel=3))
    assert form.over.currentText() == "Row of load.table"
    assert form.parallel.text() == "3"


@pytest.mark.parametrize(
    ("name", "over"),
    [
        ("Item of data", Map("data", parallel=2)),
        ("Value of rate", Map("rate", parallel=2)),
        ("Row of load.table", Map(rows=Endpoint("load", "table"), parallel=2)),
        ("File as path", Map("path", files="data/*.csv", parallel=2)),
        ("Not mapped", None),
    ],
)
def test_a_choice_is_an_edit_and_keeps_how_many_at_once(
    form: MapForm, qtbot: QtBot, name: str, over: Map | None
) -> None:
    show(form, Map("data", parallel=2))
    with qtbot.waitSignal(form.edited) as told:
        form.over.activated.emit(form.over.findText(name))
    assert told.args == [over]


def test_the_pattern_and_the_number_are_written(form: MapForm, qtbot: QtBot) -> None:
    show(form, Map("path", files="data/*.csv"))
    assert form.files.text() == "data/*.csv"
    with qtbot.waitSignal(form.edited) as told:
        form.files.setText("in/*.txt")
        form.files.textEdited.emit("in/*.txt")
    assert told.args == [Map("path", files="in/*.txt")]
    with qtbot.waitSignal(form.edited) as told:
        form.parallel.setText("4")
        form.parallel.textEdited.emit("4")
    assert told.args == [Map("path", files="data/*.csv", parallel=4)]


def test_what_is_wrong_with_a_map_stands_below_it(form: MapForm) -> None:
    show(form, Map("data"))
    form.show_problems([Problem("map-over", "it is fed by one Table, not a list", Where(node="fit"), "connect a list")])
    assert "not a list" in form.complaint.text()
    form.show_node(pipeline(), pipeline().nodes["fit"], None, CATALOG)
    assert form.over.count() == 1
