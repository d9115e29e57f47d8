"""What a run's folder tells: its events, its state, its line in a list of runs. Damage never raises here."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Final

from treadle.run.event_codec import from_text
from treadle.run.events import Recorded
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.state import RunState, RunStatus, fold
from treadle.store.descriptors import read_plain
from treadle.store.index import RunRow
from treadle.store.journal import read_journal_as
from treadle.store.project import RunFolder

__all__ = ["UNREADABLE", "Summaries", "pipeline_file", "read_events", "read_state"]

UNREADABLE: Final = "unreadable"
_MOST_READINGS: Final = 8


def read_events(path: Path) -> tuple[Recorded, ...]:
    """The events of a journal's longest valid prefix, in ascending order; a line that is none is passed over."""
    return tuple(_ascending(path))


def _ascending(path: Path) -> Iterator[Recorded]:
    last = 0
    for recorded in read_journal_as(from_text, path).records:
        if recorded is not None and recorded.seq > last:
            last = recorded.seq
            yield recorded


def read_state(folder: RunFolder) -> RunState:
    """What the run has come to by its journal; `pending` where that says nothing."""
    return fold(read_events(folder.events))


class Summaries:
    """Runs' lines in the list, from their folders. A run that grew is read on from where it was read to.

    May be called by several threads. A line says `unreadable` where the journal says nothing; `running` only says that
    no end is written: whether an engine is at it, its lock tells.
    """

    def __init__(self) -> None:
        self._readings: OrderedDict[Path, _Reading] = OrderedDict()
        self._lock = Lock()

    def of(self, path: Path) -> RunRow:
        """The line of the run whose folder is `path`. Damage never raises."""
        with self._lock:
            reading = self._readings.pop(path, None)
            if reading is None or not reading.goes_on():
                reading = _Reading(RunFolder(path))
            reading.read_on()
            if reading.grows:
                self._readings[path] = reading
                if len(self._readings) > _MOST_READINGS:
                    self._readings.popitem(last=False)
            return reading.row(path.name)


class _Reading:
    """A run as far as its journal was read."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._state = RunState()
        self._file = pipeline_file(folder)
        self._inode = 0
        self._end = 0

    @property
    def grows(self) -> bool:
        return not self._state.status.is_done

    def goes_on(self) -> bool:
        """Whether the journal is still the one that was read, and no shorter."""
        try:
            found = self._folder.events.stat()
        except OSError:
            return False
        return found.st_ino == self._inode and found.st_size >= self._end

    def read_on(self) -> None:
        with contextlib.suppress(OSError):
            self._inode = self._folder.events.stat().st_ino
            journal = read_journal_as(from_text, self._folder.events, self._end)
            self._end = journal.end
            for recorded in filter(None, journal.records):
                self._state.advance(recorded)

    def row(self, run: str) -> RunRow:
        state = self._state
        return RunRow(
            run=run,
            pipeline=state.pipeline,
            file=self._file,
            state=UNREADABLE if state.status is RunStatus.PENDING else str(state.status),
            started=state.started_at or 0.0,
            finished=state.finished_at,
            tasks=len(state.tasks),
            counts={str(status): count for status, count in state.counts().items()},
            paused="" if state.paused is None else state.paused.words,
            idle=state.idle,
        )


def pipeline_file(folder: RunFolder) -> str | None:
    """The file that the run is of; None where it is of none, or its plan can't be read."""
    try:
        return plan_from_json(read_plain(folder.plan)).file
    except (OSError, UnreadablePlan):
        return None
