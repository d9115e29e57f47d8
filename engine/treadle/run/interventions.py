"""What people do to a run that goes on: the part of the events that begins with somebody's wish.

A wish travels as the very fact that it is to become. Whoever goes on with the run writes it down where it applies, and
passes over one that has nothing to change any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from treadle.spec.facts import Fact
from treadle.spec.values import Value

__all__ = [
    "FULL_DISK", "ApprovalAnswered", "Breakpoint", "BreakpointSet", "CancelRequested", "Intervention", "ParamsChanged",
    "RunContinued", "RunPaused", "TaskStepped", "When",
]  # fmt: skip


FULL_DISK: Final = "full disk"
"""Who pauses a run that has no room for what a node gave. It goes on as soon as there is more."""


class When(StrEnum):
    """On which side of an attempt a breakpoint stands."""

    BEFORE = "before"
    AFTER = "after"


class Breakpoint(NamedTuple):
    """The run is to pause before each attempt of `task` begins, or after the task has ended."""

    task: str
    when: When = When.BEFORE


class ApprovalAnswered(Fact, frozen=True):
    """A person decided: the first answer stands. `by` is who, `note` what they said."""

    task: str
    approved: bool
    note: str
    by: str


class CancelRequested(Fact, frozen=True):
    """For the whole run where `task` is None; asked a second time, what cleans up is ended too."""

    by: str
    task: str | None = None


class RunPaused(Fact, frozen=True):
    """Nothing new begins; what runs goes on. With a `task` its breakpoint did it, which stands `when`."""

    by: str
    task: str | None = None
    when: When | None = None

    @property
    def words(self) -> str:
        """For a person: `paused before fit`."""
        if self.by == FULL_DISK:
            return "paused, for the disk is full"
        return "paused" if self.task is None or self.when is None else f"paused {self.when} {self.task}"


class RunContinued(Fact, frozen=True):
    by: str


class BreakpointSet(Fact, frozen=True):
    """Or taken away, where it is not `on`."""

    task: str
    when: When
    on: bool
    by: str


class TaskStepped(Fact, frozen=True):
    """This one task may begin while the run stays paused."""

    task: str
    by: str


class ParamsChanged(Fact, frozen=True):
    """Values that a task which had not begun has in this run from now on; parameters not named keep theirs."""

    task: str
    params: Mapping[str, Value]
    by: str


Intervention: TypeAlias = (
    CancelRequested | ApprovalAnswered | RunPaused | RunContinued | BreakpointSet | TaskStepped | ParamsChanged
)
