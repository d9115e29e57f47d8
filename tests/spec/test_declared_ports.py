"""Ports that a node declares itself: in the file, in its component, and in every rule that asks for ports."""

from dataclasses import replace

from treadle.spec.component import Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.connecting import refusal
from treadle.spec.declared_ports import PortDeclaration, default_form, forms_of
from treadle.spec.file_format import read, write
from treadle.spec.flow import Kind
from treadle.spec.node_component import called, component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.types import ANY, ParameterKind, ParameterType, PortType
from treadle.spec.validate import validate

TABLE = PortType("Table")
SCRIPT = Component(
    "script", "Script", SourceRef("programs.py", "programs", "script", 1), kind=Kind.SCRIPT,
    parameters=(
        Parameter("path", ParameterType(ParameterKind.PATH)),
        Parameter("arguments", ParameterType(ParameterKind.LIST), None),
        Parameter("parameters", ParameterType(ParameterKind.DICT), None),
    ),
)  # fmt: skip
LOAD = Component("data.load", "Load", SourceRef("data.py", "data", "load", 1), outputs=(OutputPort("table", TABLE),))
COMPONENTS = {"script": SCRIPT, "data.load": LOAD}
CLEAN = Node(
    "clean", "script", {"data": (Endpoint("load", "table"),)}, {"path": "clean.py"},
    declared_inputs={"data": PortDeclaration(TABLE)},
    declared_outputs={"table": PortDeclaration(TABLE, "parquet"), "report": PortDeclaration(PortType("File"))},
)  # fmt: skip
PIPELINE = Pipeline(nodes={"load": Node("load", "data.load"), "clean": CLEAN})

TEXT = """\
treadle: 1
nodes:
  clean:
    uses: script
    with: {path: clean.py}
    inputs: {data: Table}   # what it reads
    outputs:
      table: {type: Table, format: parquet}
      plots: {type: 'list[Image]', path: out/plots}
      anything:
"""


def test_a_node_has_the_ports_that_it_declares() -> None:
    component = component_of(CLEAN, COMPONENTS)
    assert component is not None
    assert component.inputs == (InputPort("data", TABLE),)
    assert component.outputs == (OutputPort("table", TABLE), OutputPort("report", PortType("File")))


def test_an_input_that_is_only_connected_takes_whatever_feeds_it() -> None:
    node = replace(
        CLEAN,
        declared_inputs={},
        inputs={**CLEAN.inputs, "parts": (Endpoint("a", "x"), Endpoint("b", "x")), "path": (Endpoint("c", "file"),)},
    )
    component = component_of(node, COMPONENTS)
    assert component is not None
    assert component.inputs == (InputPort("data", ANY), InputPort("parts", PortType("Any", many=True)))


def test_other_nodes_have_their_components_ports_and_an_unknown_one_none() -> None:
    load = replace(PIPELINE.nodes["load"], declared_outputs=CLEAN.declared_outputs)
    assert component_of(load, COMPONENTS) is LOAD
    assert component_of(Node("x", "gone.away"), COMPONENTS) is None


def test_rules_and_gestures_see_declared_ports() -> None:
    assert validate(PIPELINE, COMPONENTS) == []
    clean = replace(CLEAN, declared_inputs={"data": PortDeclaration(PortType("Model"))})
    wrong = replace(PIPELINE, nodes={**PIPELINE.nodes, "clean": clean})
    assert [problem.code for problem in validate(wrong, COMPONENTS)] == ["type-mismatch"]
    assert refusal(wrong, COMPONENTS, Endpoint("load", "table"), Endpoint("clean", "data")) is not None
    assert refusal(PIPELINE, COMPONENTS, Endpoint("load", "table"), Endpoint("clean", "data")) is None


def test_the_file_says_declared_ports_and_keeps_its_bytes() -> None:
    reading = read(TEXT)
    assert reading.pipeline is not None
    assert not reading.problems
    node = reading.pipeline.nodes["clean"]
    assert node.declared_inputs == {"data": PortDeclaration(TABLE)}
    assert node.declared_outputs == {
        "table": PortDeclaration(TABLE, "parquet"),
        "plots": PortDeclaration(PortType("Image", many=True), path="out/plots"),
        "anything": PortDeclaration(ANY),
    }
    assert write(reading.pipeline, TEXT) == TEXT


def test_a_wrong_type_of_a_port_is_named_with_its_line() -> None:
    reading = read(TEXT.replace("data: Table", "data: Tabel").replace("format: parquet", "formt: parquet"))
    assert [(problem.code, problem.where.line) for problem in reading.problems] == [
        ("unknown-type", 6),
        ("unknown-key", 8),
    ]


def test_each_type_has_a_usual_form() -> None:
    assert [default_form(name) for name in ("Table", "int", "Text", "File", "Nothing")] == ["csv", "txt", "txt", "", ""]
    assert forms_of(PortType("Image")) == ("png",)
    assert forms_of(PortType("File")) is None


def test_programs_are_called_by_their_id_and_functions_by_their_component() -> None:
    assert called(CLEAN, component_of(CLEAN, COMPONENTS)) == "clean"
    assert called(Node("first", "data.load"), LOAD) == "Load"
    assert called(Node("first", "data.gone"), None) == "first"
    assert called(replace(CLEAN, title="Clean up"), SCRIPT) == "Clean up"
