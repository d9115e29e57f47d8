"""Frames: length-prefixed JSON objects on the descriptor that an attempt and the engine share.

    4 bytes, big-endian length │ that many bytes of one JSON object with a text "kind"

Both directions use it: the request goes down, reports and the result come up. What a worker sends is not
trusted: a frame too long or not such an object is a BadFrame, never another error. Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import json
import os
import struct
from typing import Any, Callable, Iterator  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["MAX_FRAME", "BadFrame", "FrameBuffer", "pack", "read_frame", "write_all"]

MAX_FRAME = 32 * 1024 * 1024
_LENGTH = struct.Struct(">I")
_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(separators=(",", ":")).encode  # made once: `json.dumps` makes one each time


class BadFrame(Exception):
    """The other side sent something that is not a frame."""


def pack(message: dict[str, Any]) -> bytes:
    """The bytes of one frame. Raises BadFrame where it would be longer than MAX_FRAME."""
    body = _encode(message).encode("utf-8", "surrogatepass")
    if len(body) > MAX_FRAME:
        raise BadFrame(f"a report of {len(body)} bytes is over the limit of {MAX_FRAME}")
    return _LENGTH.pack(len(body)) + body


def write_all(descriptor: int, data: bytes) -> None:
    """Writes all of `data` to a blocking descriptor; one write may take less than it was given."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_frame(descriptor: int) -> dict[str, Any]:
    """Reads one frame from a blocking descriptor. Raises BadFrame, also at its end."""
    (length,) = _LENGTH.unpack(_read_exactly(descriptor, _LENGTH.size))
    if length > MAX_FRAME:
        raise BadFrame(f"a frame of {length} bytes is over the limit of {MAX_FRAME}")
    return _parse(_read_exactly(descriptor, length))


def _read_exactly(descriptor: int, count: int) -> bytes:
    parts = []
    while count:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            raise BadFrame("the channel closed in the middle of a frame")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        message = _decode(body.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise BadFrame(f"a report is not JSON: {error}") from None
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise BadFrame("a report is not an object with a kind")
    return message


class FrameBuffer:
    """Puts frames together from the pieces that arrive; holds at most one unfinished frame.

    `quick` may decode JSON faster than we do here; where it gives None that is done here.
    """

    def __init__(self, quick: Callable[[bytes], Any] | None = None) -> None:
        self._pending = bytearray()
        self._quick = quick

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        """Yields every frame completed by `data`. Raises BadFrame."""
        self._pending += data
        start = 0
        try:
            while len(self._pending) - start >= _LENGTH.size:
                (length,) = _LENGTH.unpack_from(self._pending, start)
                if length > MAX_FRAME:
                    raise BadFrame(f"a report claims {length} bytes, over the limit of {MAX_FRAME}")
                end = start + _LENGTH.size + length
                if len(self._pending) < end:
                    break
                body = bytes(self._pending[start + _LENGTH.size : end])
                start = end
                yield self._parse(body)
        finally:
            del self._pending[:start]

    def _parse(self, body: bytes) -> dict[str, Any]:
        message = None if self._quick is None else self._quick(body)
        if type(message) is dict and type(message.get("kind")) is str:
            return message
        return _parse(body)
