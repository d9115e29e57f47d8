"""The host process: one a project, serving every client of this user until it has had none, and no run, for a while.

    python -m treadle.host.server --project DIR [--detach] [--idle SECONDS]

That there is one is kept by flock(2) on `.treadle/host.lock`, which the kernel drops when the host dies; its socket
is then a dead file that the next host clears away. With `--detach` the command returns when a host serves the
project, and says why on stderr where none could.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from treadle.host.facade import LocalEngine
from treadle.host.session import Session
from treadle.host.transport import ForeignPeer, NoSocketFolder, answers, check_peer, listen
from treadle.host.wire import MAX_LINE
from treadle.store.project import Project

__all__ = ["Host", "main"]

_IDLE: Final = 60.0  # seconds
_WATCH: Final = 0.5
_PATIENCE: Final = 15.0
_LARGEST_LOG: Final = 1 << 20
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
        """Calls `ready` when clients may come. Raises NoSocketFolder."""
        server, address = await listen(self._project, self._connected, MAX_LINE)
        ready()
        try:
            needed = time.monotonic()
            while not self._stopped.is_set():
                if self._sessions or self._engine.is_running:
                    needed = time.monotonic()
                elif time.monotonic() - needed >= self._idle:
                    break
                if not address.exists():  # somebody tidied /tmp
                    server.close()
                    server, address = await listen(self._project, self._connected, MAX_LINE)
                await self._pause()
        finally:
            address.unlink(missing_ok=True)
            server.close()
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
            check_peer(writer.get_extra_info("socket"))
            await Session(self._engine, reader, writer).serve()
        except ForeignPeer as error:
            _log.warning("refused: %s", error)
            writer.close()
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
        lock = _become_the_host(project)
        if lock is None:
            return 0
        ready = _detach(project) if options.detach else _say_nothing
        asyncio.run(_run(project, options.idle, ready))
    except (OSError, NoSocketFolder, _NotServing) as error:
        print(f"treadle: {error}", file=sys.stderr)
        return 1
    return 0


class _NotServing(Exception):
    """Another host has the project and does not answer."""


async def _run(project: Project, idle: float, ready: Callable[[], None]) -> None:
    engine = LocalEngine(project)
    host = Host(engine, project, idle)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, host.stop)
    try:
        await engine.recover()
        await host.serve(ready)
    finally:
        await engine.close()


def _become_the_host(project: Project) -> int | None:
    """The held lock, or None where another host answers. Waits for one that is starting or ending."""
    project.state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(project.state / "host.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if answers(project):
                os.close(descriptor)
                return None
            time.sleep(0.05)
            continue
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor
    raise _NotServing(f"another engine holds {project.root} and does not answer; its log is {_log_file(project)}")


def _detach(project: Project) -> Callable[[], None]:
    """Goes on in a child of its own session, and returns what tells the waiting parent that it serves.

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
        lock = os.open(project.state / "host.lock", os.O_WRONLY | os.O_CLOEXEC)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        os.close(lock)
        os.write(tell, b"+")
        os.close(tell)

    return ready


def _log_to_file(project: Project) -> None:
    file = _log_file(project)
    size = file.stat().st_size if file.exists() else 0
    start = os.O_TRUNC if size > _LARGEST_LOG else os.O_APPEND
    log = os.open(file, os.O_WRONLY | os.O_CREAT | start | os.O_CLOEXEC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.close(nothing)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")


def _last_words(project: Project) -> str:
    try:
        lines = _log_file(project).read_text(errors="replace").strip().splitlines()
    except OSError as error:
        return f"the engine ended before it served, and its log can't be read: {error}"
    return lines[-1].removeprefix("treadle: ") if lines else "the engine ended before it served"


def _log_file(project: Project) -> Path:
    return project.state / "host.log"


def _say_nothing() -> None:
    """Nobody waits for a host in the foreground."""


if __name__ == "__main__":
    sys.exit(main())
