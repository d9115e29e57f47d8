"""Which Python an attempt runs under: a version, an interpreter or a virtual environment, as a person wrote it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["OLDEST", "EnvironmentFailed", "Interpreter", "find_interpreter", "is_version", "variables_of"]

OLDEST: Final = (3, 9)
_VERSION: Final = re.compile(r"3(\.\d+){1,2}\Z")
_ASK: Final = "import json, sys; print(json.dumps([sys.executable, list(sys.version_info[:3])]))"
_PATIENCE: Final = 20.0  # seconds for an interpreter to say its version


class EnvironmentFailed(Exception):
    """There is no such interpreter, or its packages can't be had; the message names it, and says what to do."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One that has answered. `version` as `3.12.1`."""

    path: str
    version: str


def is_version(text: str) -> bool:
    """Whether `text` is a version, as `3.12`, and no path."""
    return _VERSION.match(text) is not None


def find_interpreter(wanted: str) -> Interpreter:
    """The interpreter that `wanted` means: a version, or the absolute path of one or of a virtual environment.

    Runs it to ask for its version, so call it off the event loop. Raises EnvironmentFailed.
    """
    candidates = list(_of_version(wanted)) if is_version(wanted) else [_at(Path(wanted))]
    for candidate in candidates:
        found = _ask(candidate)
        if found is not None and (not is_version(wanted) or f"{found.version}.".startswith(f"{wanted}.")):
            if tuple(map(int, found.version.split("."))) < OLDEST:
                raise EnvironmentFailed(f"{wanted} is Python {found.version}; nodes need 3.9 or newer")
            return found
    if is_version(wanted):
        raise EnvironmentFailed(f"there is no Python {wanted} here: install it, or name an interpreter by its path")
    raise EnvironmentFailed(f"{wanted} is no interpreter that runs, and no virtual environment with one")


def _of_version(version: str) -> Iterator[str]:
    yield sys.executable
    minor = ".".join(version.split(".")[:2])
    yield from (found for name in (f"python{version}", f"python{minor}") if (found := shutil.which(name)))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{minor}*/bin/python"), reverse=True))
    yield from map(str, sorted(Path.home().glob(f".local/share/uv/python/cpython-{minor}*/bin/python3")))


def _at(path: Path) -> str:
    inside = [path / "bin" / "python", path / "Scripts" / "python.exe"]
    return str(next((python for python in inside if python.exists()), path))


def _ask(path: str) -> Interpreter | None:
    try:
        answer = subprocess.run(
            [path, "-I", "-c", _ASK], capture_output=True, timeout=_PATIENCE, check=True, stdin=subprocess.DEVNULL
        )
        executable, version = json.loads(answer.stdout)
        return Interpreter(str(executable), ".".join(map(str, version)))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def variables_of(interpreter: str) -> dict[str, str]:
    """What activating the interpreter's virtual environment would set; nothing for one that is in none."""
    folder = Path(interpreter).parent
    if not (folder.parent / "pyvenv.cfg").exists():
        return {}
    return {"VIRTUAL_ENV": str(folder.parent), "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
