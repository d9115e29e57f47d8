"""A run whose nodes ask a person, in the main window with a fake engine: the line above the canvas, and its answers."""

from __future__ import annotations

import asyncio

import pytest
from gui.runs.flows import begun, finished, record
from gui.window.bench import Bench

from treadle.run.events import TaskDeferred
from treadle_gui.window.page import Page

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]

ASKS = [
    *begun("load", "fit"),
    TaskDeferred("load", 1, "waiting for approval", asks=True),
    TaskDeferred("fit", 1, "waiting for approval: Good?", asks=True),
]


async def asking(bench: Bench) -> Page:
    bench.engine.events = record(ASKS)
    bench.engine.holds_up = asyncio.Event()
    page = await bench.open()
    page.bridge.trust()
    await bench.window.run_controls.run(page)
    await bench.until(lambda: not page.asking.isHidden())
    return page


def test_what_a_node_asks_is_seen_without_looking_for_it_and_answered_there(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await asking(bench)
        assert page.asking.words.whole_text == "fit is waiting for approval: Good? (1 more to come)"
        page.asking.note.setText(" better than last week ")
        page.asking.approve.click()
        assert page.asking.words.whole_text == "load is waiting for approval"
        assert page.asking.note.text() == ""
        page.asking.reject.click()
        assert page.asking.isHidden()
        await bench.until(lambda: len(bench.engine.answers) == 2)
        assert bench.engine.answers == [("r1", "fit", True, "better than last week"), ("r1", "load", False, "")]

    run(scenario)


def test_a_run_that_has_ended_asks_no_more(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await asking(bench)
        assert page.session is not None
        page.session.feed(record([*ASKS, *finished("cancelled")]))
        await bench.until(page.asking.isHidden)

    run(scenario)


def test_a_page_that_shows_no_run_asks_nothing(run) -> None:
    async def scenario(bench: Bench) -> None:
        page = await asking(bench)
        page.asking.follow(None)
        assert page.asking.isHidden()

    run(scenario)
