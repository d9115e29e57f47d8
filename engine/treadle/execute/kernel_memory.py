"""KernelMemory: whether the kernel ended processes because memory had run out, by its own count.

A process that got SIGKILL can't say from whom. The kernel counts those that it chose itself: of the whole machine in
`/proc/vmstat`, of a control group in its `memory.events`. A count that rose while an attempt ran is evidence.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH123

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["KernelMemory"]

_COUNTS = ("/proc/vmstat", "/sys/fs/cgroup/memory.events")


class KernelMemory:
    """Remembers when the count last rose. Times are the event loop's."""

    def __init__(self, files: Iterable[str] = _COUNTS) -> None:
        self._files = tuple(files)
        self._count = self._read()
        self._rose_at: float | None = None

    def look(self, now: float) -> None:
        """Reads the count anew; to be called every so often while attempts run."""
        count = self._read()
        if count is not None and self._count is not None and count > self._count:
            self._rose_at = now
        self._count = count

    def ran_out_since(self, when: float) -> bool | None:
        """Whether the kernel ended a process since then; None where it doesn't tell."""
        if self._count is None:
            return None
        return self._rose_at is not None and self._rose_at >= when

    def _read(self) -> int | None:
        found = [count for file in self._files if (count := _oom_kills(file)) is not None]
        return sum(found) if found else None


def _oom_kills(file: str) -> int | None:
    try:
        with open(file, "rb") as opened:
            for line in opened:
                name, _, value = line.partition(b" ")
                if name == b"oom_kill":
                    return int(value)
    except (OSError, ValueError):
        pass
    return None
