"""The items of a mapped node in the app: one node, a list of its items, ten thousand of them without a pause."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from gui.runs.flows import record
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from treadle.execute.protocol import Failed, Succeeded, Usage
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    CacheMissed,
    Event,
    MapEnded,
    MetricReported,
    ResourcesSampled,
    RunStarted,
    TaskExpanded,
)
from treadle.store.references import ArtifactRef
from treadle_gui.canvas.faces import run_face
from treadle_gui.panels.history import NodeRunDetails
from treadle_gui.panels.history.error_box import ErrorBox
from treadle_gui.panels.logs import LogsPanel
from treadle_gui.panels.problems_of_run import run_problems
from treadle_gui.panels.run_panels import RunPanels
from treadle_gui.runs.session import RunSession
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
REF = ArtifactRef("a" * 64, "Json", "json", 1)


def began(items: int) -> list[Event]:
    return [RunStarted("r", "p", ("load", "fit"), {}), TaskExpanded("fit", items, REF)]


def went(name: str, outcome: object = None) -> list[Event]:
    told = outcome or Succeeded({})
    events = [AttemptQueued(name, 1), AttemptLaunched(name, 1, 7), AttemptEnded(name, 1, told, Usage())]  # type: ignore[list-item, arg-type]
    return [CacheMissed(name, "k", "new"), *events]


def session_of(tmp_path: Path, events: list[Event]) -> RunSession:
    session = RunSession("r", tmp_path)
    session.feed(record(events))
    while session.waiting:
        session.tick()
    return session


def test_the_node_shows_how_many_of_its_items_are_done(tmp_path: Path) -> None:
    session = session_of(tmp_path, [*began(4), *went("fit[0]"), *went("fit[1]"), *went("fit[2]")])
    state = session.state
    face = run_face(state.tasks["fit"], 0.0, None, state.maps["fit"])
    assert (face.state, face.word, face.fraction) == ("running", "3 of 4", 0.75)
    assert face.message == "3 of 4 items"
    lost = [*went("fit[0]", Failed("E", "no")), *went("fit[1]"), MapEnded("fit", Failed("I", "1 of 2"))]
    failed = session_of(tmp_path, [*began(2), *lost]).state
    assert run_face(failed.tasks["fit"], 0.0, None, failed.maps["fit"]).word == "1 of 2"


def test_what_changes_at_an_item_changes_its_node(tmp_path: Path, qtbot: QtBot) -> None:
    session = session_of(tmp_path, began(3))
    with qtbot.waitSignal(session.tasks_changed) as told:
        session.feed(record([*began(3), CacheMissed("fit[1]", "k", "new")]))
    assert told.args == [frozenset({"fit", "fit[1]"})]


def test_items_are_listed_filtered_and_asked_for_by_a_double_click(tmp_path: Path, qtbot: QtBot, theme: Theme) -> None:
    details = NodeRunDetails(theme)
    qtbot.addWidget(details)
    details.set_session(session_of(tmp_path, [*began(3), *went("fit[0]"), *went("fit[2]", Failed("E", "no"))]))
    details.set_selection(frozenset({"fit"}))
    details.show()
    model = details.items.model
    assert [[model.index(row, column).data() for column in (0, 1)] for row in range(3)] == [
        ["fit[0]", "succeeded"], ["fit[1]", "waiting"], ["fit[2]", "failed"],
    ]  # fmt: skip
    assert details.items.sum.text() == "2 of 3 items, 1 failed"
    details.items.filter.setCurrentIndex(1)
    details.items.filter.activated.emit(1)
    assert [model.item(row) for row in range(model.rowCount())] == ["fit[2]"]
    with qtbot.waitSignal(details.item_chosen) as told:
        details.items.view.activated.emit(model.index(0, 0))
    assert told.args == ["fit[2]"]
    assert model.headerData(1, Qt.Orientation.Horizontal) == "State"
    details.set_selection(frozenset({"load"}))
    assert not details.items.isVisible()


def test_ten_thousand_items_cost_the_list_only_what_is_seen(tmp_path: Path, qtbot: QtBot, theme: Theme) -> None:
    details = NodeRunDetails(theme)
    qtbot.addWidget(details)
    details.resize(400, 700)
    details.show()
    session = session_of(tmp_path, began(10_000))
    details.set_session(session)
    details.set_selection(frozenset({"fit"}))
    begun = time.perf_counter()
    details.draw()
    assert details.items.model.rowCount() == 10_000
    assert time.perf_counter() - begun < 0.15


def test_many_items_are_charted_as_one_and_few_each_alone(tmp_path: Path) -> None:
    def charted(items: int) -> tuple[set[str], set[str], set[str]]:
        sample = ResourcesSampled("fit[0]", 1, 1.0, 2, 3, 4, 5, 6, None, None)
        events = [*began(items), AttemptQueued("fit[0]", 1), AttemptLaunched("fit[0]", 1, 7), sample]
        session = session_of(tmp_path, [*events, MetricReported("fit[0]", 1, "loss", 0.5)])
        return {task for task, _ in session.spans}, set(session.samples), {task for task, _ in session.metrics}

    assert charted(5) == ({"fit", "fit[0]"}, {"fit[0]"}, {"fit[0]"})
    assert charted(500) == ({"fit"}, {"fit"}, {"fit"})


def test_logs_of_a_map_are_its_last_items_and_one_can_be_picked(tmp_path: Path, qtbot: QtBot, theme: Theme) -> None:
    panel = LogsPanel(theme)
    qtbot.addWidget(panel)
    events = [*began(200), *(event for number in range(120) for event in went(f"fit[{number}]"))]
    panel.set_session(session_of(tmp_path, events))
    names = [panel.tool_bar._node.itemText(row) for row in range(panel.tool_bar._node.count())]
    assert names[1:] == ["fit"], "a list of two hundred names tells nobody anything"
    panel.set_selection(["fit"])
    assert panel.tool_bar.choice.task == "fit"
    panel.show_task("fit[3]")
    assert panel.tool_bar.choice.task == "fit[3]"
    panel.close_logs()


def test_of_items_that_failed_the_first_few_stand_among_the_problems(tmp_path: Path) -> None:
    failed = [event for number in range(30) for event in went(f"fit[{number}]", Failed("ValueError", "no"))]
    state = session_of(tmp_path, [*began(30), *failed, MapEnded("fit", Failed("ItemsFailed", "30 of 30"))]).state
    assert [problem.where.node for problem in run_problems(state)] == ["fit", *(f"fit[{n}]" for n in range(5))]


@pytest.mark.parametrize("items", [0, 1])
def test_a_map_of_nothing_or_one_is_listed_as_that(tmp_path: Path, qtbot: QtBot, theme: Theme, items: int) -> None:
    details = NodeRunDetails(theme)
    qtbot.addWidget(details)
    details.set_session(session_of(tmp_path, began(items)))
    details.set_selection(frozenset({"fit"}))
    details.show()
    assert details.items.model.rowCount() == items


def test_the_events_of_thousands_of_items_leave_the_app_time_for_people(
    tmp_path: Path, qtbot: QtBot, theme: Theme
) -> None:
    panels = RunPanels(theme)
    for panel in panels.all():
        qtbot.addWidget(panel.widget)
        panel.widget.resize(600, 400)
        panel.widget.show()
    session = RunSession("r", tmp_path)
    panels._show(session)
    panels.set_selection(["fit"])
    events = record(
        [*began(3000), *(event for n in range(3000) for event in went(f"fit[{n}]"))], at=time.time() - 1_300
    )
    longest = []
    for first in range(0, len(events), 200):  # 6,000 events a second
        session.feed(events[first : first + 200])
        while session.waiting:
            begun = time.perf_counter()
            session.tick()
            QApplication.processEvents()
            longest.append(time.perf_counter() - begun)
    assert session.state.maps["fit"].done == 3000
    panels.close()
    assert sorted(longest)[len(longest) // 2] < 0.025, "half of the ticks, on a busy machine"


def test_an_error_is_no_taller_than_its_text_and_leaves_the_room_to_the_items(qtbot: QtBot, theme: Theme) -> None:
    box = ErrorBox()
    qtbot.addWidget(box)
    heights = []
    for lines in (1, 3, 6, 40):
        box.show_error("\n".join(["wrong"] * lines), most=6)
        heights.append(box.maximumHeight())
    assert heights[0] < heights[1] < heights[2] == heights[3]
    box.show_error("\n".join(["wrong"] * 40), most=None)
    assert box.maximumHeight() > 5 * box.minimumHeight()
    box.show_error("", most=6)
    assert box.isHidden()
