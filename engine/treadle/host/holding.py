"""Who is going on with a run: at most one process, whichever it is.

<run folder>/run.lock   held (`store/locks.py`) while a loop advances the run; the system lets go when its holder dies,
                        so a run that says `running` and is held by nobody was interrupted
<project>/.treadle/store.lock   shared by whoever goes on with a run, exclusive while artifacts are collected
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Final

from treadle.host.api import RunBusy
from treadle.host.requesting import clear_requests
from treadle.store.descriptors import OURS
from treadle.store.locks import try_exclusive, try_shared

__all__ = ["Hold", "clear_store", "hold", "holder", "is_held", "use_store"]

_TRIES: Final = 10
_PATIENCE: Final = 60.0  # seconds
_PAUSE: Final = 0.02  # seconds; a process that merely looks (`is_held`) has the lock for microseconds


class Hold:
    """The right to advance a run, until `release`."""

    def __init__(self, *descriptors: int) -> None:
        self._descriptors = list(descriptors)

    def release(self) -> None:
        while self._descriptors:
            os.close(self._descriptors.pop())

    def joined(self, other: Hold) -> Hold:
        """Both as one, in the place of the two."""
        both = Hold(*self._descriptors, *other._descriptors)
        self._descriptors, other._descriptors = [], []
        return both


def hold(folder: Path) -> Hold:
    """Takes the run. Raises RunBusy where a process (this one included) has it."""
    descriptor = os.open(_lock(folder), os.O_RDWR | os.O_CREAT | OURS, 0o600)
    for _ in range(_TRIES):
        if try_exclusive(descriptor):
            os.ftruncate(descriptor, 0)
            os.write(descriptor, json.dumps({"pid": os.getpid()}).encode())
            clear_requests(folder)
            return Hold(descriptor)
        time.sleep(_PAUSE)
    os.close(descriptor)
    raise RunBusy(f"run {folder.name} goes on already, in process {holder(folder) or 'unknown'}")


def use_store(state: Path) -> Hold:
    """The right to count on a project's artifacts: until `release` none is collected. May wait, off the event loop.

    `state` is the project's, made where it is not there. Raises RunBusy where collecting takes too long.
    """
    descriptor = _open_store(state)
    deadline = time.monotonic() + _PATIENCE
    while not try_shared(descriptor):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise RunBusy("`treadle gc` has been clearing this project for a minute: try again when it has ended")
        time.sleep(_PAUSE)
    return Hold(descriptor)


def clear_store(state: Path) -> Hold:
    """The right to collect artifacts: until `release` no run begins or goes on. Raises RunBusy while one does."""
    descriptor = _open_store(state)
    for _ in range(_TRIES):
        if try_exclusive(descriptor):
            return Hold(descriptor)
        time.sleep(_PAUSE)
    os.close(descriptor)
    raise RunBusy("a run is going on in this project, and may need anything: collect when it has ended")


def is_held(folder: Path) -> bool:
    """Whether some process is going on with the run now."""
    try:
        descriptor = os.open(_lock(folder), os.O_RDONLY | OURS)
    except FileNotFoundError:
        return False
    try:
        return not try_shared(descriptor)
    finally:
        os.close(descriptor)


def holder(folder: Path) -> int | None:
    """The process that took the run last, by its own word; for a message, not for a signal."""
    try:
        found = json.loads(_lock(folder).read_bytes())
    except (OSError, ValueError):
        return None
    pid = found.get("pid") if isinstance(found, dict) else None
    return pid if isinstance(pid, int) else None


def _lock(folder: Path) -> Path:
    return folder / "run.lock"


def _open_store(state: Path) -> int:
    state.mkdir(parents=True, exist_ok=True)
    return os.open(state / "store.lock", os.O_RDWR | os.O_CREAT | OURS, 0o600)
