"""Outbox: what is to be sent over a channel that does not block, kept until the other end takes it."""

from __future__ import annotations

import asyncio
import socket

__all__ = ["Outbox"]


class Outbox:
    """Of one channel, which is its owner's to close, after this."""

    def __init__(self, loop: asyncio.AbstractEventLoop, channel: socket.socket) -> None:
        self._loop = loop
        self._channel = channel
        self._descriptor = channel.fileno()  # asyncio, asked about a socket, writes it out in words first
        self._unsent = memoryview(b"")
        self._waits = False

    def send(self, data: bytes) -> None:
        """After what was given before; at once as far as there is room."""
        self._unsent = memoryview(bytes(self._unsent) + data) if self._unsent else memoryview(data)
        self._write()

    def close(self) -> None:
        """Nothing more is sent."""
        self._unsent = memoryview(b"")
        self._rest()

    def _write(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            if not self._waits:
                self._waits = True
                self._loop.add_writer(self._descriptor, self._write)
            return
        except OSError:
            self._unsent = memoryview(b"")  # nobody reads it any more; the end of the process tells why
        self._rest()

    def _rest(self) -> None:
        if self._waits:
            self._waits = False
            self._loop.remove_writer(self._descriptor)
