"""Debugging: a node's last attempt again under a debugger, or a shell in its place, in a person's own terminal."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Final, Protocol

from PySide6.QtCore import QObject, QProcess, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from treadle_gui.dialogs.question import put
from treadle_gui.dialogs.questions import no_terminal
from treadle_gui.style.tokens import Theme
from treadle_gui.window.page import Page
from treadle_gui.window.run_controls import RunControls
from treadle_gui.window.terminals import Terminal, find_terminal, held_open

__all__ = ["Debugging"]

_OURS: Final = (sys.executable, "-P", "-m", "treadle.cli")
"""`treadle` as this app is installed, wherever a terminal's PATH leads."""


class _Look(Protocol):
    @property
    def theme(self) -> Theme: ...


class Debugging(QObject):
    """`told(words)`: what came of it."""

    told = Signal(str)

    def __init__(self, window: QWidget, look: _Look, controls: RunControls) -> None:
        super().__init__(window)
        self._window = window
        self._look = look
        self._controls = controls

    async def open(self, page: Page, task: str | None, *, options: tuple[str, ...] = ()) -> None:
        """Opens a terminal with `treadle debug` in it; where there is none the command is shown. `options` are its."""
        words = _words(page, task, options)
        if not words or not await self._controls.settle_trust(page):
            return
        terminal = find_terminal(os.environ)
        if terminal is not None and _opened(terminal, [*_OURS, *words], str(page.project.root)):
            self.told.emit(f"Opened {task} in a terminal: pdb begins where the node fails")
            return
        command = shlex.join(["treadle", *words])
        if await put(no_terminal(self._look.theme, command, self._window)) == "copy":
            self._copy(command)

    def copy(self, page: Page, task: str | None) -> None:
        """Puts the command that debugs the node's last attempt on the clipboard."""
        words = _words(page, task)
        if words:
            self._copy(shlex.join(["treadle", *words]))

    def _copy(self, command: str) -> None:
        QGuiApplication.clipboard().setText(command)
        self.told.emit("Copied: paste it into a terminal, and pdb begins where the node fails")


def _words(page: Page, task: str | None, options: tuple[str, ...] = ()) -> list[str]:
    """What follows `treadle`; nothing where no run is shown."""
    if page.session is None or task is None:
        return []
    return ["debug", page.session.run, task, *options, "--project", str(page.project.root)]


def _opened(terminal: Terminal, command: list[str], folder: str) -> bool:
    """A program of its own, which outlives the app."""
    program, *words = terminal.running(held_open(command))
    started, _ = QProcess.startDetached(program, words, folder)
    return bool(started)
