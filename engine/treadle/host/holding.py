"""Who is going on with a run: at most one process, whichever it is, and how any other asks it to stop.

<run folder>/run.lock   held with flock(2) while a loop advances the run; the kernel lets go when its holder dies,
                        so a run that says `running` and is held by nobody was interrupted
<run folder>/cancel     requests, one JSON object a line; the holder reads what is appended and begins with none
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadle.host.api import RunBusy

__all__ = ["CancelRequests", "Hold", "ask_to_cancel", "hold", "holder", "is_held"]

_TRIES: Final = 10
_PAUSE: Final = 0.02  # seconds; a process that merely looks (`is_held`) has the lock for microseconds


class Hold:
    """The right to advance a run, until `release`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def hold(folder: Path) -> Hold:
    """Takes the run. Raises RunBusy where a process (this one included) has it."""
    descriptor = os.open(_lock(folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(_TRIES):
        if _try(descriptor, fcntl.LOCK_EX):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"pid": os.getpid()}).encode(), 0)
            _requests(folder).unlink(missing_ok=True)
            return Hold(descriptor)
        time.sleep(_PAUSE)
    os.close(descriptor)
    raise RunBusy(f"run {folder.name} is held by process {holder(folder) or 'unknown'}")


def is_held(folder: Path) -> bool:
    """Whether some process is going on with the run now."""
    try:
        descriptor = os.open(_lock(folder), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _try(descriptor, fcntl.LOCK_SH)
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


def ask_to_cancel(folder: Path, by: str, task: str | None = None) -> None:
    """Leaves a request for whichever process holds the run."""
    line = json.dumps({"by": by, "task": task}) + "\n"
    descriptor = os.open(_requests(folder), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


@dataclass(slots=True)
class CancelRequests:
    """The requests left for a run, each given once."""

    folder: Path
    _offset: int = 0

    def fresh(self) -> list[tuple[str, str | None]]:
        """`(by, task)` of those that came since the last call."""
        try:
            with _requests(self.folder).open("rb") as opened:
                opened.seek(self._offset)
                text = opened.read(1 << 20)
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [request for line in whole.splitlines() if (request := _request(line)) is not None]


def _request(line: bytes) -> tuple[str, str | None] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    task = found.get("task")
    return str(found.get("by", "user")), task if isinstance(task, str) else None


def _lock(folder: Path) -> Path:
    return folder / "run.lock"


def _requests(folder: Path) -> Path:
    return folder / "cancel"


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
