"""A host that outlives whoever started it: forked into a session of its own, on Windows a process without a console.

Whoever waits is told when it serves, and else why it does not: by the last line of its log.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from treadle.host.transport import answers
from treadle.store.descriptors import OURS
from treadle.store.project import Project

__all__ = ["log_file", "sign"]

_LARGEST_LOG: Final = 1 << 20
_PATIENCE: Final = 50.0  # seconds; less than who waits for this has
_GLANCE: Final = 0.02


def log_file(project: Project) -> Path:
    """What a detached host has to say."""
    return project.state / "host.log"


def sign(lock: int) -> None:
    """Leaves this process's number in the lock file that it holds."""
    os.ftruncate(lock, 0)
    os.lseek(lock, 0, os.SEEK_SET)
    os.write(lock, f"{os.getpid()}\n".encode())


if sys.platform == "win32":
    __all__ += ["spawn"]

    def spawn(project: Project, idle: float) -> int:
        """Starts a host process, and returns when one serves: the exit status, with a sentence on stderr if not 0."""
        project.state.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", "treadle.host.server", "--project", str(project.root)]
        apart = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        log = _opened_log(project)
        try:
            process = subprocess.Popen(
                [*command, "--idle", str(idle)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, creationflags=apart
            )
        finally:
            os.close(log)
        deadline = time.monotonic() + _PATIENCE
        while process.poll() is None and time.monotonic() < deadline:
            if answers(project):
                return 0
            time.sleep(_GLANCE)
        if process.returncode == 0 and answers(project):
            return 0
        process.kill()
        print(f"treadle: {_last_words(project)}", file=sys.stderr, flush=True)
        return 1

else:
    __all__ += ["detach"]

    def detach(project: Project, lock: int) -> Callable[[], None]:
        """Goes on in a child of its own session, which has `lock`; returns what tells the waiting parent it serves.

        The parent never comes back from here: it ends with 0 when told so, with 1 when the child ends before.
        """
        told, tell = os.pipe()
        if os.fork() != 0:
            os.close(tell)
            served = os.read(told, 1) == b"+"
            if not served:
                print(f"treadle: {_last_words(project)}", file=sys.stderr, flush=True)
            os._exit(0 if served else 1)
        os.close(told)
        os.setsid()
        _log_to_file(project)

        def ready() -> None:
            sign(lock)
            os.write(tell, b"+")
            os.close(tell)

        return ready

    def _log_to_file(project: Project) -> None:
        log = _opened_log(project)
        nothing = os.open(os.devnull, os.O_RDONLY | OURS)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)
        os.close(nothing)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")


def _opened_log(project: Project) -> int:
    file = log_file(project)
    size = file.stat().st_size if file.exists() else 0
    start = os.O_TRUNC if size > _LARGEST_LOG else os.O_APPEND
    return os.open(file, os.O_WRONLY | os.O_CREAT | start | OURS, 0o600)


def _last_words(project: Project) -> str:
    try:
        lines = log_file(project).read_text(errors="replace").strip().splitlines()
    except OSError as error:
        return f"the engine ended before it served, and its log can't be read: {error}"
    return lines[-1].removeprefix("treadle: ") if lines else "the engine ended before it served"
