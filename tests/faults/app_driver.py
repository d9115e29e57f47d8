"""The real app, driven from within: `app_driver.py FILE [run] [edit]`. Tells on stdout what a person would see.

It opens FILE; shows the run that goes on for it or, with `run`, starts one; with `edit`, changes the pipeline and
doesn't save. One JSON object a line: `opened`, `found` or `started` (a run), `shown` (how far the run is), `offered`
(how many unsaved works after a crash), `noted` (unsaved work is safe from a crash), `banner` (what stands above the
canvas), `title` (of the node `last`), `asked` (the question of a dialog), `dirty`.

What a person does comes by stdin, a line each: `title TEXT`, `save`, `undo`, `run`, `cancel`, `look` (for a run that
goes on), `press WORDS` (a button of the banner or of a dialog).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from qasync import QEventLoop

from treadle.spec.edits import set_title
from treadle_gui.app import make_services
from treadle_gui.dialogs.question import Question
from treadle_gui.dialogs.recovery import RecoveryDialog
from treadle_gui.document.recovery import state_folder
from treadle_gui.window.main_window import MainWindow
from treadle_gui.window.page import Page


def tell(what: str, value: object) -> None:
    print(json.dumps({what: value}), flush=True)


async def drive(window: MainWindow, file: Path, wishes: set[str]) -> None:
    window.show()
    window.start("opening", window.begin([file]))
    while window.page is None:
        await asyncio.sleep(0.01)
    page = window.page
    tell("opened", str(page.document.path))
    await show_run(window, page, wishes)
    if "edit" in wishes:
        page.document.edit("Name it", lambda pipeline: set_title(pipeline, "last", "unsaved"))
    commands: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    threading.Thread(target=listen, args=(loop, commands), daemon=True).start()
    following = asyncio.create_task(obey(window, page, commands))
    await watch(window, page)
    await following


def listen(loop: asyncio.AbstractEventLoop, commands: asyncio.Queue[str]) -> None:
    for line in sys.stdin:
        loop.call_soon_threadsafe(commands.put_nowait, line.strip())


async def obey(window: MainWindow, page: Page, commands: asyncio.Queue[str]) -> None:
    """A command that puts a question waits for its answer, which is another command: each is begun, not waited for."""
    begun = set()
    while True:
        begun.add(asyncio.create_task(do(window, page, *(await commands.get()).split(" ", 1))))


async def do(window: MainWindow, page: Page, what: str, words: str = "") -> None:
    match what:
        case "title":
            page.document.edit("Name it", lambda pipeline: set_title(pipeline, "last", words))
        case "save":
            tell("saved", await window.saving.save(page))
        case "undo":
            page.document.undo()
        case "run":
            await window.run_controls.run(page, use_cache=False)
            tell("started", page.session.run if page.session is not None else None)
        case "cancel":
            await page.bridge.cancel()
        case "look":
            await window.run_controls.find_unfinished(page)
            tell("found", page.session.run if page.session is not None else None)
        case "press":
            buttons = [each for each in window.findChildren(QPushButton) if each.text() == words and each.isVisible()]
            buttons[-1].click()


async def show_run(window: MainWindow, page: Page, wishes: set[str]) -> None:
    await window.run_controls.find_unfinished(page)
    if page.session is not None:
        tell("found", page.session.run)
    elif "run" in wishes:
        await window.run_controls.run(page, use_cache=False)
        assert page.session is not None
        tell("started", page.session.run)


async def watch(window: MainWindow, page: Page) -> None:
    """Tells what changes, until this process is ended."""
    before: dict[str, object] = {}
    while True:
        now: dict[str, object] = {
            "offered": sum(dialog.isVisible() for dialog in window.findChildren(RecoveryDialog)),
            "noted": any((state_folder() / "recovery").glob("*.json")),
            "banner": " ".join(label.text() for label in page.banner.findChildren(QLabel))
            if page.banner.isVisible()
            else "",
            "title": page.document.pipeline.nodes["last"].title,
            "asked": next((each.windowTitle() for each in window.findChildren(Question) if each.isVisible()), ""),
            "dirty": page.document.is_dirty,
        }
        if page.session is not None:
            now["shown"] = [page.session.run, page.session.last_seq, str(page.session.state.status)]
        for what, value in now.items():
            if before.get(what) != value:
                tell(what, value)
        before = now
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(
            drive(MainWindow(app, make_services()), Path(sys.argv[1]).absolute(), set(sys.argv[2:]))
        )
