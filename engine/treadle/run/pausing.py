"""Pausing: whether a run stands still, where it is to, and what may begin all the same.

A frozen value that RunState replaces event by event; a run that nobody ever paused or set a breakpoint in has none.
A breakpoint is *passed* once the run has paused at it, until the next attempt of its task.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from treadle.run.interventions import Breakpoint, BreakpointSet, RunPaused, When
from treadle.run.status import TaskStatus

__all__ = ["Pausing"]


@dataclass(frozen=True, slots=True)
class Pausing:
    """`stepped` are tasks that may begin although the run is `paused`. `since` in epoch seconds."""

    paused: RunPaused | None = None
    since: float = 0.0
    breakpoints: frozenset[Breakpoint] = frozenset()
    passed: frozenset[Breakpoint] = frozenset()
    stepped: frozenset[str] = frozenset()
    is_ending: bool = False
    """The run is being cancelled: it pauses no more."""

    def stops(self, task: str, when: When) -> bool:
        """Whether the run is to pause there."""
        here = Breakpoint(task, when)
        return here in self.breakpoints and here not in self.passed and not self.is_ending

    def pause(self, event: RunPaused, at: float) -> Pausing:
        """A run that is paused already stays so since then."""
        if self.paused is not None or self.is_ending:
            return self
        here = frozenset() if event.task is None or event.when is None else {Breakpoint(event.task, event.when)}
        return replace(self, paused=event, since=at, passed=self.passed | here)

    def go_on(self) -> Pausing:
        return replace(self, paused=None, stepped=frozenset())

    def end(self) -> Pausing:
        """What cleans up is to run, and at once."""
        return replace(self.go_on(), is_ending=True)

    def resume(self, tasks: tuple[str, ...]) -> Pausing:
        """For a new engine, which goes on; the breakpoints of what it tries again count anew."""
        again = {here for here in self.passed if here.task in tasks}
        return replace(self.go_on(), passed=self.passed - again, is_ending=False)

    def set(self, event: BreakpointSet, status: TaskStatus) -> Pausing:
        """A breakpoint after a task that has ended waits for its next attempt."""
        here = frozenset({Breakpoint(event.task, event.when)})
        if not event.on:
            return replace(self, breakpoints=self.breakpoints - here, passed=self.passed - here)
        missed = here if status.is_done and event.when is When.AFTER else frozenset()
        return replace(self, breakpoints=self.breakpoints | here, passed=(self.passed - here) | missed)

    def step(self, task: str) -> Pausing:
        """`task` may begin; the run is no longer paused *at* it, only paused."""
        paused = self.paused
        if paused is None:
            return self
        if paused.task == task:
            paused = RunPaused(paused.by)
        here = {Breakpoint(task, When.BEFORE)} & self.breakpoints
        return replace(self, paused=paused, stepped=self.stepped | {task}, passed=self.passed | here)

    def follow(self, task: str, status: TaskStatus) -> Pausing:
        """`task` has come to `status`: it has begun, or has ended."""
        before, after = Breakpoint(task, When.BEFORE), Breakpoint(task, When.AFTER)
        if status.is_open and (task in self.stepped or before in self.passed or after in self.passed):
            return replace(self, stepped=self.stepped - {task}, passed=self.passed - {before, after})
        if status.is_done and self.paused is not None:
            passed = self.passed | ({after} & self.breakpoints)
            return replace(self, stepped=self.stepped - {task}, passed=passed)
        return self
