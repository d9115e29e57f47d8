"""Closing the window while a run goes on, with a real mouse: keep it running and find it again, or cancel it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from system.app_process import App, running_app
from system.screen import MISSING, Screen

pytestmark = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

COMPONENT = '''
import time

import pandas as pd

from treadle.sdk import component


@component(category="Data")
def slow(seconds: float = 1.0) -> pd.DataFrame:
    """Take a while."""
    for step in range(int(seconds * 10)):
        print("step", step, flush=True)
        time.sleep(0.1)
    return pd.DataFrame({"a": [1]})
'''
PIPELINE = """treadle: 1
name: slow
nodes:
  first:
    uses: pace.slow
    with: {seconds: SECONDS}
view:
  first: [0, 0]
"""


def _project(folder: Path, seconds: int) -> Path:
    (folder / "components").mkdir(parents=True)
    (folder / "components" / "pace.py").write_text(COMPONENT)
    file = folder / "slow.treadle.yaml"
    file.write_text(PIPELINE.replace("SECONDS", str(seconds)))
    return file


def _run(app: App, hand: Screen) -> None:
    hand.key("F5")
    app.until("dialog", is_=bool)
    hand.click(*app.ask("button", "Trust this folder"))
    app.until("state", "first", is_=lambda state: state == "running", seconds=30)


def _attempts(folder: Path) -> list[int]:
    """Processes at work in the project, the host aside: it serves for a minute more and ends by itself."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((entry / "cwd").readlink())
        except OSError:
            continue
        if "treadle.host" not in words and (place.startswith(str(folder)) or str(folder) in words):
            found.append(int(entry.name))
    return found


def test_a_run_kept_going_is_found_again_and_followed(on_screen: Screen, tmp_path: Path) -> None:
    file = _project(tmp_path / "work", 12)
    with running_app(on_screen, tmp_path / "home", file) as app:
        _run(app, on_screen)
        on_screen.key("alt+F4")
        app.until("dialog", is_=bool)
        on_screen.shoot("close-during-run")
        on_screen.click(*app.ask("button", "Keep running"))
        assert app.wait_closed() == 0
    with running_app(on_screen, tmp_path / "home", file) as app:
        app.until("state", "first", is_=lambda state: state == "running", seconds=10)
        on_screen.click(*app.ask("pane", "Logs"))
        app.until("log", is_=lambda lines: any("step" in line for line in lines))
        on_screen.shoot("found-again")
        app.until("run_status", is_=lambda status: status == "succeeded", seconds=30)
        on_screen.key("ctrl+q")
        assert app.wait_closed() == 0


def test_a_run_cancelled_on_closing_leaves_no_process(on_screen: Screen, tmp_path: Path) -> None:
    file = _project(tmp_path / "work", 600)
    with running_app(on_screen, tmp_path / "home", file) as app:
        _run(app, on_screen)
        on_screen.key("alt+F4")
        app.until("dialog", is_=bool)
        on_screen.click(*app.ask("button", "Cancel the run"))
        assert app.wait_closed() == 0
    deadline = time.monotonic() + 20
    while (left := _attempts(file.parent)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []


def test_staying_leaves_window_and_run_as_they_are(on_screen: Screen, tmp_path: Path) -> None:
    file = _project(tmp_path / "work", 4)
    with running_app(on_screen, tmp_path / "home", file) as app:
        _run(app, on_screen)
        on_screen.key("alt+F4")
        app.until("dialog", is_=bool)
        on_screen.key("Escape")
        app.until("dialog", is_=lambda title: not title)
        app.until("run_status", is_=lambda status: status == "succeeded", seconds=30)
        on_screen.key("ctrl+q")
        assert app.wait_closed() == 0
