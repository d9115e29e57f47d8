"""Runs made up for tests: events with sequence numbers, as an engine would record them."""

from __future__ import annotations

from collections.abc import Iterable

from treadle.execute.protocol import Failed, Outcome, Succeeded, Usage
from treadle.run.events import (
    AttemptEnded,
    AttemptLaunched,
    AttemptQueued,
    Event,
    MachineSampled,
    MetricReported,
    Recorded,
    ResourcesSampled,
    RunFinished,
    RunStarted,
)

START = 1_000.0
FAILURE = Failed("ValueError", "no such column", "Traceback…\nValueError: no such column", "fit.py", 3, 5)


def record(events: Iterable[Event], first: int = 1, at: float = START) -> list[Recorded]:
    """Events in envelopes, a tenth of a second apart."""
    return [Recorded(seq, at + (seq - 1) / 10, event) for seq, event in enumerate(events, first)]


def begun(*tasks: str) -> list[Event]:
    return [RunStarted("r1", "churn", tasks, {})]


def launched(task: str, number: int = 1) -> list[Event]:
    return [AttemptQueued(task, number), AttemptLaunched(task, number, 4_000 + number)]


def ended(task: str, outcome: Outcome | None = None, number: int = 1) -> list[Event]:
    usage = Usage(wall=1.0, cpu_user=0.8, peak_memory=64 << 20)
    return [AttemptEnded(task, number, outcome or Succeeded({}), usage)]


def sampled(task: str, cpu: float, memory: int = 1 << 20) -> Event:
    return ResourcesSampled(task, 1, cpu, memory, 0, 0, 1, 1)


def machine(cpu: float) -> Event:
    return MachineSampled(cpu, 4 << 30, 16 << 30)


def metric(task: str, value: float, step: int | None = None) -> Event:
    return MetricReported(task, 1, "loss", value, step)


def finished(state: str = "succeeded") -> list[Event]:
    return [RunFinished(state)]
