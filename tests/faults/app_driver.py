"""The real app, driven from within: `app_driver.py FILE [run] [edit]`. Tells on stdout what a person would see.

It opens FILE; shows the run that goes on for it or, with `run`, starts one; with `edit`, changes the pipeline and
doesn't save. One JSON object a line: `opened`, `found` or `started` (a run), `shown` (how far the run is), `offered`
(how many unsaved works after a crash), `noted` (unsaved work is safe from a crash).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from treadle.spec.edits import set_title
from treadle_gui.app import make_services
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
    await watch(window, page)


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
