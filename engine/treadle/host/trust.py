"""Trust: whether a project's code may run. One gate, `require`, passed before anything of a project is executed.

Trust is given by a person to a folder: to its real path, as owned by one user. It is remembered in that person's
own configuration, never in the project, so that a folder can't vouch for itself. A file of trust that somebody
else could have written counts for nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from treadle.host.api import NotTrusted
from treadle.store.atomic import write_atomic
from treadle.store.descriptors import OURS
from treadle.store.locks import lock as lock_file
from treadle.store.owners import is_ours_alone
from treadle.store.project import Project

__all__ = ["Gate", "consented", "is_trusted", "require", "restrict", "trust", "trust_file"]

Gate = Callable[[Project, str], None]
"""`gate(project, action)` returns where the action may go on and raises NotTrusted where it may not."""

_VERSION: Final = 1


def require(project: Project, action: str) -> None:
    """Raises NotTrusted unless a person has trusted this project. `action` (`"run"`) is told to that person."""
    _refuse_planted(project)
    if not is_trusted(project):
        raise NotTrusted(
            f"{project.root} is restricted: {action} would execute its code. "
            "Trust the project in the app, or use `treadle run`, which is a consent of its own."
        )


def consented(project: Project, action: str) -> None:
    """The gate of a command that a person typed to run this very project: the typing is the consent.

    Raises NotTrusted where the project holds what somebody else could slip into it.
    """
    _refuse_planted(project)


def _refuse_planted(project: Project) -> None:
    planted = project.planted()
    if planted is not None:
        raise NotTrusted(
            f"{planted} belongs to user {planted.stat().st_uid}, and everybody may write to {project.root}: "
            "it may not be what you mean to run. Move the pipeline into a folder of its own."
        )


def is_trusted(project: Project) -> bool:
    """Whether the folder, with its present owner, was trusted. Looks at nothing inside the project."""
    real = project.root.resolve()
    try:
        owner = real.stat().st_uid
    except OSError:
        return False
    return _read(trust_file()).get(str(real)) == owner


def trust(project: Project) -> None:
    """Remembers that a person trusts this folder. Raises OSError where that can't be written."""
    real = project.root.resolve()
    _change(lambda folders: {**folders, str(real): real.stat().st_uid})


def restrict(project: Project) -> None:
    """Forgets that a person trusted this folder; what runs goes on. Raises OSError where that can't be written."""
    real = str(project.root.resolve())
    _change(lambda folders: {folder: owner for folder, owner in folders.items() if folder != real})


def _change(change: Callable[[dict[str, int]], dict[str, int]]) -> None:
    file = trust_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _only_writer(file.with_suffix(".lock")):
        folders = change(_read(file))
        text = json.dumps({"treadle-trust": _VERSION, "folders": folders}, indent=1, sort_keys=True)
        file.touch(mode=0o600)  # whose mode the replacement keeps
        write_atomic(file, text.encode())


def trust_file() -> Path:
    """`$XDG_CONFIG_HOME/treadle/trusted.json`."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".config"
    return base / "treadle" / "trusted.json"


@contextmanager
def _only_writer(lock: Path) -> Iterator[None]:
    with os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT | OURS, 0o600), "r") as held:
        lock_file(held.fileno())
        yield


def _read(file: Path) -> dict[str, int]:
    """Real path → owner. Empty where there is no file, or none that is ours alone and readable."""
    try:
        with file.open("rb") as opened:
            facts = os.fstat(opened.fileno())
            if not is_ours_alone(facts):
                return {}
            found = json.loads(opened.read(1 << 24))
    except (OSError, ValueError, RecursionError):
        return {}
    folders = found.get("folders") if isinstance(found, dict) and found.get("treadle-trust") == _VERSION else None
    if not isinstance(folders, dict):
        return {}
    return {path: owner for path, owner in folders.items() if type(owner) is int}
