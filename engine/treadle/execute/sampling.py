"""What an attempt's whole process tree uses, by cheap reads of /proc (about 30 µs a process)."""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH123

from __future__ import annotations

import os
import time
from dataclasses import dataclass

from treadle.execute.process_tree import children, resident

__all__ = ["Reading", "TreeSampler"]

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")
_MOST = 2000  # processes looked at; a fork bomb must not stall the engine


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a tree. `cpu` is percent of one core since the look before; bytes."""

    cpu: float
    memory: int
    read_bytes: int
    write_bytes: int
    threads: int
    processes: int


@dataclass(slots=True)
class _Process:
    started: int
    ticks: int
    read_bytes: int
    write_bytes: int


class TreeSampler:
    """Follows the tree below `root`. Bytes and CPU of processes that ended are kept as they were last seen."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.peak_memory = 0
        self._seen: dict[int, _Process] = {}
        self._gone = _Process(0, 0, 0, 0)
        self._at = time.monotonic()
        self._ticks = 0

    def sample(self) -> Reading:
        """Reads the tree now."""
        memory = threads = 0
        living: dict[int, _Process] = {}
        for pid in _tree(self.root):
            try:
                process, resident, count = _read(pid)
            except (OSError, IndexError, ValueError):
                continue  # it ended while we looked
            living[pid] = process
            memory += resident
            threads += count
        self._remember(living)
        now, ticks = time.monotonic(), self._total("ticks")
        cpu = 100 * (ticks - self._ticks) / _TICK / max(now - self._at, 1e-3)
        self._at, self._ticks = now, ticks
        self.peak_memory = max(self.peak_memory, memory)
        return Reading(
            max(cpu, 0.0), memory, self._total("read_bytes"), self._total("write_bytes"), threads, len(living)
        )

    def memory(self) -> int:
        """Resident bytes of the tree now: the quick look for a memory limit."""
        total = 0
        for pid in _tree(self.root):
            try:
                total += resident(pid)
            except OSError:
                continue
        self.peak_memory = max(self.peak_memory, total)
        return total

    def known(self) -> dict[int, int]:
        """pid → start time of every process of the last look, for when the fork server itself is lost."""
        return {pid: process.started for pid, process in self._seen.items()}

    def _remember(self, living: dict[int, _Process]) -> None:
        for pid, before in self._seen.items():
            after = living.get(pid)
            if after is None or after.started != before.started:
                self._gone.ticks += before.ticks
                self._gone.read_bytes += before.read_bytes
                self._gone.write_bytes += before.write_bytes
        self._seen = living

    def _total(self, name: str) -> int:
        return int(getattr(self._gone, name)) + sum(int(getattr(process, name)) for process in self._seen.values())


def _tree(root: int) -> list[int]:
    found, position = [root], 0
    while position < len(found) < _MOST:
        found.extend(children(found[position]))
        position += 1
    return found


def _read(pid: int) -> tuple[_Process, int, int]:
    """(what accumulates, resident bytes, threads). Raises OSError where it has ended."""
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    read_bytes = write_bytes = 0
    try:
        with open(f"/proc/{pid}/io", "rb") as file:
            for line in file:
                name, _, value = line.partition(b":")
                if name == b"read_bytes":
                    read_bytes = int(value)
                elif name == b"write_bytes":
                    write_bytes = int(value)
    except PermissionError:
        pass  # a set-uid child shows no accounting
    process = _Process(int(fields[19]), int(fields[11]) + int(fields[12]), read_bytes, write_bytes)
    return process, int(fields[21]) * _PAGE, int(fields[17])
