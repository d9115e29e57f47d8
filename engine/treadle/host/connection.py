"""One open connection to a host: calls matched with their replies, streams taken as fast as their reader reads.

When the connection ends, every open call and stream ends with EngineLost: nothing waits for ever.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator
from typing import Any, Final

from treadle.host.api import EngineLost
from treadle.host.messages import decode_error
from treadle.host.wire import BadFrame, Frame, receive, send

__all__ = ["Connection"]

_LOST: Final[Frame] = {"lost": True}
_PARTING: Final = 1.0  # seconds for the last words


class Connection:
    """The client's side. It must be closed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Queue[Frame]] = {}
        self._why = "the engine has gone; it is started again when it is next needed"
        self._reading = asyncio.ensure_future(self._read())

    @property
    def lost(self) -> bool:
        return self._reading.done()

    async def ask(self, method: str, **arguments: Any) -> Any:
        """The value of a call. Raises what the engine raised, and EngineLost."""
        number, replies = self._call(method, arguments)
        try:
            reply = await replies.get()
        finally:
            del self._waiting[number]
        self._raise_error(reply)
        return reply.get("value")

    async def stream(self, method: str, **arguments: Any) -> AsyncGenerator[list[Frame], None]:
        """The batches of a call that has many, each asked for when the last was used. Raises as `ask`."""
        number, replies = self._call(method, arguments)
        ended = False
        try:
            while True:
                reply = await replies.get()
                ended = "events" not in reply
                self._raise_error(reply)
                if ended:
                    return
                yield reply["events"]
                self._say({"more": number})
        finally:
            del self._waiting[number]
            if not ended:
                self._say({"stop": number})

    async def close(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._writer.close()
        try:
            async with asyncio.timeout(_PARTING):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):  # the host takes nothing any more
            self._writer.transport.abort()

    def _call(self, method: str, arguments: Frame) -> tuple[int, asyncio.Queue[Frame]]:
        if self.lost:
            raise EngineLost(self._why)
        number = next(self._numbers)
        replies: asyncio.Queue[Frame] = asyncio.Queue()
        self._waiting[number] = replies
        self._say({"call": number, "method": method, "with": arguments})
        return number, replies

    def _say(self, frame: Frame) -> None:
        if not self._writer.is_closing():
            send(self._writer, frame)

    def _raise_error(self, reply: Frame) -> None:
        if "lost" in reply:
            raise EngineLost(self._why)
        if "error" in reply:
            raise decode_error(reply["error"])

    async def _read(self) -> None:
        try:
            while (frame := await receive(self._reader)) is not None:
                if "error" in frame and "reply" not in frame:
                    raise BadFrame(str(frame["error"]))
                waiting = self._waiting.get(frame.get("reply", 0))
                if waiting is not None:
                    waiting.put_nowait(frame)
        except BadFrame as error:
            self._why = f"the engine and this client don't understand each other: {error}"
        finally:
            self._writer.close()
            for waiting in self._waiting.values():
                waiting.put_nowait(_LOST)
