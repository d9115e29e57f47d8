"""Committer: patience with a journal that can't be written. A full disk makes a run stand still, and loses nothing.

`commit` returns when everything noted is in the journal. What was committed is synced to the disk in groups, in another
thread, so that a power cut costs the last group at most.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from treadle.run.clock import Clock
from treadle.run.recorder import Recorder
from treadle.store.journal import JournalGone, JournalUnwritable

__all__ = ["Committer", "Timing"]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `patience` is how long a run waits for a journal that can't be written before it gives up."""

    sync: float = 0.05
    sample: float = 0.5
    journal_retry: float = 0.5
    patience: float = 600.0


class Committer:
    """Commits for one run loop. `trouble` says for a person why it waits; it is empty while it doesn't."""

    def __init__(self, recorder: Recorder, clock: Clock, timing: Timing) -> None:
        self.trouble = ""
        self._recorder = recorder
        self._clock = clock
        self._timing = timing
        self._unsynced = False
        self._troubled_since: float | None = None

    async def commit(self) -> list[str]:
        """Returns the tasks that changed. Raises JournalUnwritable where patience ends."""
        failed = False
        while True:
            try:
                changed = self._recorder.commit()
                break
            except JournalUnwritable as error:
                failed = True
                self._note_trouble(error)
                await asyncio.sleep(self._timing.journal_retry)
        if failed:
            self._forget_trouble()
        self._unsynced = True
        return changed

    async def keep_synced(self) -> None:
        """Syncs until it is cancelled. Raises JournalUnwritable where patience ends."""
        failed = False
        while True:
            await asyncio.sleep(self._timing.sync)
            if not self._unsynced:
                continue
            self._unsynced = False
            try:
                await asyncio.to_thread(self._recorder.sync)
            except JournalUnwritable as error:
                self._unsynced = failed = True
                self._note_trouble(error)
            else:
                if failed:
                    self._forget_trouble()
                failed = False

    def _note_trouble(self, error: JournalUnwritable) -> None:
        """Raises `error` when it has gone on for longer than our patience, or will for ever."""
        now = self._clock.now()
        self._troubled_since = self._troubled_since or now
        self.trouble = f"the run stands still, for its journal can't be written: {error}"
        if isinstance(error, JournalGone) or now - self._troubled_since > self._timing.patience:
            raise error

    def _forget_trouble(self) -> None:
        self.trouble, self._troubled_since = "", None
