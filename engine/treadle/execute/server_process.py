"""ServerProcess: the engine's end of one fork server: start it, speak to it, notice when it has gone.

When it has gone, so has everything that it ever started, daemons in sessions of their own included: each carries the
server's mark in its environment, by which it is found and ended before anybody is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Callable
from typing import Any, Final

from treadle.catalog.slices import Slice
from treadle.execute import process_tree
from treadle.execute.server_start import StartedServer, start_server
from treadle.execute.tiers import Tier

__all__ = ["ServerProcess"]

_SAID: Final = 400
_SHELVABLE: Final = 16 * 1024  # characters: with what JSON adds it still is one message
_SWEEPS: Final = 100
_SWEEP_EVERY: Final = 0.02  # seconds


class ServerProcess:
    """One fork server. Messages sent before it is ready wait here, so that an attempt can still be taken back.

    `on_message(server, message)` gets each of its messages; `on_gone(server)` comes once, last.
    """

    def __init__(
        self,
        tier: Tier,
        python: str,
        on_message: Callable[[ServerProcess, dict[str, Any]], None],
        on_gone: Callable[[ServerProcess], None],
    ) -> None:
        self.tier = tier
        self.ready = False
        self.ended = False  # it takes nothing any more; what it left is being swept away until `gone`
        self.baseline = 0  # resident bytes that every fork of it starts with
        self.gone = asyncio.Event()
        self._python = python
        self._on_message = on_message
        self._on_gone = on_gone
        self._shelved: set[str] = set()
        self._waiting: list[tuple[dict[str, Any], int | None]] = []
        self._loop = asyncio.get_running_loop()

    def start(self, early: StartedServer | None = None) -> None:
        """Starts it, or takes over the one that was started `early`. Raises OSError where it cannot be started."""
        started = early or start_server(self._python, self.tier.preload)
        started.take()
        self._process, self._control, self._mark, self._log = (
            started.process, started.control, started.mark, started.log,
        )  # fmt: skip
        self._control.setblocking(False)
        self._descriptor = self._control.fileno()
        self._pidfd = os.pidfd_open(self._process.pid)
        self._loop.add_reader(self._descriptor, self._receive)
        self._loop.add_reader(self._pidfd, self._ended)

    def send(self, message: dict[str, Any], descriptor: int | None = None) -> None:
        """Sends one message, with a descriptor that then belongs to the server."""
        self._waiting.append((message, descriptor))
        if self.ready:
            self._flush()

    def signal_attempt(self, number: int, what: int, group: bool) -> None:
        """Has the process of attempt `number`, or all of its group, signalled.

        A server that was stopped itself is set going again: a limit or a person who cancels comes before that.
        """
        self.send({"kind": "signal", "number": number, "signal": what, "group": group})
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGCONT)

    def unshelved(self, slice_: Slice) -> list[Any] | None:
        """What the server is told of a slice that it has not seen, so that its next forks inherit it compiled."""
        length = len(slice_.text) + sum(len(file) + 20 for _, file, _ in slice_.lines)
        if slice_.digest in self._shelved or length > _SHELVABLE:
            return None
        self._shelved.add(slice_.digest)
        return [slice_.digest, slice_.text, slice_.lines]

    def take_back(self, number: int) -> bool:
        """Whether the start message of attempt `number` had not left yet; it then never will."""
        for position, (message, descriptor) in enumerate(self._waiting):
            if message["kind"] == "start" and message["number"] == number:
                del self._waiting[position]
                if descriptor is not None:
                    os.close(descriptor)
                return True
        return False

    def _flush(self) -> None:
        while self._waiting:
            message, descriptor = self._waiting[0]
            try:
                socket.send_fds(
                    self._control, [json.dumps(message).encode()], [] if descriptor is None else [descriptor]
                )
            except BlockingIOError:
                self._loop.add_writer(self._descriptor, self._flush)
                return
            except OSError:
                return  # it has gone; `_ended` tells
            del self._waiting[0]
            if descriptor is not None:
                os.close(descriptor)
        self._loop.remove_writer(self._descriptor)

    def _receive(self) -> None:
        for _ in range(64):  # a bounded turn
            try:
                data = self._control.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._loop.remove_reader(self._descriptor)
                return
            message = json.loads(data)
            if message["kind"] == "ready":
                self.ready = True
                self.baseline = message["memory"]
                self._flush()
            else:
                self._on_message(self, message)

    def _ended(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._process.wait()
        self._receive()
        self.ready, self.ended = False, True
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        self._control.close()
        for _, descriptor in self._waiting:
            if descriptor is not None:
                os.close(descriptor)
        self._waiting.clear()
        self._sweep(_SWEEPS)

    def _sweep(self, more: int) -> None:
        """Ends what a server that was killed could not end itself; tells that it has gone when nothing is left."""
        left = process_tree.carrying(f"TREADLE_FORK_SERVER={self._mark}")
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if left and more:
            self._loop.call_later(_SWEEP_EVERY, self._sweep, more - 1)
            return
        self.gone.set()
        self._on_gone(self)
        self._log.close()

    def last_words(self) -> str:
        """The end of what the server printed, for the reason of a crash."""
        said = os.pread(self._log.fileno(), _SAID, max(0, os.fstat(self._log.fileno()).st_size - _SAID))
        return said.decode(errors="replace").strip()

    async def close(self, patience: float = 3.0) -> None:
        """Ends the server and with it every process below."""
        if self.gone.is_set():
            return
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        if not self.ready:  # it may be importing, and has no attempt
            self._process.send_signal(signal.SIGKILL)
        try:
            await asyncio.wait_for(self.gone.wait(), patience)
        except TimeoutError:
            self._process.kill()
            await self.gone.wait()
