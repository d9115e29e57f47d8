"""What a client and a host say: one JSON object a line, each bounded, under one protocol version.

    client                                      host
                                            ◄── {"treadle": 1, "version": "0.1.0", "pid": 4711}
    {"call": 1, "method": "start", "with": …}──►
                                            ◄── {"reply": 1, "value": …}     or {"reply": 1, "error": …}
    {"call": 2, "method": "subscribe", …}   ──►
                                            ◄── {"reply": 2, "events": […]}  at most WINDOW unanswered
    {"more": 2}                             ──►                              one for each of them
                                            ◄── {"reply": 2, "end": true}    or {"reply": 2, "error": …}
    {"stop": 2}                             ──►

A call's number is the client's own and used once. Every call ends with a value, an end or an error. What is not
such an object is answered by `{"error": …}` and the connection closed: only that client is hurt.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

__all__ = ["BATCH", "MAX_LINE", "PROTOCOL", "WINDOW", "BadFrame", "Frame", "parse", "receive", "send", "send_text"]

Frame = dict[str, Any]

PROTOCOL: Final = 1
MAX_LINE: Final = 32 << 20
"""Bytes of one line: a pipeline of 100,000 nodes and a picture fit, a run-away peer does not."""
BATCH: Final = 512
"""Events in one frame, at most."""
WINDOW: Final = 4
"""Frames of events a host sends ahead of the client's `more`, so that neither side queues without bound."""


class BadFrame(Exception):
    """The peer sent what is not a frame of this protocol. The message can be told to it."""


async def receive(reader: asyncio.StreamReader) -> Frame | None:
    """The next frame, or None where the peer has gone. Raises BadFrame. The reader's limit is MAX_LINE."""
    try:
        line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise BadFrame(f"a line longer than {MAX_LINE} bytes") from None
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return parse(line)


def parse(line: bytes) -> Frame:
    """The frame on `line`. Raises BadFrame where it is not one JSON object in UTF-8."""
    try:
        found = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"not a line of JSON: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise BadFrame("not a JSON object")
    return found


def send(writer: asyncio.StreamWriter, frame: Frame) -> None:
    """Queues a frame; the caller awaits `writer.drain()` where it may be ahead of the peer.

    Raises BadFrame where it is too long or JSON can't say it.
    """
    try:
        text = json.dumps(frame, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadFrame(f"not to be said in JSON: {error}") from None
    send_text(writer, text)


def send_text(writer: asyncio.StreamWriter, text: bytes) -> None:
    """As `send`, of a frame that is JSON already. Raises BadFrame where it is too long."""
    if len(text) >= MAX_LINE:
        raise BadFrame(f"an answer longer than {MAX_LINE} bytes")
    writer.write(text + b"\n")
