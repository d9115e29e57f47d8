"""Recorder: how an event becomes a fact. Numbered, into the journal, into the state, and only then told to anybody.

    note(event) … note(event) ─► commit ─► journal.flush ─► state.advance ─► schedule ─► publish

The artifacts that events name reach the disk before the events do (`sync`).

Where the journal takes nothing (a full disk), what was noted stays noted: nothing of it is in the state, nothing
is told, and the next `commit` goes on from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from treadle.execute.protocol import Succeeded
from treadle.run.clock import Clock
from treadle.run.event_codec import to_text
from treadle.run.events import ArtifactReported, AttemptEnded, CheckpointSaved, Event, MapEnded, Recorded, TaskExpanded
from treadle.run.state import RunState
from treadle.store.journal import Journal, JournalUnwritable
from treadle.store.references import ArtifactRef

__all__ = ["Publish", "Recorder"]

Publish = Callable[[Recorded], None]
SyncArtifacts = Callable[[Iterable[ArtifactRef]], None]
"""Makes artifacts survive a power cut; raises OSError. May be called in another thread."""


class Recorder:
    """The one writer of a run's events. `state` is what they have come to so far."""

    def __init__(
        self,
        journal: Journal,
        state: RunState,
        clock: Clock,
        publish: Publish,
        sync_artifacts: SyncArtifacts | None = None,
    ) -> None:
        self.state = state
        self._sync_artifacts = sync_artifacts or (lambda _: None)
        self._unsynced: list[ArtifactRef] = []
        self._journal = journal
        self._clock = clock
        self._publish = publish
        self._noted: deque[Recorded] = deque()
        self._next = state.seq + 1

    def note(self, event: Event) -> None:
        """Takes an event, at the present time, for the next `commit`."""
        recorded = Recorded(self._next, self._clock.now(), event)
        self._next += 1
        self._noted.append(recorded)
        self._journal.append_text(to_text(recorded))
        if type(event) in _NAMING:
            self._unsynced += _named_by(event)

    @property
    def has_noted(self) -> bool:
        """Whether `commit` has anything to write."""
        return bool(self._noted)

    def commit(self) -> list[str]:
        """Writes what was noted, then tells it; returns the tasks that changed. Raises JournalUnwritable."""
        self._journal.flush()
        changed = []
        while self._noted:
            recorded = self._noted.popleft()
            task = self.state.advance(recorded)
            if task is not None:
                changed.append(task)
            self._publish(recorded)
        return changed

    def sync(self) -> None:
        """Makes what was committed survive a power cut. May run in another thread. Raises JournalUnwritable."""
        refs, self._unsynced = self._unsynced, []
        try:
            self._sync_artifacts({ref.digest: ref for ref in refs}.values())
        except OSError as error:
            self._unsynced = [*refs, *self._unsynced]
            raise JournalUnwritable(error.errno, error.strerror, error.filename) from error
        self._journal.sync()

    def close(self) -> None:
        self._journal.close()


_NAMING: Final = frozenset({MapEnded, AttemptEnded, TaskExpanded, ArtifactReported, CheckpointSaved})


def _named_by(event: Event) -> Iterable[ArtifactRef]:
    """The artifacts that are new with `event`."""
    match event:
        case MapEnded(outcome=Succeeded(outputs=outputs)):
            return [replace(ref, codec="json") for ref in outputs.values()]  # what it lists was its items'
        case AttemptEnded(outcome=Succeeded(outputs=outputs)):
            return outputs.values()
        case TaskExpanded(source=artifact):
            return (artifact,)
        case ArtifactReported(artifact=artifact) | CheckpointSaved(artifact=artifact):
            return (artifact,)
        case _:
            return ()
