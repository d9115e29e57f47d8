"""CrashReport: the one catch-all of the app's process. What nobody expected is written to a file and told to a person.

Exceptions in slots, in coroutines, in threads and Qt's own complaints end here, and the app goes on wherever it can.
A crash of the interpreter itself leaves its stacks in a file of that process; the next start puts them beside the rest.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO

__all__ = ["CrashReport"]

_MOST_BYTES: Final = 2 * 1024 * 1024


class CrashReport:
    """Writes what happened to `file` and tells `show` a sentence and the details; never raises."""

    def __init__(self, file: Path, show: Callable[[str, str], None]) -> None:
        self._file = file
        self._show = show
        self._stream: TextIO | None = None
        self._stacks: TextIO | None = None
        self._telling = False

    def install(self) -> bool:
        """Takes over what Python and the interpreter would print. True where an earlier start ended in a crash."""
        self._open()
        crashed = self._collect()
        sys.excepthook = self._from_main
        threading.excepthook = self._from_thread
        return crashed

    @property
    def file(self) -> Path:
        return self._file

    def uninstall(self) -> None:
        """Gives back what `install` took."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__
        if self._stacks is not None:
            faulthandler.disable()
            self._stacks.close()
            self._stacks = None
            self._stacks_of(os.getpid()).unlink(missing_ok=True)
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def from_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An asyncio exception handler."""
        error = context.get("exception")
        if isinstance(error, Exception):
            self.tell(error)
        else:
            self._write(f"{context.get('message', 'unknown trouble in the event loop')}\n")

    def tell(self, error: BaseException) -> None:
        """Keeps `error` and shows it, one at a time."""
        details = "".join(traceback.format_exception(error))
        self._write(details)
        if self._telling:
            return
        self._telling = True
        try:
            self._show(f"{type(error).__name__}: {error}\nIt was written to {self._file}.", details)
        except Exception:  # noqa: BLE001 (showing failed, too; it stands in the file and on the terminal)
            self._write(traceback.format_exc())
        finally:
            self._telling = False

    def _from_main(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.tell(error)

    def _from_thread(self, arguments: threading.ExceptHookArgs) -> None:
        # Widgets may be touched by the main thread only: the file and the terminal have to do.
        if arguments.exc_value is not None:
            self._write("".join(traceback.format_exception(arguments.exc_value)))

    def _open(self) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            mode = "w" if self._file.exists() and self._file.stat().st_size > _MOST_BYTES else "a"
            self._stream = self._file.open(mode, encoding="utf-8", errors="backslashreplace")
            self._stacks = self._stacks_of(os.getpid()).open("w")
        except OSError:
            return
        faulthandler.enable(self._stacks)

    def _stacks_of(self, pid: int) -> Path:
        """Where the interpreter of process `pid` writes its stacks when it dies."""
        return self._file.with_name(f"{self._file.stem}-{pid}.stacks")

    def _collect(self) -> bool:
        """Moves what dead processes left into the one file; whether any of them crashed."""
        crashed = False
        for left in sorted(self._file.parent.glob(f"{self._file.stem}-*.stacks")):
            pid = left.stem.rpartition("-")[2]
            if not pid.isdigit() or _is_alive(int(pid)):
                continue
            try:
                stacks = left.read_text(errors="replace")
                left.unlink()
            except OSError:
                continue
            if stacks:
                crashed = True
                self._write(f"process {pid} crashed:\n{stacks}\n")
        return crashed

    def _write(self, text: str) -> None:
        stamped = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {text}"
        for stream in (self._stream, sys.stderr):
            try:
                if stream is not None:
                    stream.write(stamped)
                    stream.flush()
            except (OSError, ValueError):
                continue


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
