"""Freeing disk space: what would go is shown, and only what was shown goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from treadle.host.api import Collected, Rules, RunBusy
from treadle_gui.dialogs.collecting import CollectDialog
from treadle_gui.window.collecting import Collecting
from treadle_gui.window.tasks import Tasks

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

SOME = Collected(("r1", "r2"), 1, 4, 3 << 20, 5 << 20, dry_run=True)
NONE = Collected((), 0, 0, 0, 5 << 20, dry_run=True)


@pytest.fixture
def dialog(qtbot: QtBot) -> CollectDialog:
    made = CollectDialog()
    qtbot.addWidget(made)
    return made


def test_what_would_go_is_shown_before_anything_can_be_removed(dialog: CollectDialog, qtbot: QtBot) -> None:
    asked: list[Rules] = []
    dialog.looked.connect(asked.append)
    qtbot.keyClicks(dialog.older_than, "30d")
    qtbot.keyClicks(dialog.keep_runs, "5")
    qtbot.keyClicks(dialog.max_size, "10GiB")
    qtbot.waitUntil(lambda: asked == [Rules(30 * 86400.0, 5, 10 << 30)])
    assert not dialog.ok.isEnabled()
    dialog.show_collected(Rules(), SOME)
    assert not dialog.ok.isEnabled()
    dialog.show_collected(dialog.rules, SOME)
    assert dialog.ok.isEnabled()
    assert dialog.told.text() == ("Would free 3.0 MiB: 2 runs, 1 cached result, 4 artifacts. 5.0 MiB stay.")
    assert dialog.runs.toPlainText() == "r1\nr2"
    dialog.show_collected(dialog.rules, NONE)
    assert dialog.told.text() == "Nothing would go. 5.0 MiB stay."
    assert not dialog.ok.isEnabled()


def test_a_change_after_the_look_shuts_the_button(dialog: CollectDialog, qtbot: QtBot) -> None:
    dialog.look()
    dialog.show_collected(dialog.rules, SOME)
    qtbot.keyClicks(dialog.keep_runs, "1")
    assert not dialog.ok.isEnabled()


@pytest.fixture
def run_async(qapp: QApplication) -> Iterator[Callable[[Awaitable[None]], None]]:
    loop = QEventLoop(qapp, already_running=False)
    asyncio.set_event_loop(loop)
    with loop:
        yield lambda work: loop.run_until_complete(asyncio.wait_for(work, 10))
    asyncio.set_event_loop(None)


class Bridge:
    """What a page's bridge answers, and what it was asked."""

    def __init__(self, *answers: Collected | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Rules, bool]] = []

    @property
    def bridge(self) -> Bridge:
        return self

    async def collect(self, rules: Rules, *, dry_run: bool = False) -> Collected:
        self.asked.append((rules, dry_run))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def dialog_of(window: QWidget) -> CollectDialog:
    while not (found := window.findChildren(CollectDialog)):
        await asyncio.sleep(0.01)
    return found[0]


def test_what_was_shown_goes_and_is_told(run_async, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    told: list[str] = []

    async def scenario() -> None:
        page = Bridge(SOME, SOME)
        collecting = Collecting(window, Tasks(lambda *_: None))
        collecting.told.connect(told.append)
        work = asyncio.ensure_future(collecting.collect(page))  # type: ignore[arg-type]
        dialog = await dialog_of(window)
        while not dialog.ok.isEnabled():
            await asyncio.sleep(0.01)
        dialog.ok.click()
        await work
        assert page.asked == [(Rules(), True), (Rules(), False)]

    run_async(scenario())
    assert told == ["Freed 3.0 MiB: 2 runs, 1 cached result, 4 artifacts"]


def test_while_a_run_goes_on_the_dialog_says_so(run_async, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    async def scenario() -> None:
        page = Bridge(RunBusy("a run is going on"))
        work = asyncio.ensure_future(Collecting(window, Tasks(lambda *_: None)).collect(page))  # type: ignore[arg-type]
        dialog = await dialog_of(window)
        while "a run is going on" not in dialog.told.text():
            await asyncio.sleep(0.01)
        assert not dialog.ok.isEnabled()
        dialog.reject()
        await work

    run_async(scenario())
