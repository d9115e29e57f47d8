"""What a run's folder tells: its events, its state, its line in a list of runs. Damage never raises here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from treadle.run.event_codec import NotAnEvent, decode
from treadle.run.events import Recorded
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.state import RunState, RunStatus, fold
from treadle.store.index import RunRow
from treadle.store.journal import read_journal
from treadle.store.project import RunFolder

__all__ = ["UNREADABLE", "read_events", "read_state", "summarise"]

UNREADABLE: Final = "unreadable"


def read_events(path: Path) -> tuple[Recorded, ...]:
    """The events of a journal's longest valid prefix, in ascending order; a line that is none is passed over."""
    return tuple(_ascending(path))


def _ascending(path: Path) -> Iterator[Recorded]:
    last = 0
    for record in read_journal(path).records:
        try:
            recorded = decode(record)
        except NotAnEvent:
            continue
        if recorded.seq > last:
            last = recorded.seq
            yield recorded


def read_state(folder: RunFolder) -> RunState:
    """What the run has come to by its journal; `pending` where that says nothing."""
    return fold(read_events(folder.events))


def summarise(path: Path) -> RunRow:
    """A run's line in the list, from its folder `path`. `state` is `unreadable` where the journal says nothing.

    `running` only says that no end is written: whether an engine is at it, its lock tells.
    """
    folder = RunFolder(path)
    try:
        state = read_state(folder)
    except OSError:
        state = RunState()
    counts = {str(status): count for status, count in state.counts().items()}
    return RunRow(
        run=path.name,
        pipeline=state.pipeline,
        file=_file(folder),
        state=UNREADABLE if state.status is RunStatus.PENDING else str(state.status),
        started=state.started_at or 0.0,
        finished=state.finished_at,
        tasks=len(state.tasks),
        counts=counts,
    )


def _file(folder: RunFolder) -> str | None:
    try:
        return plan_from_json(folder.plan.read_bytes()).file
    except (OSError, UnreadablePlan):
        return None
