"""Resume by a real mouse, and what a project says shown as nothing but text: names, titles, documentation, logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from system.app_process import running_app
from system.screen import MISSING, Screen

pytestmark = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]

MARKUP = "<b>bold</b> <img src='file:///x.png'> & <h1>"
COMPONENT = f'''
from pathlib import Path

from treadle.sdk import component


@component(category="Data")
def make() -> int:
    """Make `one`: {MARKUP}"""
    with open("made.txt", "a") as file:
        file.write("made\\n")
    return 1


@component(category="Data")
def need(value: int) -> int:
    """Need a file that is not there at first."""
    if not Path("wanted.txt").exists():
        raise FileNotFoundError("{MARKUP}")
    return value + int(Path("wanted.txt").read_text())
'''
PIPELINE = f"""treadle: 1
name: resume
nodes:
  first:
    uses: odd.make
    title: "{MARKUP}"
    note: "{MARKUP}"
  second:
    uses: odd.need
    title: "Needs <i>more</i>"
    in: {{value: first.value}}
view:
  first: [0, 0]
  second: [280, 0]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "components").mkdir(parents=True)
    (folder / "components" / "odd.py").write_text(COMPONENT)
    made = folder / "resume.treadle.yaml"
    made.write_text(PIPELINE)
    return made


def test_a_failed_run_is_resumed_from_the_history_and_its_success_is_not_redone(
    on_screen: Screen, tmp_path: Path, file: Path
) -> None:
    with running_app(on_screen, tmp_path / "home", file) as app:
        on_screen.key("F5")
        app.until("dialog", is_=bool)
        on_screen.click(*app.ask("button", "Trust this folder"))
        app.until("run_status", is_=lambda status: status == "failed", seconds=30)
        assert app.ask("state", "second") == "failed"
        (file.parent / "wanted.txt").write_text("41")

        on_screen.click(*app.ask("pane", "History"))
        on_screen.click(*app.until("run_row", 0))
        on_screen.shoot("resume-asked")
        on_screen.click(*app.until("button", "Resume"))

        app.until("run_status", is_=lambda status: status == "succeeded", seconds=30)
        assert app.ask("state", "second") == "succeeded"
        on_screen.shoot("resumed")
        on_screen.key("ctrl+q")
        assert app.wait_closed() == 0
    assert (file.parent / "made.txt").read_text() == "made\n"


def test_markup_of_a_project_is_shown_as_the_text_it_is(on_screen: Screen, tmp_path: Path, file: Path) -> None:
    with running_app(on_screen, tmp_path / "home", file) as app:
        on_screen.key("F5")
        app.until("dialog", is_=bool)
        on_screen.click(*app.ask("button", "Trust this folder"))
        app.until("run_status", is_=lambda status: status == "failed", seconds=30)
        on_screen.click(*app.ask("node", "first"))
        app.until("shown_text", is_=lambda words: any("Make one: <b>bold</b>" in word for word in words))
        on_screen.shoot("markup-inspector")
        assert MARKUP in app.ask("tip", "first")
        on_screen.click(*app.ask("node", "second"))
        on_screen.click(*app.ask("pane", "Logs"))
        app.until("log", is_=lambda lines: any(MARKUP in line for line in lines))
        on_screen.shoot("markup-log")

        assert app.ask("read_as_html") == []
        on_screen.key("ctrl+q")
        assert app.wait_closed() == 0
