"""One item of a map, from the list of its items: another try, its end, a debugger."""

from __future__ import annotations

import asyncio

import pytest
from gui.runs.flows import finished, launched, record
from gui.window.bench import Bench
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QMenu

from treadle.execute.protocol import Failed, Usage
from treadle.run.events import AttemptEnded, AttemptQueued, CacheMissed, RunStarted, TaskExpanded
from treadle.store.references import ArtifactRef
from treadle_gui.window.item_menu import item_menu
from treadle_gui.window.page import Page

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]

REF = ArtifactRef("a" * 64, "Json", "json", 1)
BEGUN = [RunStarted("r", "p", ("load", "fit"), {}), TaskExpanded("fit", 3, REF)]
RUNS = [*BEGUN, CacheMissed("fit[1]", "k", "new"), AttemptQueued("fit[1]", 1), *launched("fit[1]")[-1:]]
FAILED = [*RUNS, AttemptEnded("fit[1]", 1, Failed("ValueError", "no"), Usage()), *finished("failed")]


async def shown(bench: Bench) -> Page:
    bench.engine.events = record(RUNS)
    bench.engine.holds_up = asyncio.Event()
    page = await bench.open()
    page.bridge.trust()
    await bench.window.run_controls.run(page)
    await bench.until(lambda: page.session is not None and "fit[1]" in page.session.state.tasks)
    return page


def offered(menu: QMenu | None) -> dict[str, bool]:
    assert menu is not None
    return {action.text(): action.isEnabled() for action in menu.actions() if action.text()}


def test_an_item_that_runs_is_cancelled_and_one_that_failed_is_retried(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await shown(bench)
        running = item_menu(bench.window, page, "fit[1]")
        words = offered(running)
        assert (words["Cancel this item"], words["Retry this item"], words["Debug this item"]) == (True, False, True)
        assert not offered(item_menu(bench.window, page, "fit[0]"))["Debug this item"]
        assert item_menu(bench.window, page, "fit[9]") is None
        assert running is not None
        next(action for action in running.actions() if action.text() == "Cancel this item").trigger()
        await bench.until(lambda: bench.engine.cancelled == [("r1", "fit[1]")])
        assert page.session is not None
        page.session.feed(record(FAILED))
        await bench.until(lambda: not bench.window.run_controls.is_running(page))
        failed = item_menu(bench.window, page, "fit[1]")
        assert failed is not None
        next(action for action in failed.actions() if action.text() == "Copy debug command").trigger()
        assert "'fit[1]'" in QApplication.clipboard().text()
        next(action for action in failed.actions() if action.text() == "Retry this item").trigger()
        await bench.until(lambda: ("retry", "r1", "fit[1]") in bench.engine.asked)

    run(scenario)


def test_a_right_click_in_the_list_asks_for_the_menu_of_that_item(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await shown(bench)
        items = bench.window.panes.run.details.items
        assert page.session is not None
        items.show_map(page.session.state, "fit", page.session.state.maps["fit"])
        asked: list[str] = []
        items.menu_requested.connect(lambda item, _place: asked.append(item))
        row = items.view.visualRect(items.model.index(1, 0)).center()
        items.view.customContextMenuRequested.emit(row)
        items.view.customContextMenuRequested.emit(QPoint(5, 5000))
        assert asked == ["fit[1]"]
        popup = QApplication.activePopupWidget()
        assert isinstance(popup, QMenu)
        popup.close()

    run(scenario)
