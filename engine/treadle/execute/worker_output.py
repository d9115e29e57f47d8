"""WorkerOutput: what a process that serves many attempts prints, kept while it may still be needed.

It prints each attempt's output to one file, and itself, where something else than an attempt speaks, to a second beside
it. What it printed last goes to the log of the attempt that it died with.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

__all__ = ["WorkerOutput"]

_SAID: Final = 64 * 1024  # bytes of what a process printed last


class WorkerOutput:
    """`path` is the attempts' file, `log` the process's own; both are gone after `remove`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path.with_suffix(".log")

    @property
    def size(self) -> int:
        """Bytes printed by the attempt that goes on; 0 where nothing was."""
        with contextlib.suppress(FileNotFoundError):
            return self.path.stat().st_size
        return 0

    def rescue_to(self, log: Path) -> tuple[int, bool]:
        """Adds what was printed last to `log`; its lines, and whether the last one is open. Raises OSError."""
        said = b""
        for path in (self.path, self.log):
            with contextlib.suppress(FileNotFoundError):
                said += path.read_bytes()[-_SAID:]
        if said:
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as file:
                file.write(said)
        return said.count(b"\n"), bool(said) and not said.endswith(b"\n")

    def remove(self) -> None:
        for path in (self.path, self.log):
            path.unlink(missing_ok=True)
