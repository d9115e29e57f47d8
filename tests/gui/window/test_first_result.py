"""The way from a node to what it gave: one click, where nothing else needs to be read first."""

from __future__ import annotations

import pytest
from gui.runs.flows import begun, ended, finished, launched, record
from gui.window.bench import Bench
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabBar

from treadle.execute.protocol import Failed, Succeeded
from treadle.run.events import Event
from treadle.store.references import ArtifactRef
from treadle_gui.window.page import Page

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]

TEXT = ArtifactRef("5b51", "Text", "text", 5)
GIVEN = [
    *begun("load", "fit"),
    *launched("load"),
    *ended("load", Succeeded({"table": TEXT})),
    *launched("fit"),
    *ended("fit"),
    *finished(),
]


async def ran(bench: Bench, events: list[Event]) -> Page:
    bench.engine.events = record(events)
    bench.window.show()
    page = await bench.open()
    await bench.until(lambda: bool(bench.window.panes.front))
    page.bridge.trust()
    await bench.window.run_controls.run(page)
    await bench.until(lambda: not bench.window.run_controls.is_running(page))
    return page


def in_front(bench: Bench, name: str) -> bool:
    return not bench.window.panes.docks[name].visibleRegion().isEmpty()


def test_a_click_on_a_node_shows_what_it_gave_where_there_are_no_problems(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await ran(bench, GIVEN)
        assert in_front(bench, "problems")
        page.document.select({"fit"})
        await bench.until(lambda: in_front(bench, "problems"))  # it gave nothing
        page.document.select({"load"})
        await bench.until(lambda: in_front(bench, "data"))

    run(scenario)


def test_another_pane_in_front_stays_there(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await ran(bench, GIVEN)
        bench.window.panes.bring_up("logs")
        await bench.until(lambda: in_front(bench, "logs"))
        page.document.select({"load"})
        await bench.until(lambda: in_front(bench, "logs"))
        assert not in_front(bench, "data")

    run(scenario)


def test_the_figures_of_a_run_that_succeeded_come_to_the_front(run) -> None:
    async def scenario(bench: Bench) -> None:
        figures = ArtifactRef("45f0", "Metrics", "json", 9, {"values": {"accuracy": 0.9}})
        await ran(bench, [*GIVEN[:4], *launched("fit"), *ended("fit", Succeeded({"metrics": figures})), *finished()])
        await bench.until(lambda: in_front(bench, "metrics"))

    run(scenario)


@pytest.mark.parametrize(("before", "after"), [("resources", "problems"), ("logs", "logs"), ("history", "history")])
def test_why_a_run_failed_comes_before_its_charts_and_not_before_what_is_read(run, before: str, after: str) -> None:
    async def scenario(bench: Bench) -> None:
        bench.window.show()
        bench.window.panes.bring_up(before)
        await bench.until(lambda: in_front(bench, before))
        half = [*GIVEN[:4], *launched("fit"), *ended("fit", Failed("ValueError", "no")), *finished("failed")]
        await ran(bench, half)
        await bench.until(lambda: bool(bench.window.panes.problems.entries))
        await bench.until(lambda: in_front(bench, after))

    run(scenario)


def test_a_double_click_on_a_panes_tab_makes_room_for_a_chart_and_gives_it_back(run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.window.resize(1200, 900)
        bench.window.show()
        await bench.until(lambda: in_front(bench, "problems"))
        dock = bench.window.panes.docks["problems"]
        await bench.until(lambda: abs(dock.height() - 270) < 40)
        [tabs] = bench.window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        for low, high in ((500, 600), (230, 310)):
            tabs.tabBarDoubleClicked.emit(0)
            await bench.until(lambda low=low, high=high: low < dock.height() < high)

    run(scenario)


def test_problems_stay_in_front(run) -> None:
    async def scenario(bench: Bench) -> None:
        half = [
            *GIVEN[:4],
            *launched("fit"),
            *ended("fit", Failed("ValueError", "no such column")),
            *finished("failed"),
        ]
        page = await ran(bench, half)
        await bench.until(lambda: bool(bench.window.panes.problems.entries))
        page.document.select({"load"})
        assert in_front(bench, "problems")

    run(scenario)
