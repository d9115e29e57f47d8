"""A run that is paused, in the main window with a fake engine: what the commands, the line above the canvas and the
nodes say of it, and what the engine is asked.
"""

from __future__ import annotations

import asyncio

import pytest
from gui.runs.flows import begun, ended, finished, launched, record
from gui.window.bench import Bench
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from treadle.run.interventions import Breakpoint, BreakpointSet, RunPaused, When
from treadle.spec.problems import Problem
from treadle_gui.window.context_menus import context_menu
from treadle_gui.window.page import Page

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]

HELD = [*begun("load", "fit"), *launched("load"), *ended("load"), RunPaused("breakpoint", "fit", When.BEFORE)]


async def held(bench: Bench) -> Page:
    """A page whose run is paused before `fit`."""
    bench.engine.events = record(HELD)
    bench.engine.holds_up = asyncio.Event()
    page = await bench.open()
    page.bridge.trust()
    await bench.window.run_controls.run(page)
    await bench.until(lambda: bench.window.run_controls.is_paused(page))
    bench.window.commands.refresh()
    return page


def enabled(bench: Bench, *names: str) -> list[bool]:
    return [bench.window.commands.action(f"run.{name}").isEnabled() for name in names]


def test_a_paused_run_is_told_and_can_be_stepped_and_continued(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await held(bench)
        assert page.paused.words.text() == "Paused before fit"
        assert not page.paused.isHidden()
        assert bench.window.status.pill.state == "paused"
        assert page.canvas.stage.nodes["fit"].run.state == "paused"
        assert enabled(bench, "start", "pause", "step", "stop") == [True, False, True, True]
        assert bench.window.commands.action("run.start").text() == "Continue"
        for name in ("run.step", "run.start"):
            bench.window.commands.run(name)
        await bench.until(lambda: len(bench.engine.asked) == 2)
        assert bench.engine.asked == [("step", "r1", None), ("go on", "r1")]

    run(scenario)


def test_a_run_that_goes_on_can_be_paused_and_one_that_has_ended_says_nothing(run) -> None:
    async def scenario(bench: Bench) -> None:
        bench.engine.events = record([*begun("load"), *launched("load")])
        bench.engine.holds_up = asyncio.Event()
        page = await bench.open()
        page.bridge.trust()
        await bench.window.run_controls.run(page)
        await bench.until(lambda: page.session is not None and page.session.last_seq > 0)
        bench.window.commands.refresh()
        assert enabled(bench, "start", "pause", "step") == [False, True, False]
        bench.window.commands.run("run.pause")
        await bench.until(lambda: bench.engine.asked == [("pause", "r1")])
        assert page.session is not None
        page.session.feed(record([*HELD, *finished("succeeded")]))
        await bench.until(lambda: page.session is not None and page.session.state.status.is_done)
        assert page.paused.isHidden()

    run(scenario)


def test_why_a_step_can_not_be_made_is_told(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await held(bench)
        bench.engine.refuses = Problem("not-ready", "nothing of run r1 is ready to begin")
        await bench.window.run_controls.step(page)
        assert bench.window.status.hint.whole_text == "nothing of run r1 is ready to begin"

    run(scenario)


def test_breakpoints_go_with_the_run_while_it_goes_and_to_the_next_start(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await held(bench)
        page.document.select({"fit"})
        bench.window.commands.run("run.break_before")
        bench.window.commands.run("run.break_after")
        bench.window.commands.run("run.break_after")
        await bench.until(lambda: len(bench.engine.asked) == 3)
        assert bench.engine.asked[0] == ("break", "r1", "before fit", True)
        assert bench.engine.asked[2] == ("break", "r1", "after fit", False)
        assert page.canvas.stage.nodes["fit"].breakpoints == {When.BEFORE}
        assert bench.services.settings.breakpoints(str(bench.file)) == (Breakpoint("fit"),)
        assert not page.document.is_dirty
        page.bridge.session.feed(record([*HELD, *finished("failed")]))  # type: ignore[union-attr]
        await bench.until(lambda: not bench.window.run_controls.is_running(page))
        await bench.window.run_controls.run(page)
        assert bench.engine.requests[-1].breakpoints == (Breakpoint("fit"),)

    run(scenario)


def test_a_breakpoint_that_is_set_from_elsewhere_is_drawn_and_one_taken_away_is_not(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await held(bench)
        assert page.session is not None
        item = page.canvas.stage.nodes["load"]
        seen = [*HELD, BreakpointSet("load", When.AFTER, True, "ann")]
        page.session.feed(record(seen))
        await bench.until(lambda: item.breakpoints == {When.AFTER})
        page.session.feed(record([*seen, BreakpointSet("load", When.AFTER, False, "ann")]))
        await bench.until(lambda: item.breakpoints == frozenset())
        assert bench.engine.asked == []
        assert bench.services.settings.breakpoints(str(bench.file)) == ()

    run(scenario)


@pytest.mark.parametrize("zoom", [1.0, 0.44])  # 0.44: the example in the first window
def test_a_click_beside_a_node_sets_a_breakpoint_and_moves_nothing(run, zoom: float) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.canvas.zoom_to(zoom)
        item = page.canvas.stage.nodes["fit"]
        place = page.canvas.mapFromScene(item.pos() + QPointF(item.width, 17))
        for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
            button = Qt.MouseButton.LeftButton
            event = QMouseEvent(kind, QPointF(place), QPointF(place), button, button, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(page.canvas.viewport(), event)
        assert page.breakpoints.active == (Breakpoint("fit", When.AFTER),)
        assert page.document.selection == frozenset()
        assert not page.document.is_dirty

    run(scenario)


def test_a_node_offers_what_can_be_done_with_it_in_its_run(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await held(bench)
        page.document.select({"load"})
        menu = context_menu("node", "load", page, bench.window.commands, lambda _: None, bench.window)
        offered = {action.text(): action.isEnabled() for action in menu.actions() if action.text()}
        menu.deleteLater()
        assert not {"Cancel selected node", "Retry selected node", "Ungroup", "Connect"} & offered.keys()
        assert not offered["Run only selected node"]
        bench.window.debugging.copy(page, "load")
        assert QApplication.clipboard().text().startswith("treadle debug r1 load --project ")
        page.bridge.session.feed(record([*HELD, *finished("failed")]))  # type: ignore[union-attr]
        await bench.until(lambda: not bench.window.run_controls.is_running(page))
        bench.window.commands.refresh()
        assert enabled(bench, "retry_node", "from_node", "only_node", "failed", "copy_debug") == [True] * 5
        bench.engine.events, bench.engine.holds_up = record([*HELD, *finished("failed")]), None
        bench.window.commands.run("run.retry_node")
        await bench.until(lambda: bench.engine.asked == [("retry", "r1", "load")])
        await bench.until(lambda: bench.window.run_controls.can_run(page))
        bench.window.commands.run("run.only_node")
        await bench.until(lambda: len(bench.engine.requests) == 2)
        assert bench.engine.requests[-1].only == "load"

    run(scenario)


def test_a_breakpoint_at_a_group_is_refused_and_says_where_it_goes(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await bench.open()
        page.document.select({"fit"})
        bench.window.commands.run("group.fold")
        told: list[str] = []
        page.canvas.hint.connect(told.append)
        bench.window.commands.run("run.break_before")
        assert page.breakpoints.active == ()
        assert "open it with Enter" in told[0]

    run(scenario)
