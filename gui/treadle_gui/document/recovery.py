"""Recovery: unsaved work that outlives a crash.

    document ──(rest of 2 s)──► Autosave ──► <state>/recovery/<id>.json ──(after a crash)──► offered at the next start

A note is written while a document has unsaved changes and taken away when it is saved or closed on purpose, so a note
whose process is gone is exactly the work that a crash took. Notes lie outside projects: looking at one writes nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer

from treadle.spec.file_format import write
from treadle.spec.pipeline import Pipeline
from treadle.store.atomic import write_atomic
from treadle_gui.document.document import Document

__all__ = ["Autosave", "Recovered", "RecoveryFolder", "state_folder"]

DELAY: Final = 2000
"""Milliseconds of rest after an edit before the note is written."""


def state_folder() -> Path:
    """Where the app keeps what is neither a project's nor a setting: `$XDG_STATE_HOME/treadle`."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state") / "treadle"


@dataclass(frozen=True, slots=True)
class Recovered:
    """A note. `path` is the file that the work belongs to, `base` that file's text then; `at` in epoch seconds."""

    id: str
    title: str
    path: str | None
    text: str
    base: str
    at: float
    pid: int


class RecoveryFolder:
    """The notes of every running and every crashed app of this user."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, note: Recovered) -> None:
        """Raises OSError. The folder is made private: it holds what a person has not published."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomic(self._file(note.id), json.dumps(asdict(note)).encode())

    def discard(self, note_id: str) -> None:
        self._file(note_id).unlink(missing_ok=True)

    def left_behind(self) -> list[Recovered]:
        """Notes whose app is gone, newest first. What can't be read is no note."""
        try:
            files = sorted(self._folder.glob("*.json"))
        except OSError:
            return []
        notes = [note for note in map(_read, files) if note is not None and not _alive(note.pid)]
        return sorted(notes, key=lambda note: note.at, reverse=True)

    def _file(self, note_id: str) -> Path:
        return self._folder / f"{uuid.UUID(note_id).hex}.json"


def _read(file: Path) -> Recovered | None:
    try:
        note = Recovered(**json.loads(file.read_text(encoding="utf-8")))
        uuid.UUID(note.id)
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    kinds = (note.title, str), (note.text, str), (note.base, str), (note.at, float), (note.pid, int)
    whole = all(isinstance(value, kind) for value, kind in kinds)
    return note if whole and (note.path is None or isinstance(note.path, str)) else None


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # another user's process has taken the number
    return True


class Autosave(QObject):
    """Keeps the note of one document. Writing happens in a thread, in order."""

    def __init__(self, document: Document, folder: RecoveryFolder) -> None:
        super().__init__(document)
        self._document = document
        self._folder = folder
        self._id = str(uuid.uuid4())
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="autosave")
        self._rest = QTimer(self, singleShot=True, interval=DELAY)
        self._rest.timeout.connect(self.write_now)
        self._kept = False
        self._enabled = True
        document.changed.connect(self._rest.start)
        document.dirty_changed.connect(self._on_dirty)

    def set_enabled(self, enabled: bool) -> None:
        """Without, nothing is kept; what was is taken away."""
        self._enabled = enabled
        if not enabled:
            self._forget()

    def write_now(self) -> None:
        """Asks for the note to be written as the document stands."""
        if not self._enabled or not self._document.is_dirty:
            return
        document = self._document
        path = str(document.path) if document.path is not None else None
        self._kept = True
        self._writer.submit(self._write, document.title, path, document.pipeline, document.base)

    def close(self) -> None:
        """Stops, and takes the note away: the work was saved, or given up on purpose."""
        self._rest.stop()
        self._forget()
        self._writer.shutdown(wait=True)

    def _on_dirty(self, dirty: bool) -> None:
        if not dirty:
            self._rest.stop()
            self._forget()

    def _forget(self) -> None:
        if self._kept:
            self._kept = False
            self._writer.submit(self._folder.discard, self._id)

    def _write(self, title: str, path: str | None, pipeline: Pipeline, base: str) -> None:
        note = Recovered(self._id, title, path, write(pipeline, base), base, time.time(), os.getpid())
        with contextlib.suppress(OSError):  # a full disk must not disturb editing
            self._folder.keep(note)
