"""`treadle new` and `treadle gui`: a project begun, and the app opened on it."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from treadle.cli.terminal import Exit, Terminal

__all__ = ["new_project", "open_app"]


def new_project(terminal: Terminal, folder: Path) -> Exit:
    """Copies the smallest example into `folder`, which is empty or made. INVALID where something is in it."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        terminal.error(f"{folder} is not an empty folder; give one that is, or a new name")
        return Exit.INVALID
    resources: Any = importlib.import_module("treadle_resources")
    pipeline: Path = resources.copy_example("minimal", folder)
    terminal.say(f"made {folder}")
    terminal.say(f"  run it:   treadle run {pipeline}", "dim")
    terminal.say(f"  draw it:  treadle gui {pipeline}", "dim")
    return Exit.OK


def open_app(terminal: Terminal, file: Path | None) -> Exit:
    """Runs the app in this process until it is closed.

    The app is imported by name, when asked for: the engine must work, and be checked, where no Qt is installed.
    """
    if file is not None and not file.is_file():
        terminal.error(f"{file}: no such file")
        return Exit.INVALID
    if sys.platform == "linux" and not _has_display():
        terminal.error("there is no display: set DISPLAY or WAYLAND_DISPLAY, or use `treadle run FILE`")
        return Exit.FAILED
    try:
        application: Any = importlib.import_module("treadle_gui.app")
    except ImportError as error:
        terminal.error(f"the app can't start: {error}. `treadle doctor` says what is missing")
        return Exit.FAILED
    status = application.main(["treadle", *([str(file)] if file else [])])
    return Exit.OK if not status else Exit.FAILED


def _has_display() -> bool:
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    return bool(chosen or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
