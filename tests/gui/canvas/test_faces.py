"""What a node shows, derived from the document and the run."""

from __future__ import annotations

import pytest
from msgspec import structs

from treadle.execute.protocol import Crashed, Failed, TimedOut
from treadle.run.state import TaskState, TaskStatus
from treadle.spec.component import Component, InputPort, OutputPort, Parameter, SourceRef
from treadle.spec.pipeline import Endpoint, Node
from treadle.spec.problems import Problem, Severity
from treadle.spec.types import ParameterKind, ParameterType, PortType
from treadle.store.references import ArtifactRef
from treadle_gui.canvas.faces import NO_RUN, duration_text, node_face, rounded_text, rows_text, run_face, summary

TABLE = PortType("Table")
CLEAN = Component(
    "prepare.clean",
    "Clean rows",
    SourceRef("prepare.py", "prepare", "clean", 1),
    inputs=(InputPort("data", TABLE), InputPort("extra", TABLE, optional=True)),
    outputs=(OutputPort("table", TABLE),),
    parameters=(Parameter("rate", ParameterType(ParameterKind.FLOAT), 0.1),),
    icon="broom",
)


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (TaskState(TaskStatus.SUCCEEDED, 1, reason="parameter seed changed"), "ran because: parameter seed changed"),
        (TaskState(TaskStatus.CACHED, cached_from="r1"), "taken from run r1"),
        (TaskState(TaskStatus.SKIPPED, reason="way did not take otherwise"), "way did not take otherwise"),
        (TaskState(TaskStatus.PENDING, reason="never ran before"), ""),
    ],
)
def test_a_node_says_why_it_ran_or_did_not(task: TaskState, reason: str) -> None:
    assert run_face(task, 0.0).reason == reason


def test_a_title_of_the_nodes_own_wins_over_the_components() -> None:
    assert node_face(Node("a", "prepare.clean"), CLEAN).title == "Clean rows"
    assert node_face(Node("a", "prepare.clean", title="Mine"), CLEAN).title == "Mine"


def test_connected_ports_are_told_from_open_ones() -> None:
    node = Node("a", "prepare.clean", {"data": (Endpoint("b", "table"),)})
    face = node_face(node, CLEAN, outputs_used=["table"])
    assert [(port.name, port.connected) for port in face.inputs] == [("data", True), ("extra", False)]
    assert face.outputs[0].connected


def test_a_promoted_parameter_becomes_a_row_of_its_type() -> None:
    node = Node("a", "prepare.clean", {"rate": (Endpoint("b", "value"),)})
    promoted = node_face(node, CLEAN).inputs[-1]
    assert (promoted.name, promoted.type.name, promoted.known) == ("rate", "float", True)


def test_an_edge_to_a_port_that_is_gone_keeps_its_row() -> None:
    node = Node("a", "prepare.clean", {"old": (Endpoint("b", "table"),)})
    face = node_face(node, CLEAN, outputs_used=["gone"])
    assert [(port.name, port.known) for port in face.inputs][-1] == ("old", False)
    assert [(port.name, port.known) for port in face.outputs][-1] == ("gone", False)


def test_a_missing_component_is_named_on_the_node() -> None:
    face = node_face(Node("a", "cloud.upload", {"file": (Endpoint("b", "x"),)}), None)
    assert face.missing
    assert "cloud.upload" in face.summary
    assert [port.name for port in face.inputs] == ["file"]


def test_an_error_outranks_a_warning() -> None:
    found = [Problem("w", "a warning", severity=Severity.WARNING), Problem("e", "an error")]
    face = node_face(Node("a", "prepare.clean"), CLEAN, problems=found)
    assert face.problem is Severity.ERROR
    assert face.problems == ("a warning", "an error")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, ""),
        ({"test_size": 0.3, "seed": 7}, "test_size 0.3 · seed 7"),
        ({"path": "data/deep/flights.csv"}, "path flights.csv"),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, "a 1 · b 2 · +2"),
        ({"shuffle": True, "drop": False}, "shuffle on · drop off"),
        ({"columns": ["a", "b", "c", "d"]}, "columns a, b, c …"),
        ({"sql": "SELECT 1\nFROM t"}, "sql SELECT 1"),
        ({"by": None, "map": {"a": 1}}, "map 1 entries"),
    ],
)
def test_settings_are_summed_up_in_short(params: dict[str, object], text: str) -> None:
    assert summary(params) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0.00 s"), (0.42, "0.42 s"), (12.34, "12.3 s"), (185, "3:05"), (3723, "1:02:03")],
)
def test_durations_read_as_a_person_says_them(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_row_counts_have_separators() -> None:
    assert rows_text(336776) == "336,776"


def test_a_running_task_tells_its_fraction_or_its_time() -> None:
    running = TaskState(TaskStatus.RUNNING, 1, started_at=90.0)
    assert run_face(running, 100.0).word == "10.0 s"
    half = TaskState(TaskStatus.RUNNING, 1, started_at=90.0, fraction=0.5)
    assert (run_face(half, 100.0).word, run_face(half, 100.0).fraction) == ("50 %", 0.5)


def test_a_task_that_waits_for_a_person_says_so() -> None:
    sensor = TaskState(TaskStatus.DEFERRED, 1, started_at=90.0, message="in/*.csv is not there")
    assert (run_face(sensor, 100.0).word, run_face(sensor, 100.0).message) == ("deferred", "in/*.csv is not there")
    assert run_face(structs.replace(sensor, asks=True), 100.0).word == "waiting for approval"


def test_a_finished_task_tells_how_long_it_took() -> None:
    done = TaskState(TaskStatus.SUCCEEDED, 1, started_at=90.0, finished_at=90.42)
    assert run_face(done, 500.0).word == "0.42 s"
    assert run_face(done, 500.0).fraction is None


@pytest.mark.parametrize(
    ("task", "error"),
    [
        (TaskState(TaskStatus.FAILED, 1, outcome=Failed("KeyError", "'delay'")), "KeyError: 'delay'"),
        (TaskState(TaskStatus.CRASHED, 1, outcome=Crashed("killed by SIGSEGV", "SIGSEGV")), "killed by SIGSEGV"),
        (TaskState(TaskStatus.TIMED_OUT, 1, outcome=TimedOut(30)), "timed out after 30.0 s"),
        (TaskState(TaskStatus.UPSTREAM_FAILED, cause="fit"), "fit did not succeed"),
        (TaskState(TaskStatus.CACHED), ""),
    ],
)
def test_a_failure_is_one_sentence(task: TaskState, error: str) -> None:
    assert run_face(task, 0.0).error == error


def test_row_counts_come_from_what_was_put_out() -> None:
    outputs = {
        "table": ArtifactRef("0", "Table", "arrow", 1, {"rows": 12}),
        "model": ArtifactRef("1", "Model", "skops", 1),
    }
    face = run_face(TaskState(TaskStatus.CACHED, outputs=outputs), 0.0)
    assert (face.rows_of("table"), face.rows_of("model")) == (12, None)


def test_no_task_is_no_run() -> None:
    assert run_face(None, 0.0) is NO_RUN


@pytest.mark.parametrize(
    ("rows", "text"), [(0, "0"), (999, "999"), (1_234, "1.2k"), (65_470, "65k"), (2_000_000, "2.0M")]
)
def test_rows_are_rounded_where_there_is_little_room(rows: int, text: str) -> None:
    assert rounded_text(rows) == text
