"""The host process: one a project, serving every client of this user until it has had none, and no run, for a while.

    python -m treadle.host.server --project DIR [--detach] [--idle SECONDS]

That there is one is kept by a lock on `.treadle/host.lock`, which the system drops when the host dies; its socket
is then a dead file that the next host clears away. With `--detach` the command returns when a host serves the
project, and says why on stderr where none could.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from treadle.host import detaching
from treadle.host.detaching import log_file, sign
from treadle.host.facade import LocalEngine
from treadle.host.garbage import collect_mostly_the_young
from treadle.host.listening import NoAddress
from treadle.host.session import Session
from treadle.host.transport import answers, listen
from treadle.host.wire import MAX_LINE
from treadle.store.descriptors import OURS
from treadle.store.locks import try_exclusive
from treadle.store.project import Project

__all__ = ["Host", "main"]

_IDLE: Final = 60.0  # seconds
_WATCH: Final = 0.5
_PATIENCE: Final = 15.0
_log = logging.getLogger("treadle.host")


class Host:
    """Serves `engine` to clients. `serve` returns when nobody has needed it for `idle` seconds, or after `stop`."""

    def __init__(self, engine: LocalEngine, project: Project, idle: float = _IDLE) -> None:
        self._engine = engine
        self._project = project
        self._idle = idle
        self._sessions: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def serve(self, ready: Callable[[], None]) -> None:
        """Calls `ready` when clients may come. Raises NoAddress."""
        listening = await listen(self._project, self._connected, MAX_LINE)
        ready()
        try:
            needed = time.monotonic()
            while not self._stopped.is_set():
                if self._sessions or self._engine.is_running:
                    needed = time.monotonic()
                elif time.monotonic() - needed >= self._idle:
                    break
                if not listening.can_be_found():
                    listening.close()
                    listening = await listen(self._project, self._connected, MAX_LINE)
                await self._pause()
        finally:
            listening.close()
            for session in self._sessions:
                session.cancel()
            await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._stopped.wait(), min(_WATCH, self._idle))
        except TimeoutError:
            return

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        try:
            await Session(self._engine, reader, writer).serve()
        except Exception:  # noqa: BLE001 (a boundary: the other clients go on)
            _log.exception("a session ended with an error")
            writer.close()
        finally:
            self._sessions.discard(task)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where the project is (or was) served, 1 with a sentence on stderr where it could not be."""
    parser = argparse.ArgumentParser(prog="treadle.host.server", description="Serves one project's engine.")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--detach", action="store_true", help="return when a host serves the project")
    parser.add_argument("--idle", type=float, default=_IDLE, help="end after SECONDS without a client or a run")
    options = parser.parse_args(arguments)
    project = Project(options.project.resolve())
    try:
        if sys.platform == "win32" and options.detach:
            return detaching.spawn(project, options.idle)
        lock = _become_the_host(project)
        if lock is None:
            return 0
        ready = _say_nothing
        if sys.platform != "win32" and options.detach:
            ready = detaching.detach(project, lock)
        collect_mostly_the_young()
        asyncio.run(_run(project, options.idle, ready))
    except (OSError, NoAddress, _NotServing) as error:
        print(f"treadle: {error}", file=sys.stderr)
        return 1
    return 0


class _NotServing(Exception):
    """Another host has the project and does not answer."""


async def _run(project: Project, idle: float, ready: Callable[[], None]) -> None:
    engine = LocalEngine(project)
    host = Host(engine, project, idle)
    _stop_when_told(host)
    try:
        await engine.recover()
        await host.serve(ready)
    finally:
        await engine.close()


def _stop_when_told(host: Host) -> None:
    """Asked to end, by a person or the system, it ends as when nobody needs it."""
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":  # whose loop has no handlers of signals
        for number in (signal.SIGINT, signal.SIGBREAK):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(host.stop))
    else:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, host.stop)


def _become_the_host(project: Project) -> int | None:
    """The held lock, or None where another host answers. Waits for one that is starting or ending."""
    project.state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(project.state / "host.lock", os.O_RDWR | os.O_CREAT | OURS, 0o600)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if try_exclusive(descriptor):
            sign(descriptor)
            return descriptor
        if answers(project):
            os.close(descriptor)
            return None
        time.sleep(0.05)
    raise _NotServing(f"another engine holds {project.root} and does not answer; its log is {log_file(project)}")


def _say_nothing() -> None:
    """Nobody waits for a host in the foreground."""


if __name__ == "__main__":
    sys.exit(main())
