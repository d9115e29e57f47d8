"""A program as a child of the worker: in the worker's session, so that it is sampled, limited and ended with it.

SIGTERM goes to the program, and the worker waits for it to leave, as long as it is let. Standard library only,
Python ≥ 3.9.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import Any, NamedTuple, NoReturn

from ..frames import write_all

__all__ = ["Ended", "leave_like", "run_program"]

_CHUNK = 64 * 1024
_TAIL = 32 * 1024
_LAST_WORDS = 0.5  # seconds for what the child's own children still say


class Ended(NamedTuple):
    """`code` is as of subprocess: below zero the signal that ended it. `said` is the end of its standard error."""

    code: int
    said: str
    asked: bool
    """Somebody sent SIGTERM: it did not end by itself."""


def run_program(command: list[str], cwd: str, variables: dict[str, str]) -> Ended:
    """Runs `command` to its end. Raises OSError where it can't be begun."""
    source, sink = os.pipe()
    try:
        child = subprocess.Popen(command, cwd=cwd, env=variables, stdin=subprocess.DEVNULL, stderr=sink)
    except BaseException:
        os.close(source)
        raise
    finally:
        os.close(sink)
    tee = _Tee(source)
    tee.start()
    asked = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: _pass_on(child, asked))
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGTERM, before)
    tee.join(_LAST_WORDS)
    return Ended(code, tee.said(), asked.is_set())


def _pass_on(child: subprocess.Popen[bytes], asked: threading.Event) -> None:
    """The group was sent the signal; a child that has left the group gets it from here."""
    asked.set()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(child.pid) != os.getpgid(0):
            os.kill(child.pid, signal.SIGTERM)


class _Tee(threading.Thread):
    """Passes what comes from `source` on to standard error, and remembers its end."""

    def __init__(self, source: int) -> None:
        super().__init__(daemon=True)
        self._source = source
        self._tail = b""

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._source, _CHUNK):
                write_all(2, data)
                self._tail = (self._tail + data)[-_TAIL:]
            os.close(self._source)

    def said(self) -> str:
        return self._tail.decode("utf-8", "replace")


def leave_like(code: int) -> NoReturn:
    """Ends this process by the signal that ended the program, so that it counts as crashed like any other."""
    import faulthandler
    import resource

    faulthandler.disable()  # it would show this process's frames for the program's fault
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    number: Any = -code
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    os._exit(128 + number)
