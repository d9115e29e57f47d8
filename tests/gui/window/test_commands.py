"""Commands, the command palette, settings: what is told once and shown everywhere, and what is remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from treadle_gui.settings import MOST_RECENT, Settings
from treadle_gui.style.tokens import LIGHT, Theme
from treadle_gui.window.command_palette import CommandPalette, found_commands
from treadle_gui.window.commands.command import Command, Commands, tooltip
from treadle_gui.window.shortcut_delegate import KEYS

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Ran(list[str]):
    def command(self, name: str, title: str, *keys: str, able: bool = True) -> Command:
        return Command(name, title, lambda: self.append(name), keys, "play", enabled=lambda: able)


@pytest.fixture
def ran() -> Ran:
    return Ran()


@pytest.fixture
def commands(theme: Theme, qtbot: QtBot, ran: Ran) -> Commands:
    window = QWidget()
    qtbot.addWidget(window)
    made = Commands(window, theme)
    made.add([
        ran.command("run.start", "Run", "F5"),
        ran.command("run.fresh", "Run without cache"),
        ran.command("run.stop", "Stop", able=False),
        ran.command("view.arrange", "Arrange & tidy"),
    ])  # fmt: skip
    made.refresh()
    return made


def test_one_command_is_action_shortcut_and_tooltip(commands: Commands, ran: Ran) -> None:
    action = commands.action("run.start")
    assert action.shortcut().toString() == "F5"
    assert action.toolTip() == "Run (F5)"
    action.trigger()
    assert ran == ["run.start"]


def test_a_key_of_the_canvas_is_shown_and_taken_from_nobody(theme: Theme, qtbot: QtBot, ran: Ran) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    made = Commands(window, theme)
    made.add([replace(ran.command("edit.delete", "Delete"), canvas_key="Del")])
    action = made.action("edit.delete")
    assert action.text() == "Delete\tDel"
    assert action.toolTip() == "Delete (Del)"
    assert action.shortcut().isEmpty()


def test_a_command_that_cannot_run_now_does_not(commands: Commands, ran: Ran) -> None:
    assert not commands.action("run.stop").isEnabled()
    commands.run("run.stop")
    assert ran == []


def test_of_several_choices_only_the_one_that_was_taken_is_checked(theme: Theme, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    chosen = ["dark"]

    def choice(name: str) -> Command:
        return Command(f"theme.{name}", name, lambda: chosen.append(name), checked=lambda: chosen[-1] == name)

    commands = Commands(window, theme)
    commands.add([choice("dark"), choice("light")])
    commands.action("theme.light").trigger()
    assert [commands.action(f"theme.{name}").isChecked() for name in ("dark", "light")] == [False, True]


def test_an_ampersand_is_a_letter(commands: Commands) -> None:
    assert commands.action("view.arrange").text() == "Arrange && tidy"


def test_two_commands_on_one_key_are_refused(commands: Commands, ran: Ran) -> None:
    with pytest.raises(ValueError, match="F5"):
        commands.add([ran.command("run.other", "Other", "F5")])


def test_a_tooltip_without_a_key_is_the_hint() -> None:
    assert tooltip(Command("x.y", "Save as…", list, hint="Save under another name")) == "Save under another name"


def test_the_palette_offers_what_can_run_best_fit_first(commands: Commands) -> None:
    assert [command.id for command in found_commands("run", list(commands))] == ["run.start", "run.fresh"]
    assert len(found_commands("", list(commands))) == 3


def test_the_palette_runs_what_is_chosen(commands: Commands, ran: Ran, theme: Theme, qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    palette = CommandPalette(commands, theme, parent)
    assert [palette.list.item(0).data(role) for role in (Qt.ItemDataRole.DisplayRole, KEYS)] == ["Run: Run", "F5"]
    palette.grab()
    palette.line.setText("cache")
    assert palette.list.count() == 1
    palette.list.itemClicked.emit(palette.list.item(0))
    assert ran == ["run.fresh"]


def test_icons_follow_the_theme(commands: Commands) -> None:
    before = commands.action("run.start").icon().cacheKey()
    commands.set_theme(LIGHT)
    assert commands.action("run.start").icon().cacheKey() != before


def test_settings_are_remembered(tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    settings = Settings(file)
    settings.theme = "light"
    settings.favourites = frozenset({"a.b", "c.d"})
    settings.motion = False
    settings.remember_run_parameters("/p/x", {"rate": 0.5, "names": ["a"]})
    settings.flush()
    again = Settings(file)
    assert (again.theme, again.favourites, again.motion) == ("light", {"a.b", "c.d"}, False)
    assert again.run_parameters("/p/x") == {"rate": 0.5, "names": ["a"]}


def test_recent_files_are_the_newest_without_repeats(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    for number in range(MOST_RECENT + 3):
        settings.add_recent(Path(f"/p/{number}"))
    settings.add_recent(Path("/p/5"))
    assert settings.recent[0] == Path("/p/5")
    assert len(settings.recent) == len(set(settings.recent)) == MOST_RECENT


@pytest.mark.parametrize(
    "content",
    ["\0\1\2 nonsense", "[look]\ntheme=purple\n[work]\nrecent=[1, {\n", "[palette]\nfavourites=7"],
)
def test_damaged_settings_are_the_defaults(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.ini"
    file.write_text(content)
    settings = Settings(file)
    assert settings.theme == "system"
    assert settings.recent == ()
    assert settings.favourites == frozenset()
    assert settings.autosave
    assert settings.geometry is None
