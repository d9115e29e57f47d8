"""Who is going on with a run: at most one process, whichever it is, and how any other asks it to stop.

<run folder>/run.lock   held (`store/locks.py`) while a loop advances the run; the system lets go when its holder dies,
                        so a run that says `running` and is held by nobody was interrupted
<project>/.treadle/store.lock   shared by whoever goes on with a run, exclusive while artifacts are collected
<run folder>/answers  as `cancel`, what people decided of nodes that wait for approval
<run folder>/cancel     requests, one JSON object a line; the holder reads what is appended and begins with none
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadle.host.api import RunBusy
from treadle.store.descriptors import OURS
from treadle.store.locks import try_exclusive, try_shared

__all__ = [
    "Answer", "Answers", "CancelRequests", "Hold", "ask_to_cancel", "clear_store", "hold", "holder", "is_held",
    "leave_answer", "use_store",
]  # fmt: skip

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
            _requests(folder).unlink(missing_ok=True)
            _answers(folder).unlink(missing_ok=True)
            return Hold(descriptor)
        time.sleep(_PAUSE)
    os.close(descriptor)
    raise RunBusy(f"run {folder.name} is held by process {holder(folder) or 'unknown'}")


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


def ask_to_cancel(folder: Path, by: str, task: str | None = None) -> None:
    """Leaves a request for whichever process holds the run."""
    _leave(_requests(folder), {"by": by, "task": task})


def leave_answer(folder: Path, task: str, by: str, *, approved: bool, note: str) -> None:
    """Leaves a person's decision for whichever process holds the run."""
    _leave(_answers(folder), {"task": task, "by": by, "approved": approved, "note": note})


def _leave(file: Path, record: dict[str, object]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | OURS, 0o600)
    try:
        os.write(descriptor, (json.dumps(record) + "\n").encode())
    finally:
        os.close(descriptor)


@dataclass(slots=True)
class CancelRequests:
    """The requests left for a run, each given once."""

    folder: Path
    _offset: int = 0

    def fresh(self) -> list[tuple[str, str | None]]:
        """`(by, task)` of those that came since the last call."""
        lines, self._offset = _lines(_requests(self.folder), self._offset)
        return [request for line in lines if (request := _request(line)) is not None]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody decided of a task that waits for approval."""

    task: str
    by: str
    approved: bool
    note: str


@dataclass(slots=True)
class Answers:
    """The decisions left for a run, each given once."""

    folder: Path
    _offset: int = 0

    def fresh(self) -> list[Answer]:
        """Those that came since the last call."""
        lines, self._offset = _lines(_answers(self.folder), self._offset)
        return [answer for line in lines if (answer := _answer(line)) is not None]


def _lines(file: Path, offset: int) -> tuple[list[bytes], int]:
    """The whole lines after `offset`, and where they end."""
    try:
        with file.open("rb") as opened:
            opened.seek(offset)
            text = opened.read(1 << 20)
    except FileNotFoundError:
        return [], offset
    whole = text[: text.rfind(b"\n") + 1]
    return whole.splitlines(), offset + len(whole)


def _answer(line: bytes) -> Answer | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    match found:
        case {"task": str(task), "by": str(by), "approved": bool(approved), "note": str(note)}:
            return Answer(task, by, approved, note)
        case _:
            return None


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


def _open_store(state: Path) -> int:
    state.mkdir(parents=True, exist_ok=True)
    return os.open(state / "store.lock", os.O_RDWR | os.O_CREAT | OURS, 0o600)


def _requests(folder: Path) -> Path:
    return folder / "cancel"


def _answers(folder: Path) -> Path:
    return folder / "answers"
