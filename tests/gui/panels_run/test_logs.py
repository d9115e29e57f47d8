"""The logs panel: follows, searches, filters, leads to the failing line; reads nothing in the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui.runs.flows import FAILURE, begun, ended, launched, record
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractSlider
from pytestqt.qtbot import QtBot

from treadle.run.events import RetryScheduled, TaskCached
from treadle.store.logs import LogFile
from treadle.store.project import RunFolder
from treadle_gui.panels.logs import LogsPanel
from treadle_gui.panels.logs.levels import Level
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(task: str, lines: list[str], number: int = 1) -> Path:
        log = RunFolder(tmp_path).log(task, number)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.writelines(f"{line}\n" for line in lines)
        return log

    return write


@pytest.fixture
def session(tmp_path: Path, qapp: object) -> RunSession:
    made = RunSession("r1", tmp_path)
    made.feed(record([*begun("fit", "score"), *launched("fit"), *launched("score")]))
    made.tick()
    return made


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme, session: RunSession) -> Iterator[LogsPanel]:
    made = LogsPanel(theme)
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show()
    made.set_session(session)
    yield made
    made.close_logs()


def shown(panel: LogsPanel) -> list[str]:
    return [text for text in panel.view.visible_text() if text]


def count(panel: LogsPanel) -> int:
    return panel.document.count if panel.document is not None else 0


def test_lines_appear_as_they_are_written_and_the_end_is_followed(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    write("fit", [f"step {n}" for n in range(100)])
    qtbot.waitUntil(lambda: count(panel) == 100, timeout=3_000)
    qtbot.waitUntil(lambda: "step 99" in shown(panel), timeout=3_000)
    write("fit", ["the very last"])
    qtbot.waitUntil(lambda: "the very last" in shown(panel), timeout=3_000)


def test_scrolling_up_pauses_following_and_the_end_key_resumes(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    write("fit", [f"step {n}" for n in range(200)])
    qtbot.waitUntil(lambda: count(panel) == 200, timeout=3_000)
    panel.view.verticalScrollBar().triggerAction(QAbstractSlider.SliderAction.SliderPageStepSub)
    assert not panel.view.is_following
    top = panel.view.top
    write("fit", ["more"] * 50)
    qtbot.waitUntil(lambda: count(panel) == 250, timeout=3_000)
    assert panel.view.top == top
    qtbot.keyClick(panel.view, Qt.Key.Key_End)
    assert panel.view.is_following
    assert panel.view.top == panel.view.verticalScrollBar().maximum()


def test_merged_logs_name_the_node_of_each_line(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    write("fit", ["from fit"])
    write("score", ["from score"])
    qtbot.waitUntil(lambda: count(panel) == 2, timeout=3_000)
    assert panel.document is not None
    names = {panel.document.sources[panel.document.row(position).log].name for position in range(2)}
    assert names == {"fit", "score"}


def test_selecting_a_node_shows_its_log_alone(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    write("fit", ["from fit"])
    write("score", ["from score", "again"])
    panel.set_selection({"score"})
    qtbot.waitUntil(lambda: shown(panel) == ["from score", "again"], timeout=3_000)
    panel.set_selection(set())
    qtbot.waitUntil(lambda: count(panel) == 3, timeout=3_000)


def test_the_tools_fit_a_narrow_window_and_grow_with_a_search(qtbot: QtBot, panel: LogsPanel) -> None:
    assert panel.tool_bar.minimumSizeHint().width() <= 520
    bar = panel.tool_bar.find_bar
    assert not bar._next.isVisible()
    bar.look_for("needle")
    assert bar._next.isVisible()


def test_a_search_counts_and_goes_round_its_matches(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    write("fit", [f"step {n} {'NEEDLE' if n % 40 == 0 else ''}" for n in range(200)])
    panel.set_selection({"fit"})
    qtbot.waitUntil(lambda: count(panel) == 200, timeout=3_000)
    panel.tool_bar.find_bar.look_for("needle")
    document = panel.document
    assert document is not None
    qtbot.waitUntil(lambda: document.rows.matches().tolist() == [0, 40, 80, 120, 160], timeout=3_000)
    panel.view.go_to(100)
    panel.tool_bar.find_bar.stepped.emit(True)
    assert panel.view.current == 120
    panel.tool_bar.find_bar.stepped.emit(True)
    panel.tool_bar.find_bar.stepped.emit(True)
    assert panel.view.current == 0


def test_a_search_finds_what_arrives_later(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    panel.tool_bar.find_bar.look_for("late")
    write("fit", ["early"])
    qtbot.waitUntil(lambda: count(panel) == 1, timeout=3_000)
    write("fit", ["late"])
    document = panel.document
    assert document is not None
    qtbot.waitUntil(lambda: document.rows.matches().tolist() == [1], timeout=3_000)


def test_an_error_filter_shows_a_whole_traceback(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    traceback = ["Traceback (most recent call last):", '  File "fit.py", line 3, in fit', "    x = y", "NameError: y"]
    write("fit", ["INFO begins", *traceback, "INFO ends"])
    panel.tool_bar.levels_changed.emit(frozenset({Level.ERROR}))
    qtbot.waitUntil(lambda: shown(panel) == traceback, timeout=3_000)


def test_a_failed_node_leads_to_the_failing_line(
    qtbot: QtBot, panel: LogsPanel, session: RunSession, write: Write
) -> None:
    write("fit", [f"line {n}" for n in range(1, 200)])
    session.feed(record(ended("fit", FAILURE), first=6))
    session.tick()
    panel.show_task("fit")
    qtbot.waitUntil(lambda: panel.view.current == 4, timeout=3_000)
    assert not panel.view.is_following
    qtbot.waitUntil(lambda: "line 5" in shown(panel), timeout=3_000)


def test_a_retry_has_its_own_log_and_the_first_can_be_chosen(
    qtbot: QtBot, panel: LogsPanel, session: RunSession, write: Write
) -> None:
    write("fit", ["first try"])
    panel.set_selection({"fit"})
    qtbot.waitUntil(lambda: shown(panel) == ["first try"], timeout=3_000)
    write("fit", ["second try"], number=2)
    session.feed(record([*ended("fit", FAILURE), RetryScheduled("fit", 2, 1.0), *launched("fit", 2)], first=6))
    session.tick()
    qtbot.waitUntil(lambda: shown(panel) == ["second try"], timeout=3_000)


def test_a_cached_node_says_where_its_result_came_from(panel: LogsPanel, session: RunSession, tmp_path: Path) -> None:
    cached = RunSession("r2", tmp_path)
    cached.feed(record([*begun("load"), TaskCached("load", "k", {}, "r1")]))
    cached.tick()
    panel.set_session(cached)
    panel.show_task("load")
    assert "taken from run r1" in panel.empty_text


def test_copying_takes_the_selected_characters(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    write("fit", ["alpha", "beta"])
    panel.set_selection({"fit"})
    qtbot.waitUntil(lambda: count(panel) == 2, timeout=3_000)
    panel.view.select_all()
    panel.view.copy()
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == "alpha\nbeta", timeout=3_000)


def test_saving_writes_what_is_shown(qtbot: QtBot, panel: LogsPanel, write: Write, tmp_path: Path) -> None:
    write("fit", ["WARNING one", "INFO two"])
    qtbot.waitUntil(lambda: count(panel) == 2, timeout=3_000)
    panel.tool_bar.levels_changed.emit(frozenset({Level.WARNING}))
    target = tmp_path / "saved.log"
    with qtbot.waitSignal(panel.told, timeout=3_000):
        panel.save(str(target))
    assert target.read_text() == "WARNING one\n"


def test_a_log_that_cannot_be_saved_is_told_with_its_path(
    qtbot: QtBot, panel: LogsPanel, write: Write, tmp_path: Path
) -> None:
    write("fit", ["one"])
    qtbot.waitUntil(lambda: count(panel) == 1, timeout=3_000)
    with qtbot.waitSignal(panel.told, timeout=3_000) as told:
        panel.save(str(tmp_path / "missing" / "saved.log"))
    assert "saved.log could not be written" in told.args[0]


def test_escape_sequences_and_html_are_plain_text(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    write("fit", ["\x1b[31mred\x1b[0m <b>bold</b>"])
    panel.set_selection({"fit"})
    qtbot.waitUntil(lambda: shown(panel) == ["red <b>bold</b>"], timeout=3_000)


def test_a_hundred_megabyte_line_does_not_stop_the_panel(qtbot: QtBot, panel: LogsPanel, write: Write) -> None:
    log = write("fit", ["before"])
    with log.open("ab") as file:
        file.truncate(100 * 1024 * 1024)
    write("fit", ["", "after"])
    panel.set_selection({"fit"})
    qtbot.waitUntil(lambda: count(panel) == 3, timeout=8_000)
    assert panel.isVisible()


def test_logs_are_read_in_another_thread(qtbot: QtBot, theme: Theme, session: RunSession, write: Write) -> None:
    readers: set[int] = set()

    class Watched(LogFile):
        def lines(self, first: int, count: int) -> list:
            readers.add(threading.get_ident())
            return super().lines(first, count)

    write("fit", ["one"])
    panel = LogsPanel(theme, open_log=Watched)
    qtbot.addWidget(panel)
    panel.show()
    panel.set_session(session)
    qtbot.waitUntil(lambda: count(panel) == 1, timeout=3_000)
    document = panel.document
    panel.close_logs()
    assert document is not None
    assert document.join(2.0)
    assert readers
    assert threading.get_ident() not in readers


def test_another_run_shows_the_log_of_the_same_node(panel: LogsPanel, tmp_path: Path) -> None:
    panel.set_selection({"fit"})
    again = RunSession("r2", tmp_path)
    panel.set_session(again)  # as it is when Run is pressed: nothing is known of it yet
    assert panel.tool_bar.choice.task is None
    again.feed(record([*begun("fit", "score"), TaskCached("fit", "k", {}, "r1")]))
    again.tick()
    assert panel.tool_bar.choice.task == "fit"
    other = RunSession("r3", tmp_path)
    other.feed(record(begun("load")))
    other.tick()
    panel.set_session(other)
    assert panel.tool_bar.choice.task is None


def test_a_run_that_took_all_from_the_cache_says_so(panel: LogsPanel, tmp_path: Path) -> None:
    cached = RunSession("r2", tmp_path)
    cached.feed(record([*begun("load"), TaskCached("load", "k", {}, "r1")]))
    cached.tick()
    panel.set_session(cached)
    assert panel.empty_text == "Nothing had to run: all results of this run came from the cache."
