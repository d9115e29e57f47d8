"""`treadle doctor`: what Treadle needs, checked one by one, each with what to do where it is missing."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from rich.text import Text

import treadle
from treadle.catalog.catalog import load_catalog
from treadle.cli.terminal import Exit, Terminal
from treadle.execute.local import LocalExecutor
from treadle.execute.protocol import ExecutorUnavailable
from treadle.host.transport import addresses, answers
from treadle.host.trust import is_trusted
from treadle.spec.problems import has_errors
from treadle.store.logs import plain
from treadle.store.project import Project

__all__ = ["Check", "Level", "examine"]

_LITTLE_SPACE: Final = 2 << 30
_NO_SPACE: Final = 200 << 20
_LIBRARIES: Final = ("pandas", "pyarrow", "scikit-learn", "duckdb", "PySide6-Essentials")
_QT_PROBE: Final = "from PySide6 import QtGui, QtWidgets"


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `advice` says what to do, where something is to be done."""

    name: str
    level: Level
    found: str
    advice: str = ""


def examine(terminal: Terminal, project: Project, as_json: bool) -> Exit:
    """Makes every check; FAILED where one failed."""
    checks = [check for look in _LOOKS for check in look(project)]
    if as_json:
        terminal.json([asdict(check) for check in checks])
    else:
        for check in checks:
            _tell(terminal, check)
    return Exit.FAILED if any(check.level is Level.FAIL for check in checks) else Exit.OK


def _tell(terminal: Terminal, check: Check) -> None:
    style = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}[check.level]
    name, found = plain(check.name), plain(check.found)
    terminal.out.print(Text.assemble((f"{check.level:<5}", style), (f"{name:<13}", "bold"), found))
    if check.advice:
        terminal.say(f"      {check.advice}", "dim")


def _python(_: Project) -> Iterator[Check]:
    found = f"{sys.version.split()[0]} at {sys.executable}"
    good = sys.version_info >= (3, 11)
    yield Check("python", Level.OK if good else Level.FAIL, found, "" if good else "use Python 3.11 or newer")


def _versions(_: Project) -> Iterator[Check]:
    found, missing = [f"treadle {treadle.__version__}"], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    advice = f"pip install {' '.join(missing)}" if missing else ""
    yield Check("packages", Level.WARN if missing else Level.OK, ", ".join(found), advice)


def _qt(_: Project) -> Iterator[Check]:
    # In another process: a Qt that can't load may end the one that tries.
    probe = subprocess.run([sys.executable, "-P", "-c", _QT_PROBE], capture_output=True, text=True, check=False)
    if probe.returncode == 0:
        yield Check("Qt", Level.OK, "loads")
        return
    words = (probe.stderr.strip().splitlines() or [f"ended with {probe.returncode}"])[-1]
    advice = (
        "apt install libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 (the app needs them, `treadle run` not)"
    )
    yield Check("Qt", Level.WARN, words, advice)


def _display(_: Project) -> Iterator[Check]:
    shown = next((f"{name}={os.environ[name]}" for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name)), "")
    if shown:
        yield Check("display", Level.OK, shown)
    else:
        yield Check("display", Level.WARN, "none", "the app needs one; every verb of the command line works without")


def _fork_server(_: Project) -> Iterator[Check]:
    async def start_and_close(folder: Path) -> None:
        executor = LocalExecutor(folder / "artifacts", folder / "state")
        await executor.start(lambda message: None)
        await executor.close()

    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(start_and_close(Path(folder)))
        except (OSError, ExecutorUnavailable) as error:
            yield Check("fork server", Level.FAIL, str(error), "no pipeline can run on this machine until it starts")
            return
    yield Check("fork server", Level.OK, "starts")


def _disk(project: Project) -> Iterator[Check]:
    for name, folder in (("project disk", project.root), ("temp disk", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(folder).free
        found = f"{free / (1 << 30):.1f} GiB free at {folder}"
        if free < _NO_SPACE:
            yield Check(name, Level.FAIL, found, "make room: results could not be kept")
        elif free < _LITTLE_SPACE:
            yield Check(name, Level.WARN, found, "make room: a table or two may fill it")
        else:
            yield Check(name, Level.OK, found)


def _socket(project: Project) -> Iterator[Check]:
    places = addresses(project)
    if not places:
        yield Check("socket", Level.FAIL, "no folder with a short enough path", "set XDG_RUNTIME_DIR")
    else:
        state = "an engine serves this project" if answers(project) else "no engine runs for this project"
        yield Check("socket", Level.OK, f"{places[0]}: {state}")


def _project(project: Project) -> Iterator[Check]:
    if not os.access(project.root, os.W_OK):
        yield Check("project", Level.FAIL, f"{project.root} can't be written", "runs are kept in its .treadle folder")
    else:
        yield Check("project", Level.OK, str(project.root))
    trusted = is_trusted(project)
    advice = "" if trusted else "the app asks before the first run; `treadle run` needs no trust"
    yield Check("trust", Level.OK, "trusted" if trusted else "restricted", advice)
    catalog = load_catalog(project.root)
    wrong = has_errors(list(catalog.problems))
    found = f"{len(catalog.components)} components, {len(catalog.problems)} problems"
    advice = "`treadle components` names them" if catalog.problems else ""
    yield Check("components", Level.WARN if wrong else Level.OK, found, advice)


_LOOKS: Final[tuple[Callable[[Project], Iterator[Check]], ...]] = (
    _python, _versions, _qt, _display, _fork_server, _disk, _socket, _project,
)  # fmt: skip
