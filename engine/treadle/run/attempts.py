"""OpenAttempts: which attempts are with the executor, and what its messages about them mean as events.

Whatever an executor says about an attempt that isn't open (it ended, it is of another run, it never was) means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from treadle.execute.protocol import (
    ArtifactKept,
    AttemptFinished,
    AttemptId,
    AttemptMessage,
    AttemptStarted,
    CheckpointKept,
    Crashed,
    Metric,
    Outcome,
    Progress,
    Sample,
    Succeeded,
)
from treadle.run.events import (
    ArtifactReported,
    AttemptEnded,
    AttemptLaunched,
    CheckpointSaved,
    Event,
    MachineSampled,
    MetricReported,
    ProgressReported,
    ResourcesSampled,
)
from treadle.run.roster import Roster
from treadle.store.references import ArtifactRef

__all__ = ["REPORTS", "OpenAttempts"]

REPORTS: Final = (ArtifactKept, AttemptStarted, CheckpointKept, MachineSampled, Metric, Progress, Sample)
"""What tells how things go and changes nothing about what is next: thousands a second may come."""


class OpenAttempts:
    """Attempts between their submission and their end."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._open: set[AttemptId] = set()
        self._kept: dict[AttemptId, dict[str, ArtifactRef]] = {}

    def add(self, attempt: AttemptId) -> None:
        self._open.add(attempt)

    def has(self, attempt: AttemptId) -> bool:
        return attempt in self._open

    def all(self) -> list[AttemptId]:
        return sorted(self._open)

    def take_kept(self, attempt: AttemptId) -> Mapping[str, ArtifactRef]:
        """What the code of `attempt`, which has ended, kept besides its outputs; once."""
        return self._kept.pop(attempt, {})

    def event_of(self, message: AttemptMessage) -> Event | None:
        """The fact that `message` tells; None where its attempt isn't open. An AttemptFinished closes it."""
        attempt = message.attempt
        if attempt not in self._open:
            return None
        task, number = attempt.task, attempt.number
        match message:
            case AttemptStarted(pid=pid):
                return AttemptLaunched(task, number, pid)
            case Progress(fraction=fraction, message=text):
                return ProgressReported(task, number, fraction, text)
            case Metric(name=name, value=value, step=step):
                return MetricReported(task, number, name, value, step)
            case ArtifactKept(name=name, artifact=artifact):
                self._kept.setdefault(attempt, {})[name] = artifact
                return ArtifactReported(task, number, name, artifact)
            case CheckpointKept(artifact=artifact):
                return CheckpointSaved(task, number, artifact)
            case Sample():
                return _sampled(message)
            case AttemptFinished(outcome=outcome, usage=usage):
                self._open.remove(attempt)
                return AttemptEnded(task, number, self._checked(task, outcome), usage)
            case _:
                assert_never(message)

    def _checked(self, task: str, outcome: Outcome) -> Outcome:
        """A success without every declared output is none: what comes next counts on them."""
        if not isinstance(outcome, Succeeded):
            return outcome
        declared = self._roster.tasks[task].outputs
        missing = [each.name for each in declared if each.name not in outcome.outputs and not each.optional]
        return Crashed(f"it ended well but gave no {' and no '.join(missing)}") if missing else outcome


def _sampled(sample: Sample) -> ResourcesSampled:
    return ResourcesSampled(
        task=sample.attempt.task,
        number=sample.attempt.number,
        cpu=sample.cpu,
        memory=sample.memory,
        read_bytes=sample.read_bytes,
        write_bytes=sample.write_bytes,
        threads=sample.threads,
        processes=sample.processes,
        gpu=sample.gpu,
        gpu_memory=sample.gpu_memory,
    )
