"""The inspector's fields of flow: each an edit that can be undone, each with what validation finds beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from treadle.spec import edits
from treadle.spec.component import Component, InputPort, OutputPort, SourceRef
from treadle.spec.environments import Environment, Isolation
from treadle.spec.flow import AtEnd, Retry, Trigger
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Policy
from treadle.spec.problems import Problem
from treadle.spec.subpipelines import PipelineFiles
from treadle.spec.types import PortType
from treadle_gui.document.document import Document
from treadle_gui.panels.inspector.after import may_clean_up_after
from treadle_gui.panels.inspector.choice_box import ChoiceBox
from treadle_gui.panels.inspector.environment import parse_requirements, parse_variables
from treadle_gui.panels.inspector.inspector import Inspector
from treadle_gui.panels.inspector.node_form import NodeForm
from treadle_gui.panels.inspector.pipeline_form import PipelineForm
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

TABLE = PortType("Table")
READ = Component("data.read", "Read", SourceRef("data.py", "data", "read", 1), outputs=(OutputPort("table", TABLE),))
MERGE = Component(
    "flow.merge", "Merge", SourceRef("flow.py", "flow", "merge", 1), inputs=(InputPort("data", TABLE),),
    trigger=Trigger.NONE_FAILED,
)  # fmt: skip


class Catalog:
    def __init__(self) -> None:
        self.components = {component.uses: component for component in (READ, MERGE)}
        self.pipelines: PipelineFiles = {}
        self.problems: tuple[Problem, ...] = ()


@pytest.fixture
def document(theme: Theme) -> Document:
    nodes = {
        "load": Node("load", "data.read"),
        "fit": Node("fit", "flow.merge", {"data": (Endpoint("load", "table"),)}),
    }
    return Document(Pipeline(nodes=nodes, view={"load": (0, 0), "fit": (240, 40)}), Catalog())


@pytest.fixture
def form(inspector: Inspector, document: Document, qtbot: QtBot) -> NodeForm:
    document.select(["fit"])
    qtbot.waitUntil(lambda: isinstance(inspector.form, NodeForm))
    assert isinstance(inspector.form, NodeForm)
    inspector.form.sections["How it is run"].head.setChecked(True)
    return inspector.form


def choose(box: ChoiceBox, place: int) -> None:
    """As a person does with the list."""
    box.setCurrentIndex(place)
    box.activated.emit(place)


def node(document: Document) -> Node:
    return document.pipeline.nodes["fit"]


def test_all_thirteen_triggers_are_offered_and_explained(form: NodeForm, document: Document) -> None:
    box = form.running.flow.trigger
    names = [box.itemText(place) for place in range(box.count())]
    assert names == ["Default: none_failed", *map(str, Trigger)]
    choose(box, names.index("one_failed"))
    assert node(document).trigger is Trigger.ONE_FAILED
    assert form.running.flow.explanation.text() == "It runs when something failed, at once."
    document.undo()
    assert node(document).trigger is None
    assert box.currentText() == "Default: none_failed"
    assert form.running.flow.explanation.text() == "It runs when everything succeeded or was skipped."


def test_typing_a_backoff_is_one_step(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    line = form.running.policy.retry.backoff
    qtbot.keyClicks(line, "2.5")
    assert node(document).policy.retry == Retry(backoff=2.5)
    assert line.text() == "2.5"
    document.undo()
    assert node(document).policy.retry == Retry()
    assert line.text() == ""


def test_a_jitter_above_one_is_marked_and_not_taken(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    line = form.running.policy.retry.jitter
    qtbot.keyClicks(line, "7")
    assert node(document).policy.retry == Retry()
    assert "0 to 1" in line.toolTip()


def test_failures_are_ways_and_names(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    field = form.running.policy.retry.failures
    assert field.hint.text() == "Nothing chosen: every failure"
    qtbot.mouseClick(field.ways["crashed"], Qt.MouseButton.LeftButton)
    qtbot.keyClicks(field.exceptions, "OSError, KeyError")
    assert node(document).policy.retry.failures == ("crashed", "OSError", "KeyError")
    assert field.hint.isHidden()
    assert field.exceptions.text() == "OSError, KeyError"
    field.exceptions.clear()
    field.exceptions.textEdited.emit("")
    qtbot.mouseClick(field.ways["crashed"], Qt.MouseButton.LeftButton)
    assert node(document).policy.retry.failures is None


def test_what_is_inherited_stands_as_a_hint(form: NodeForm, document: Document) -> None:
    retry = Retry(3.0, 90.0, 0.2, ("crashed",))
    document.edit("Defaults", lambda p: edits.set_defaults(p, Policy(retry=retry, isolation=Isolation.REUSE)))
    shown = form.running.policy.retry
    assert [line.placeholderText() for line in (shown.backoff, shown.maximum, shown.jitter)] == ["3", "1m30s", "0.2"]
    assert shown.failures.hint.text() == "Nothing chosen: crashed"
    assert form.running.environment.isolation.currentText() == "Inherited: reuse"


def test_a_teardown_is_chosen_from_what_can_come_first(form: NodeForm, document: Document) -> None:
    teardown = form.running.flow.teardown_of
    teardown._menu.aboutToShow.emit()
    [action] = teardown._menu.actions()
    action.trigger()
    assert node(document).teardown_of == ("load",)
    assert may_clean_up_after(document.pipeline, "fit") == []
    remove = next(button for button in teardown.findChildren(QPushButton) if button.text() == "Remove")
    assert remove.accessibleName() == "Do not clean up after load"
    remove.click()
    assert node(document).teardown_of == ()


def test_a_node_that_waits_for_it_cannot_be_its_set_up(document: Document) -> None:
    assert may_clean_up_after(document.pipeline, "load") == []


def test_a_place_at_the_end_is_chosen(form: NodeForm, document: Document) -> None:
    choose(form.running.flow.at_end, 3)
    assert node(document).at_end is AtEnd.FAILURE
    document.undo()
    assert form.running.flow.at_end.currentText() == "No"


def test_two_purposes_are_complained_of_where_they_are_set(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    flow = form.running.flow
    assert flow.clean_up_complaint.isHidden()
    document.edit("a", lambda p: edits.set_teardown_of(p, "fit", ["load"]))
    document.edit("b", lambda p: edits.set_at_end(p, "fit", AtEnd.ALWAYS))
    qtbot.waitUntil(lambda: "is a teardown and a node at the run's end" in flow.clean_up_complaint.text())
    document.edit("c", lambda p: edits.set_trigger(p, "fit", Trigger.ALWAYS))
    qtbot.waitUntil(lambda: "it has no effect" in flow.trigger_complaint.text())


def test_an_unknown_failure_is_complained_of_under_the_failures(
    form: NodeForm, document: Document, qtbot: QtBot
) -> None:
    qtbot.keyClicks(form.running.policy.retry.failures.exceptions, "crash")
    qtbot.waitUntil(lambda: "'crash', which is no failure" in form.running.policy.complaint.text())


def test_an_environment_is_typed_line_by_line(form: NodeForm, document: Document, qtbot: QtBot) -> None:
    environment = form.running.environment
    qtbot.keyClicks(environment.python, "3.12")
    for editor, first, second in (
        (environment.requirements, "polars>=1,<2", "scikit-learn"),
        (environment.variables, "A=1", "B"),
    ):
        qtbot.keyClicks(editor, first)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.keyClicks(editor, second)
    assert node(document).policy.environment == Environment("3.12", ("polars>=1,<2", "scikit-learn"), {"A": "1"})
    assert "NAME=value" in environment.variables.toolTip()
    assert environment.variables.toPlainText() == "A=1\nB"
    choose(environment.isolation, 2)
    assert node(document).policy.isolation is Isolation.REUSE


def test_lines_stand_for_requirements_and_variables() -> None:
    assert parse_requirements(" \n") is None
    assert parse_variables("A = 1\n\nURL=http://x?a=b") == {"A": "1", "URL": "http://x?a=b"}
    with pytest.raises(ValueError, match="NAME=value"):
        parse_variables("1A=2")


def test_a_run_and_its_defaults_have_limits(inspector: Inspector, document: Document, qtbot: QtBot) -> None:
    whole = inspector.form
    assert isinstance(whole, PipelineForm)
    qtbot.keyClicks(whole.whole_run.timeout, "2h")
    qtbot.keyClicks(whole.defaults.retry.maximum, "5m")
    assert document.pipeline.timeout == 7200
    assert document.pipeline.defaults == Policy(retry=Retry(maximum=300))
    document.edit("Bad", lambda p: edits.set_defaults(p, replace(p.defaults, retry=Retry(failures=("crashd",)))))
    qtbot.waitUntil(lambda: "defaults is retried for 'crashd'" in whole.defaults.complaint.text())
