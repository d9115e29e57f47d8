"""History and details: every run is listed, can be shown or gone on with; a node says what became of it and why."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from gui.runs.fake_engine import summary
from gui.runs.flows import FAILURE, START, begun, ended, launched, record
from msgspec import structs
from PySide6.QtWidgets import QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from treadle.execute.protocol import Cancelled, Crashed, Succeeded, TimedOut
from treadle.host.api import Why
from treadle.run.events import (
    ApprovalAnswered,
    CacheMissed,
    RetryScheduled,
    TaskCached,
    TaskDeferred,
    TaskSkipped,
    TaskUpstreamFailed,
)
from treadle.run.state import RunState, TaskState, TaskStatus
from treadle.run.why import Change, CodeChange, InputChange, Origin
from treadle_gui.panels.history import HistoryPanel, NodeRunDetails
from treadle_gui.panels.history.run_words import error_text, rows
from treadle_gui.runs.reasons import Reasons, why_text
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme
from treadle_gui.style.widgets import PlainLabel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
NAN = float("nan")


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> HistoryPanel:
    made = HistoryPanel(theme)
    qtbot.addWidget(made)
    failed = replace(summary("r2", "", "failed"), finished=1_965.0, idle=900.0, counts={"succeeded": 3, "failed": 1})
    made.set_runs([failed, replace(summary("r1", "", "succeeded"), finished=1_002.0)])
    return made


def button(panel: HistoryPanel, text: str) -> QPushButton:
    return next(each for each in panel.findChildren(QPushButton) if each.text() == text)


def select(panel: HistoryPanel, row: int) -> None:
    tree = panel.findChild(QTreeWidget)
    assert tree is not None
    tree.setCurrentItem(tree.topLevelItem(row))


def test_a_run_tells_state_pipeline_duration_and_counts(panel: HistoryPanel) -> None:
    tree = panel.findChild(QTreeWidget)
    assert tree is not None
    item = tree.topLevelItem(0)
    assert (item.text(0), item.text(1), item.text(3), item.text(4), item.text(5)) == (
        "failed", "churn", "1:05", "3 succeeded, 1 failed", "r2",
    )  # fmt: skip
    assert not item.icon(0).isNull()


def test_a_run_can_be_shown_again(qtbot: QtBot, panel: HistoryPanel) -> None:
    select(panel, 1)
    with qtbot.waitSignal(panel.run_chosen) as chosen:
        button(panel, "Show run").click()
    assert chosen.args == ["r1"]


def test_only_a_run_that_did_not_succeed_can_be_resumed(qtbot: QtBot, panel: HistoryPanel) -> None:
    select(panel, 1)
    assert not button(panel, "Resume").isEnabled()
    select(panel, 0)
    with qtbot.waitSignal(panel.resume_asked) as asked:
        button(panel, "Resume").click()
    assert asked.args == ["r2"]


def test_a_list_read_again_keeps_the_selection(panel: HistoryPanel) -> None:
    select(panel, 1)
    panel.set_runs([summary("r3", ""), summary("r2", ""), summary("r1", "")])
    assert panel.selected == "r1"


def state_of(*events: object) -> TaskState:
    state = RunState()
    for recorded in record(events):  # type: ignore[arg-type]
        state.advance(recorded)
    return state.tasks["fit"]


def test_a_node_tells_why_it_ran() -> None:
    state = state_of(*begun("fit"), CacheMissed("fit", "k", "its code changed"), *launched("fit"), *ended("fit"))
    told = rows(state, START + 9, NAN, NAN)
    assert told["Why"] == "its code changed"
    assert told["Memory"] == "64.0 MiB at most"
    assert told["Attempt"] == "1"


def test_a_cached_node_tells_where_it_was_taken_from() -> None:
    state = state_of(*begun("fit"), TaskCached("fit", "k", {}, "r7"))
    assert rows(state, START, NAN, NAN)["Why"].startswith("Taken from run r7")


def test_a_node_that_never_ran_names_the_one_that_failed() -> None:
    state = state_of(*begun("fit"), TaskUpstreamFailed("fit", "load"))
    assert "load did not succeed" in rows(state, START, NAN, NAN)["Why"]


def test_a_node_that_is_tried_again_tells_when_and_how_often() -> None:
    lost = ended("fit", Crashed("it died"))
    state = state_of(*begun("fit"), *launched("fit"), *lost, RetryScheduled("fit", 2, START + 30))
    told = rows(state, START + 10, NAN, NAN, 4)
    assert told["Attempt"] == "1 of 4"
    assert told["Next attempt"].startswith("in 20 s, at ")
    assert "Next attempt" not in rows(structs.replace(state, status=TaskStatus.CRASHED), START + 10, NAN, NAN, 4)


def test_attempts_since_a_resume_are_told_beside_the_number_of_the_log() -> None:
    state = TaskState(TaskStatus.RUNNING, 5, started_at=START, spent=3)
    assert rows(state, START, NAN, NAN, 3)["Attempt"] == "2 of 3 (number 5)"


def test_a_skipped_node_tells_why() -> None:
    state = state_of(*begun("fit"), TaskSkipped("fit", "way did not take then"))
    assert rows(state, START, NAN, NAN)["Why"] == "way did not take then"


@pytest.mark.parametrize(
    ("outcome", "part"),
    [
        (FAILURE, "no such column"),
        (Crashed("killed by SIGSEGV", "SIGSEGV"), "SIGSEGV"),
        (TimedOut(90.0), "1:30"),
        (Cancelled("user"), "Cancelled by user"),
        (Succeeded({}), ""),
    ],
)
def test_every_outcome_has_its_words(outcome: object, part: str) -> None:
    text = error_text(outcome)  # type: ignore[arg-type]
    assert part in text
    assert bool(text) == bool(part)


def test_details_follow_the_selected_node(qtbot: QtBot, each_theme: Theme) -> None:
    session = RunSession("r1", Path())
    session.feed(record([*begun("fit"), *launched("fit"), *ended("fit", FAILURE)]))
    session.tick()
    panel = NodeRunDetails(each_theme)
    qtbot.addWidget(panel)
    panel.set_session(session)
    panel.set_selection(frozenset({"fit"}))
    assert "no such column" in panel.error


class Asked(Reasons):
    """Who is asked, and what was."""

    def __init__(self) -> None:
        super().__init__(lambda run, task: asyncio.sleep(0))  # type: ignore[arg-type, return-value]
        self.about: list[tuple[str, str]] = []

    def ask(self, run: str, task: str) -> None:
        self.about.append((run, task))


WHY = Why(
    "r1", "fit", "succeeded", "its code changed", compared=True, before="r0", code=CodeChange("m.f", "m.f", "-a\n+b\n"),
    parameters=(Change("rate", 0.1, 0.2), Change("new", None, "x", was_there=False)),
    inputs=(InputChange("data", (Origin("load", "a" * 64),), (Origin("load", "b" * 64),), changed=True),),
)  # fmt: skip


def test_what_changed_is_told_line_by_line_with_the_diff() -> None:
    assert why_text(WHY).splitlines() == [
        "Compared with run r0",
        "parameter rate: 0.1 → 0.2",
        "parameter new: not there → x",
        "input data: aaaaaaaaaaaa from load → bbbbbbbbbbbb from load",
        "code changed",
        "-a",
        "+b",
    ]
    assert why_text(replace(WHY, compared=False)) == ""


def test_details_ask_once_why_a_node_ran(qtbot: QtBot, each_theme: Theme) -> None:
    session = RunSession("r1", Path())
    looked_up = [CacheMissed("fit", "k", "its code changed"), CacheMissed("load", "k", "never ran before")]
    session.feed(record([*begun("fit", "load"), *looked_up]))
    session.tick()
    asked, panel = Asked(), NodeRunDetails(each_theme)
    qtbot.addWidget(panel)
    panel.set_reasons(asked)
    panel.set_session(session)
    panel.set_selection(frozenset({"fit"}))
    assert asked.about == []
    panel.show()
    panel.draw()
    assert asked.about == [("r1", "fit")]
    panel.show_why(WHY)
    assert "rate: 0.1 → 0.2" in panel.changes
    panel.set_selection(frozenset({"load"}))
    assert panel.changes == ""
    panel.show_why(WHY)
    assert panel.changes == ""


def test_details_say_what_a_ready_node_waits_for_and_ask_again(qtbot: QtBot, theme: Theme) -> None:
    session = RunSession("r1", Path())
    session.feed(record([*begun("fit"), CacheMissed("fit", "k", "never ran before")]))
    session.tick()
    asked, panel = Asked(), NodeRunDetails(theme)
    qtbot.addWidget(panel)
    panel.set_reasons(asked)
    panel.set_session(session)
    panel.set_selection(frozenset({"fit"}))
    panel.show()
    panel.draw()
    panel.show_why(Why("r1", "fit", "pending", "waits for pool db (1 of 1 taken by load)"))
    panel.draw()
    assert "for pool db (1 of 1 taken by load)" in [each.text() for each in panel.findChildren(PlainLabel)]
    qtbot.waitUntil(lambda: asked.about == [("r1", "fit")] * 2, timeout=3000)


def test_a_node_that_asks_is_answered_once_and_by_a_person(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    details = NodeRunDetails(theme, clock=lambda: START)
    qtbot.addWidget(details)
    session = RunSession("r1", tmp_path)
    session.feed(record([*begun("a"), TaskDeferred("a", 1, "Ship it?", asks=True)]))
    session.tick()
    details.set_session(session)
    details.set_selection(frozenset({"a"}))
    assert not details.approval.isHidden()
    assert details.approval.question.text() == "Ship it?"
    details.approval.note.setText("looks good")
    with qtbot.waitSignal(details.answered, timeout=1_000) as answered:
        details.approval.approve.click()
    assert answered.args == ["a", True, "looks good"]
    details.draw()
    assert not details.approval.isEnabled()
    session.feed(record([ApprovalAnswered("a", approved=True, note="looks good", by="me")], first=session.last_seq + 1))
    session.tick()
    details.draw()
    assert details.approval.isHidden()
    details.set_session(None)
