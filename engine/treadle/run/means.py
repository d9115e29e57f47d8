"""Means: what a run is carried out with, put together by who begins it."""

from __future__ import annotations

from dataclasses import dataclass, field

from treadle.execute.protocol import Executor
from treadle.run.cache import TaskCache
from treadle.run.clock import Clock
from treadle.run.committer import Timing
from treadle.run.ledger import Ledger
from treadle.run.machine import Machine
from treadle.store.secrets import EnvironmentSecrets, SecretSource

__all__ = ["Means"]


@dataclass(frozen=True, slots=True)
class Means:
    """Every part of it is an effect, or what effects are shared by."""

    executor: Executor
    cache: TaskCache
    machine: Machine
    clock: Clock
    timing: Timing = Timing()
    ledger: Ledger = field(default_factory=Ledger)
    secrets: SecretSource = field(default_factory=lambda: EnvironmentSecrets({}))
