"""The problems pane: order, filter, counts, and where a double click leads."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from treadle.execute.protocol import Crashed, Failed, Usage
from treadle.run.events import AttemptEnded, AttemptLaunched, AttemptQueued, Recorded, RetryScheduled, RunStarted
from treadle.run.state import fold
from treadle.spec.problems import Problem, Severity, Where
from treadle_gui.panels.problems import Problems, counted, matching
from treadle_gui.panels.problems_of_run import run_problems
from treadle_gui.style.tokens import Theme

ERROR = Problem("missing-input", "fit needs an input", Where("churn.treadle.yaml", 12, node="fit"), "connect it")
WARNING = Problem("unused", "load is not used", Where(node="load"), severity=Severity.WARNING)
FAILURE = Problem("node-failed", "ValueError: no such column", Where("fit.py", 3, node="fit"))


@pytest.fixture
def pane(theme: Theme, qtbot: QtBot) -> Problems:
    made = Problems(theme)
    qtbot.addWidget(made)
    made.set_problems([WARNING, ERROR])
    return made


def test_errors_come_first_and_runs_before_findings(pane: Problems) -> None:
    pane.set_run_problems([FAILURE])
    assert [pane.model.entry(row).problem for row in range(3)] == [FAILURE, ERROR, WARNING]


def test_counts_are_told_for_the_tab(pane: Problems, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pane.counts_changed) as told:
        pane.set_run_problems([FAILURE])
    assert told.args == [2, 1]
    assert counted(pane.entries) == "2 errors, 1 warning"


def test_a_filter_looks_at_words_and_places(pane: Problems) -> None:
    assert [entry.problem for entry in matching(pane.entries, "churn input", None)] == [ERROR]
    assert [entry.problem for entry in matching(pane.entries, "", Severity.WARNING)] == [WARNING]


def test_a_double_click_on_a_failure_asks_for_its_log(pane: Problems, qtbot: QtBot) -> None:
    pane.set_run_problems([FAILURE])
    with qtbot.waitSignals([pane.problem_activated, pane.run_problem_activated]):
        pane.table.doubleClicked.emit(pane.model.index(0, 0))


def test_a_finding_leads_to_its_node_and_no_log(pane: Problems, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(pane.run_problem_activated), qtbot.waitSignal(pane.problem_activated) as told:
        pane.table.doubleClicked.emit(pane.model.index(0, 0))
    assert told.args == [ERROR]


def test_copied_problems_are_lines_an_editor_understands(pane: Problems) -> None:
    pane.copy()
    assert QGuiApplication.clipboard().text().startswith("churn.treadle.yaml:12 fit: error: fit needs an input")


def test_a_refusal_is_shown_until_the_pipeline_is_checked_again(pane: Problems) -> None:
    refusal = Problem("no-such-file", "data.csv is not there", Where(node="load"))
    pane.set_refusals([refusal, ERROR])
    assert [entry.problem for entry in pane.entries] == [WARNING, ERROR, refusal]
    pane.set_problems([ERROR])
    assert [entry.problem for entry in pane.entries] == [ERROR]


def test_a_failed_task_names_the_authors_line_and_a_dead_process_its_reason() -> None:
    events = [
        RunStarted("r", "churn", ("fit", "load"), {}),
        AttemptQueued("fit", 1), AttemptLaunched("fit", 1, 7),
        AttemptEnded("fit", 1, Failed("ValueError", "no such\ncolumn", "", "fit.py", 3), Usage()),
        AttemptQueued("load", 1), AttemptLaunched("load", 1, 8),
        AttemptEnded("load", 1, Crashed("killed by SIGSEGV", "SIGSEGV"), Usage()),
    ]  # fmt: skip
    failed, crashed = run_problems(fold(Recorded(seq, 0.0, event) for seq, event in enumerate(events, 1)))
    assert (failed.message, failed.where.file, failed.where.line) == ("ValueError: no such column", "fit.py", 3)
    assert "SIGSEGV" in crashed.message


def test_what_is_tried_again_is_a_warning_until_it_has_failed_for_good() -> None:
    failed = AttemptEnded("fit", 1, Failed("ValueError", "busy", "", "fit.py", 3), Usage())
    events = [
        RunStarted("r", "churn", ("fit",), {}), AttemptQueued("fit", 1), AttemptLaunched("fit", 1, 7), failed,
        RetryScheduled("fit", 2, 5.0),
    ]  # fmt: skip
    [problem] = run_problems(fold(Recorded(seq, 0.0, event) for seq, event in enumerate(events, 1)))
    assert (problem.severity, problem.hint) == (Severity.WARNING, "it is tried again")
    [problem] = run_problems(fold(Recorded(seq, 0.0, event) for seq, event in enumerate(events[:-1], 1)))
    assert problem.severity is Severity.ERROR
