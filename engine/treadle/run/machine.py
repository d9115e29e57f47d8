"""The machine a run shares: what it has for attempts, and how busy it is, read from `/proc`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Protocol

from treadle.run.events import MachineSampled
from treadle.run.room import Capacity

__all__ = ["Machine", "ProcMachine"]

_LINES: Final = 16


class Machine(Protocol):
    def capacity(self) -> Capacity:
        """What attempts may use together."""

    def sample(self) -> MachineSampled | None:
        """How busy it was since the last call; None where that can't be said (yet)."""


class ProcMachine:
    """This one. `proc` is where the kernel tells of itself, and NVIDIA's driver of its devices; `visible` is
    CUDA_VISIBLE_DEVICES, where that says which of them may be used."""

    def __init__(self, proc: Path = Path("/proc"), visible: str | None = None) -> None:
        self._proc = proc
        self._visible = visible
        self._before: tuple[int, int] | None = None

    def capacity(self) -> Capacity:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        devices = self._devices()
        return Capacity(float(cores), memory, len(devices), devices=devices, lines=_LINES)

    def _devices(self) -> tuple[str, ...]:
        """The GPUs that this process may use, as CUDA counts them."""
        if self._visible is not None:
            return tuple(name for each in self._visible.split(",") if (name := each.strip()) and name != "-1")
        found = (self._proc / "driver" / "nvidia" / "gpus").glob("*")
        return tuple(str(number) for number, _ in enumerate(found))

    def sample(self) -> MachineSampled | None:
        try:
            busy, total = self._processor_time()
            memory_total, memory_free = self._memory()
        except (OSError, ValueError, KeyError):
            return None
        before, self._before = self._before, (busy, total)
        if before is None or total <= before[1]:
            return None
        share = (busy - before[0]) / (total - before[1])
        return MachineSampled(round(100.0 * min(1.0, max(0.0, share)), 2), memory_total - memory_free, memory_total)

    def _processor_time(self) -> tuple[int, int]:
        """(busy, all) in ticks of all cores since start-up; waiting for a disk is idle, as `top` has it."""
        first = (self._proc / "stat").read_text().split("\n", 1)[0].split()
        ticks = [int(text) for text in first[1:9]]
        return sum(ticks) - ticks[3] - ticks[4], sum(ticks)

    def _memory(self) -> tuple[int, int]:
        """(total, available) in bytes."""
        lines = (line.split() for line in (self._proc / "meminfo").read_text().splitlines())
        kibibytes = {words[0]: int(words[1]) for words in lines if len(words) >= 2}
        return kibibytes["MemTotal:"] * 1024, kibibytes["MemAvailable:"] * 1024
