"""One client of the host: its calls are answered as they finish, its subscriptions sent no faster than it takes them.

Whatever a client sends, only its own connection suffers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncGenerator
from typing import Final, Protocol

import treadle
from treadle.host.api import Engine
from treadle.host.calls import call
from treadle.host.messages import encode_error, field
from treadle.host.wire import BATCH, PROTOCOL, WINDOW, BadFrame, Frame, receive, send, send_text
from treadle.run.event_codec import to_text
from treadle.run.events import Recorded

__all__ = ["Served", "Session"]

_MOST_CALLS: Final = 256
_log = logging.getLogger(__name__)


class Served(Engine, Protocol):
    """An engine that can also tell events in batches, as they come from the journal."""

    def follow(self, run: str, since: int = 0) -> AsyncGenerator[list[Recorded], None]: ...


class Session:
    """Serves one connection until the client goes."""

    def __init__(self, engine: Served, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._engine = engine
        self._reader = reader
        self._writer = writer
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._windows: dict[int, asyncio.Semaphore] = {}

    async def serve(self) -> None:
        """Returns when the connection is over; no call of it goes on after that."""
        send(self._writer, {"treadle": PROTOCOL, "version": treadle.__version__, "pid": os.getpid()})
        try:
            while (frame := await receive(self._reader)) is not None:
                self._take(frame)
        except BadFrame as error:
            send(self._writer, {"error": {"kind": "bad-frame", "message": str(error)}})
        finally:
            await self._end()

    def _take(self, frame: Frame) -> None:
        if "more" in frame:
            window = self._windows.get(field(frame, "more", int))
            if window is not None:
                window.release()
        elif "stop" in frame:
            stopped = self._calls.get(field(frame, "stop", int))
            if stopped is not None:
                stopped.cancel()
        elif "call" in frame:
            self._begin(field(frame, "call", int), field(frame, "method", str), field(frame, "with", dict))
        else:
            raise BadFrame("a frame is a call, a more or a stop")

    def _begin(self, number: int, method: str, arguments: Frame) -> None:
        if number in self._calls or len(self._calls) >= _MOST_CALLS:
            raise BadFrame(f"call {number} is open already, or {_MOST_CALLS} others are")
        task = asyncio.create_task(self._answer(number, method, arguments))
        self._calls[number] = task
        task.add_done_callback(lambda _: self._calls.pop(number, None))

    async def _answer(self, number: int, method: str, arguments: Frame) -> None:
        try:
            if method == "subscribe":
                await self._stream(number, arguments)
                answer: Frame = {"end": True}
            else:
                answer = {"value": await call(self._engine, method, arguments)}
        except Exception as error:  # noqa: BLE001 (the boundary of the process: the client is told)
            answer = {"error": encode_error(error)}
            if answer["error"]["kind"] == "engine-failed":
                _log.exception("call %s failed", method)
        await self._send({"reply": number, **answer})

    async def _stream(self, number: int, arguments: Frame) -> None:
        window = self._windows[number] = asyncio.Semaphore(WINDOW)
        run, since = field(arguments, "run", str), field(arguments, "since", int)
        try:
            async with contextlib.aclosing(self._engine.follow(run, since)) as batches:
                async for batch in batches:
                    for first in range(0, len(batch), BATCH):
                        await window.acquire()
                        events = b",".join(map(to_text, batch[first : first + BATCH]))
                        await self._send_line(b'{"reply":%d,"events":[%b]}' % (number, events))
        finally:
            del self._windows[number]

    async def _send(self, frame: Frame) -> None:
        try:
            send(self._writer, frame)
        except BadFrame as error:
            send(self._writer, {"reply": frame["reply"], "error": encode_error(error)})
        with contextlib.suppress(ConnectionError):  # the reading side sees the end, and ends the session
            await self._writer.drain()

    async def _send_line(self, text: bytes) -> None:
        """A frame that is JSON already."""
        send_text(self._writer, text)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def _end(self) -> None:
        calls = list(self._calls.values())
        for each in calls:
            each.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):  # it was broken: closed all the same
            await self._writer.wait_closed()
