"""Debugging from the app: the command in a person's terminal, whichever that is, or shown where there is none."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from gui.window.test_steering import held
from PySide6.QtWidgets import QApplication

from treadle_gui.dialogs.question import Question
from treadle_gui.window.terminals import TERMINALS, find_terminal, held_open

pytestmark = [pytest.mark.qt_log_ignore("propagateSizeHints", "does not support"), pytest.mark.timeout(60)]


@pytest.mark.parametrize("terminal", TERMINALS, ids=lambda terminal: terminal.program)
def test_each_emulator_is_given_the_command_in_its_own_way(terminal) -> None:
    words = terminal.running(["treadle", "debug", "r1", "a b;c"])
    assert words[0] == terminal.program
    given = shlex.split(words[-1]) if terminal.is_one_word else words[-4:]
    assert given == ["treadle", "debug", "r1", "a b;c"]


def test_the_one_that_is_named_comes_first_and_then_the_desktops_own() -> None:
    there = {"konsole": "/usr/bin/konsole", "xterm": "/usr/bin/xterm", "/opt/mine": "/opt/mine"}
    found = find_terminal({}, there.get)
    assert found is not None
    assert found.running(["x"]) == ["/usr/bin/konsole", "-e", "x"]
    named = find_terminal({"TERMINAL": "xterm"}, there.get)
    assert named is not None
    assert named.program == "/usr/bin/xterm"
    own = find_terminal({"TERMINAL": "/opt/mine"}, there.get)
    assert own is not None
    assert own.running(["x"]) == ["/opt/mine", "-e", "x"]
    missing = find_terminal({"TERMINAL": "gone"}, there.get)
    assert missing is not None
    assert missing.program == "/usr/bin/konsole"
    assert find_terminal({}, lambda _: None) is None


def test_a_window_stays_until_it_was_read_and_no_word_is_read_as_a_command() -> None:
    command = held_open(["printf", "%s|", "$(touch pwned); a", "b"])
    done = subprocess.run(command, input="\n", capture_output=True, text=True, check=False, timeout=10)
    assert done.stdout.startswith("$(touch pwned); a|b|\n[it has ended")


@pytest.fixture
def emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only one on the PATH: it notes what it is given. Returns where."""
    programs, notes = tmp_path / "programs", tmp_path / "given.json"
    programs.mkdir()
    fake = programs / "xterm"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$PWD" "$@" > {notes}.part\n/bin/mv {notes}.part {notes}\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("TERMINAL", raising=False)
    return notes


def test_debug_opens_a_terminal_with_the_nodes_attempt(run, emulator: Path) -> None:
    async def scenario(bench) -> None:
        page = await held(bench)
        page.document.select({"load"})
        bench.window.commands.refresh()
        bench.window.commands.run("run.debug_node")
        await bench.until(emulator.exists)
        folder, *words = emulator.read_text().splitlines()
        assert folder == str(page.project.root)
        assert words[0] == "-e"
        ours = words.index("treadle.cli")
        assert words[ours + 1 :] == ["debug", "r1", "load", "--project", str(page.project.root)]
        emulator.unlink()
        bench.window.commands.run("run.shell_node")
        await bench.until(emulator.exists)
        assert "--shell" in emulator.read_text().splitlines()

    run(scenario)


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no emulator."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.delenv("TERMINAL", raising=False)


def test_without_a_terminal_the_command_is_shown_to_copy(run, nothing: None) -> None:
    async def scenario(bench) -> None:
        page = await held(bench)
        page.document.select({"load"})
        bench.window.commands.refresh()
        bench.window.commands.run("run.debug_node")
        await bench.until(lambda: bench.window.findChildren(Question))
        question = bench.window.findChildren(Question)[0]
        question.buttons["copy"].click()
        words = "treadle debug r1 load --project "
        await bench.until(lambda: QApplication.clipboard().text().startswith(words))

    run(scenario)
