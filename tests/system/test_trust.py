"""A folder that somebody planted, opened in the real app with a real mouse: asked, refused, trusted, remembered."""

from __future__ import annotations

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

PLANTED = '''
from pathlib import Path

from treadle import component

with (Path(__file__).parents[1] / "ran.txt").open("a") as file:
    file.write("imported\\n")


@component(category="Planted")
def strike(word: str = "quiet") -> str:
    """Says where it ran."""
    from pathlib import Path

    with Path("ran.txt").open("a") as file:
        file.write(word + "\\n")
    return word
'''
PIPELINE = """treadle: 1
name: gift
params:
  size: {type: int, default: 3, minimum: 1, help: How many}
  who: {type: str, required: true, pattern: '^[a-z]+$', help: Who is meant}
nodes:
  strike:
    uses: planted.strike
    with: {word: $params.who}
"""


@pytest.fixture
def gift(tmp_path: Path) -> Path:
    folder = tmp_path / "gift"
    (folder / "components").mkdir(parents=True)
    (folder / "components" / "planted.py").write_text(PLANTED)
    (folder / "gift.treadle.yaml").write_text(PIPELINE)
    return folder / "gift.treadle.yaml"


def ran(gift: Path) -> list[str]:
    file = gift.parent / "ran.txt"
    return file.read_text().splitlines() if file.exists() else []


def test_a_planted_folder_runs_nothing_until_it_is_trusted(on_screen: Screen, tmp_path: Path, gift: Path) -> None:
    """I12."""
    home = tmp_path / "home"
    with running_app(on_screen, home, gift) as app:
        app.until("nodes", is_=lambda nodes: nodes == ["strike"])
        _say_no(app, on_screen, gift)
        _edit_and_save(app, on_screen, gift)
        assert ran(gift) == []
        assert not (gift.parent / ".treadle" / "runs").exists()
        _say_yes(app, on_screen)
        _give_parameters(app, on_screen)
        app.until("run_status", is_=lambda status: status == "succeeded", seconds=60)
        assert ran(gift) == ["ada"]
        on_screen.key("ctrl+q")
        assert app.wait_closed() == 0
    with running_app(on_screen, home, gift) as app:
        app.until("nodes", is_=lambda nodes: nodes == ["strike"])
        on_screen.key("F5")
        app.until("state", "strike", is_=lambda state: state in ("cached", "succeeded"), seconds=60)
        assert app.ask("dialog") == ""
        on_screen.shoot("trust-4-remembered")
        on_screen.key("ctrl+q")
        assert app.wait_closed() == 0


def _say_no(app: App, hand: Screen, gift: Path) -> None:
    hand.key("F5")
    app.until("dialog", is_=lambda title: title == "Restricted project")
    assert str(gift.parent) in app.ask("dialog_text")
    hand.shoot("trust-1-asked")
    hand.click(*app.ask("button", "Not now"))
    app.until("dialog", is_=lambda title: title == "")
    assert app.ask("run_status") == ""


def _edit_and_save(app: App, hand: Screen, gift: Path) -> None:
    """All but running works as ever."""
    hand.drag(tuple(app.ask("component", "Sample data")), tuple(app.ask("canvas", 0.5, 0.75)), steps=20)
    app.until("nodes", is_=lambda nodes: nodes == ["strike", "sample_data"])
    hand.key("ctrl+z")
    app.until("nodes", is_=lambda nodes: nodes == ["strike"])
    hand.click(*app.ask("node", "strike"))
    app.until("rendered", "word", is_=lambda words: words == "= what the run is given")
    hand.click(*app.ask("canvas", 0.5, 0.9))
    hand.drag(tuple(app.ask("node", "strike")), tuple(app.ask("canvas", 0.3, 0.6)), steps=20)
    hand.key("ctrl+s")
    app.until("dirty", is_=lambda dirty: not dirty)
    assert "view:" in gift.read_text()


def _say_yes(app: App, hand: Screen) -> None:
    hand.key("F5")
    app.until("dialog", is_=lambda title: title == "Restricted project")
    hand.click(*app.ask("button", "Trust this folder"))


def _give_parameters(app: App, hand: Screen) -> None:
    app.until("dialog", is_=lambda title: title == "Run with parameters")
    assert "Needed: who." in app.ask("dialog_text")
    hand.shoot("trust-2-parameters")
    hand.click(*app.ask("dialog_field", "who"))
    hand.type("A")
    app.until("dialog_text", is_=lambda text: "It wants text in which ^[a-z]+$ is found" in text)
    assert "Not right yet: who." in app.ask("dialog_text")
    hand.key("ctrl+a")
    hand.type("ada")
    app.until("dialog_text", is_=lambda text: "Needed" not in text)
    hand.shoot("trust-3-given")
    hand.click(*app.ask("button", "Run", True))
