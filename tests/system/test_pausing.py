"""A breakpoint by keyboard, a value changed in the pause, a step and on: on a real screen, in both themes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from execute.attempts import until
from system.app_process import App, running_app
from system.screen import MISSING, Screen

pytestmark = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

COMPONENT = '''
from treadle import component


@component()
def make(text: str = "hello") -> str:
    """Make a text."""
    return text


@component()
def shout(text: str, times: int = 1) -> str:
    """Shout it."""
    return text.upper() * times
'''
PIPELINE = """treadle: 1
name: pause
nodes:
  load: {uses: steps.make}
  fit: {uses: steps.shout, in: {text: load.value}}
  score: {uses: steps.shout, in: {text: fit.value}}
view:
  load: [0, 0]
  fit: [280, 0]
  score: [560, 0]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "components").mkdir(parents=True)
    (folder / "components" / "steps.py").write_text(COMPONENT)
    made = folder / "pause.treadle.yaml"
    made.write_text(PIPELINE)
    return made


def is_now(wanted: str):
    return lambda state: state == wanted


def test_a_run_is_held_changed_stepped_and_goes_on(on_screen: Screen, file: Path, tmp_path: Path) -> None:
    with running_app(on_screen, tmp_path / "home", file, cwd=tmp_path) as app:
        on_screen.click(*app.ask("node", "fit"))
        on_screen.key("F9")
        app.until("breakpoints", is_=is_now(["before fit"]))  # type: ignore[arg-type]
        on_screen.key("F5")
        app.until("dialog")
        on_screen.click(*app.ask("button", "Trust this folder"))
        app.until("state", "fit", is_=is_now("paused"))
        assert app.until("paused") == "Paused before fit"
        _shoot_both(on_screen, app, "held")

        on_screen.click(*app.until("field", "times"))
        on_screen.key("ctrl+a")
        on_screen.type("3\n")
        app.until("params", "fit", is_=lambda params: params == {"times": 3})
        assert "fit.times" in app.until("paused", is_=lambda words: "fit.times" in words)
        _shoot_both(on_screen, app, "changed")
        on_screen.click(*app.ask("button", "Apply to this run"))
        app.until("ran_with", "fit", is_=lambda values: values == {"times": 3})

        on_screen.key("F10")
        app.until("state", "fit", is_=is_now("succeeded"))
        assert app.ask("state", "score") == "pending"
        assert app.until("paused") == "Paused"
        on_screen.key("F5")
        app.until("run_status", is_=is_now("succeeded"))
        assert app.ask("state", "score") == "succeeded"
        assert app.ask("paused") == ""


def test_a_click_beside_a_node_sets_a_breakpoint_that_the_next_start_remembers(
    on_screen: Screen, file: Path, tmp_path: Path
) -> None:
    with running_app(on_screen, tmp_path / "home", file, cwd=tmp_path) as app:
        on_screen.click(*app.ask("gutter", "load", "after"))
        app.until("breakpoints", is_=is_now(["after load"]))  # type: ignore[arg-type]
        on_screen.click(*app.ask("gutter", "score", "before"))
        app.until("breakpoints", is_=is_now(["after load", "before score"]))  # type: ignore[arg-type]
        on_screen.click(*app.ask("gutter", "score", "before"))
        app.until("breakpoints", is_=is_now(["after load"]))  # type: ignore[arg-type]
        assert not app.ask("dirty")
        on_screen.key("ctrl+q")
        app.wait_closed()
    assert "break" not in file.read_text()
    with running_app(on_screen, tmp_path / "home", file, cwd=tmp_path) as again:
        assert again.until("breakpoints") == ["after load"]
        on_screen.key("F5")
        again.until("dialog")
        on_screen.click(*again.ask("button", "Trust this folder"))
        assert again.until("paused") == "Paused after load"
        on_screen.key("shift+F5")
        again.until("run_status", is_=is_now("cancelled"))


def test_the_command_line_and_the_app_see_each_others_breakpoints(
    on_screen: Screen, file: Path, tmp_path: Path
) -> None:
    def treadle(*words: str) -> str:
        command = [sys.executable, "-m", "treadle.cli", *words, "--project", str(file.parent)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    with running_app(on_screen, tmp_path / "home", file, cwd=tmp_path) as app:
        on_screen.click(*app.ask("gutter", "load", "before"))
        on_screen.key("F5")
        app.until("dialog")
        on_screen.click(*app.ask("button", "Trust this folder"))
        app.until("paused", is_=is_now("Paused before load"))
        treadle("break", "last", "score")
        app.until("drawn_breakpoints", is_=is_now(["before load", "before score"]))  # type: ignore[arg-type]
        on_screen.shoot("breakpoint-from-the-command-line")
        treadle("break", "last", "load", "--off")
        app.until("drawn_breakpoints", is_=is_now(["before score"]))  # type: ignore[arg-type]
        on_screen.click(*app.ask("gutter", "score", "before"))
        app.until("drawn_breakpoints", is_=is_now([]))  # type: ignore[arg-type]
        until(lambda: json.loads(treadle("show", "last", "--json"))["breakpoints"] == [])
        on_screen.key("F5")
        app.until("run_status", is_=is_now("succeeded"))


def test_a_right_click_on_a_node_offers_to_hold_its_runs(on_screen: Screen, file: Path, tmp_path: Path) -> None:
    with running_app(on_screen, tmp_path / "home", file, cwd=tmp_path) as app:
        on_screen.click(*app.ask("node", "fit"), 3)
        on_screen.click(*app.until("menu", "Breakpoint after"))
        app.until("breakpoints", is_=is_now(["after fit"]))  # type: ignore[arg-type]


def _shoot_both(on_screen: Screen, app: App, name: str) -> None:
    for theme in ("dark", "light"):
        app.ask("choose_theme", theme)
        app.until("theme", is_=is_now(theme))
        time.sleep(0.3)  # until it is painted
        on_screen.shoot(f"pausing-{name}-{theme}")
