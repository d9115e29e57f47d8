"""An event that survives a power cut names only artifacts that do."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

import pytest

from treadle.execute.protocol import Succeeded, Usage
from treadle.run.clock import AnchoredClock
from treadle.run.events import AttemptEnded, AttemptQueued, CheckpointSaved
from treadle.run.recorder import Recorder
from treadle.run.state import RunState
from treadle.store.journal import Journal, JournalUnwritable, OsDisk
from treadle.store.references import ArtifactRef

REF, OTHER = (ArtifactRef(letter * 64, "Text", "text", 1) for letter in "ab")


class Order(OsDisk):
    """Writes down what is synced, and in which order; the first `failures` artifacts can't be."""

    def __init__(self, failures: int = 0) -> None:
        self.synced: list[object] = []
        self.failures = failures

    def sync(self, descriptor: int) -> None:
        self.synced.append("journal")

    def artifacts(self, refs: Iterable[ArtifactRef]) -> None:
        named = list(refs)
        if named and self.failures:
            self.failures -= 1
            raise OSError(errno.EIO, "Input/output error", "blob")
        self.synced += named


def recorder(folder: Path, disk: Order) -> Recorder:
    journal = Journal(folder / "events.jsonl", disk)
    return Recorder(journal, RunState(), AnchoredClock(), lambda _: None, disk.artifacts)


def test_artifacts_reach_the_disk_before_the_events_that_name_them(tmp_path: Path) -> None:
    disk = Order()
    writer = recorder(tmp_path, disk)
    writer.note(AttemptQueued("a", 1))
    writer.note(AttemptEnded("a", 1, Succeeded({"one": REF, "again": REF}), Usage()))
    writer.note(CheckpointSaved("b", 1, OTHER))
    writer.commit()
    writer.sync()
    writer.sync()
    assert disk.synced == [REF, OTHER, "journal", "journal"]
    writer.close()


def test_artifacts_that_cannot_be_synced_hold_up_the_journal_and_are_tried_again(tmp_path: Path) -> None:
    disk = Order(failures=1)
    writer = recorder(tmp_path, disk)
    writer.note(CheckpointSaved("b", 1, OTHER))
    writer.commit()
    with pytest.raises(JournalUnwritable, match="Input/output error"):
        writer.sync()
    assert disk.synced == []
    writer.sync()
    assert disk.synced == [OTHER, "journal"]
    writer.close()
