"""The status bar: what of a run its tasks alone don't say."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from gui.runs.flows import FAILURE, begun, ended, launched, record
from pytestqt.qtbot import QtBot

from treadle.run.events import Event, Recorded, RunFinished, RunInterrupted, RunTimedOut
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme
from treadle_gui.window.status import StatusBar

LIMIT = "the run took longer than its limit of 2h"


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((), ""),
        ((RunTimedOut(7200.0),), "it is beyond its limit of 2h"),
        ((RunTimedOut(7200.0), RunFinished("failed", LIMIT)), LIMIT),
        ((RunInterrupted("the engine was lost"),), "the engine was lost"),
        ((RunFinished("failed"),), ""),
    ],
)
def test_a_run_says_why_it_ends_so(events: tuple[Event, ...], words: str, theme: Theme, qtbot: QtBot) -> None:
    session = RunSession("r1", Path())
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    bar.set_session(session)
    session.feed(record([*begun("a"), *events]))
    session.tick()
    assert bar.reason.text() == words
    assert bar.reason.isHidden() == (not words)
    assert bool(bar.pill.toolTip()) == bool(words)


def test_what_failed_is_counted_while_the_run_goes_on(theme: Theme, qtbot: QtBot) -> None:
    session = RunSession("r1", Path())
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    bar.set_session(session)
    session.feed(record([*begun("a", "b", "c"), *launched("a"), *ended("a", FAILURE), *launched("b")]))
    session.tick()
    assert bar.progress.text().startswith("1/3 tasks, 1 failed, ")


def test_a_long_reason_leaves_room_and_is_whole_in_the_tooltip(theme: Theme, qtbot: QtBot) -> None:
    session = RunSession("r1", Path())
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    bar.set_session(session)
    session.feed(record([*begun("a"), RunFinished("failed", "word " * 60)]))
    session.tick()
    assert len(bar.reason.text()) <= 70
    assert ("word " * 60).strip() in bar.reason.toolTip()


def test_without_a_run_nothing_is_said(theme: Theme, qtbot: QtBot) -> None:
    session = RunSession("r1", Path())
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    bar.set_session(session)
    session.feed(record([*begun("a"), RunInterrupted("the engine was lost")]))
    session.tick()
    bar.set_session(None)
    assert bar.reason.isHidden()


def test_a_clock_that_is_set_while_a_run_goes_on_makes_it_no_longer(
    theme: Theme, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = RunSession("r1", Path())
    bar = StatusBar(theme)
    qtbot.addWidget(bar)
    bar.set_session(session)
    now = time.time()
    session.feed([replace_time(recorded, now) for recorded in record([*begun("a"), *launched("a")])])
    monkeypatch.setattr("time.time", lambda: now + 86_400)
    session.tick()
    assert bar.progress.text() == "0/1 tasks, 0.0 s"


def replace_time(recorded: Recorded, at: float) -> Recorded:
    return Recorded(recorded.seq, at, recorded.event)
