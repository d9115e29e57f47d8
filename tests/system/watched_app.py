"""The real app, watched while it shows a real run: it runs FILE, measures its own loop, writes OUT and closes.

    python watched_app.py FILE OUT SECONDS [BUSY_MS]

BUSY_MS seeds a fault: the window's thread computes for so long, twice a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from pathlib import Path

from gui.loop_watch import LoopWatch
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import treadle_gui.app
from treadle_gui.window.main_window import MainWindow

_PATIENCE = 30.0
_WARM = 1.0


async def until(happens: Callable[[], object]) -> None:
    async with asyncio.timeout(_PATIENCE):
        while not happens():
            await asyncio.sleep(0.02)


def window() -> MainWindow | None:
    found = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow) and each.isVisible()]
    return found[0] if found else None


async def watch(out: Path, seconds: float, busy: float) -> None:
    """A person's way through it: the run is started with Run's own code, logs, charts and canvas are in view."""
    await until(lambda: (shown := window()) is not None and shown.page is not None and shown.panes.palette.shown())
    shown = window()
    assert shown is not None
    page = shown.page
    assert page is not None
    page.bridge.trust()
    shown.panes.bring_up("resources")
    await shown.run_controls.run(page)
    session = page.bridge.session
    assert session is not None
    nodes = len(page.document.pipeline.nodes)
    await until(lambda: sum(task.status.value == "running" for task in session.state.tasks.values()) == nodes)
    shown.panes.bring_up("logs")
    await asyncio.sleep(_WARM)
    measured, fault = LoopWatch(), QTimer()
    fault.timeout.connect(lambda: compute(busy))
    if busy:
        fault.start(500)
    first, began = session.last_seq, time.perf_counter()
    measured.start()
    await asyncio.sleep(seconds)
    measured.stop()
    fault.stop()
    took, events = time.perf_counter() - began, session.last_seq - first
    await page.bridge.cancel()
    await until(lambda: not page.bridge.is_running)
    worst = measured.worst
    said = {
        "events": events, "seconds": took, "turns": len(measured.turns), "held": measured.held,
        "work": worst.work, "gap": worst.gap, "machine": worst.machine, "metrics": len(session.metrics),
    }  # fmt: skip
    out.write_text(json.dumps(said))
    print(measured.stacks)
    shown.close()


def compute(seconds: float) -> None:
    ends = time.thread_time() + seconds
    while time.thread_time() < ends:
        pass


def end_on_error(watching: asyncio.Task[None]) -> None:
    if not watching.cancelled() and (error := watching.exception()) is not None:
        traceback.print_exception(error)
        os._exit(1)


def run_watched(file: str, watching: Coroutine[None, None, None]) -> int:
    """The app with `file` open, and `watching` going on beside it on its loop; the app's exit status."""
    run_app = treadle_gui.app.run_app

    async def watched(*arguments: object) -> None:
        asyncio.ensure_future(watching).add_done_callback(end_on_error)
        await run_app(*arguments)  # type: ignore[arg-type]

    treadle_gui.app.run_app = watched  # type: ignore[assignment]
    return treadle_gui.app.main(["treadle", file])


def main() -> int:
    file, out, seconds, *busy = sys.argv[1:]
    return run_watched(file, watch(Path(out), float(seconds), float(busy[0]) / 1000 if busy else 0.0))


if __name__ == "__main__":
    sys.exit(main())
