"""WorkQueue: the requests that lie ready for one process, so that it never waits for the engine between two of them.

    put ─► │ packet │ packet │ packet │ ─► the process takes one, carries it out, takes the next
    take_back ◄─ whatever still lies there

A request is one packet, which is taken whole or lies there. So what was taken back was never begun, and what can't be
taken back was: no third case. One that is too long for a packet lies in a file in memory, whose descriptor is sent.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import Final

from treadle.execute.frames import MAX_FRAME, BadFrame
from treadle.execute.protocol import AttemptRequest
from treadle.execute.request_frames import request_packet

__all__ = ["WorkQueue"]

_HEAD: Final = struct.Struct(">I")
_INT: Final = struct.Struct("i")
_PACKET: Final = 64 * 1024
"""The most bytes of a packet; a longer one may not find room in any socket."""


class WorkQueue:
    """The engine's end, and a second hold on the process's. Raises OSError where no socket can be had."""

    def __init__(self) -> None:
        self.line: deque[AttemptRequest] = deque()
        """Those that were put and have not ended: what was begun, then what lies here."""
        self._ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._ours.setblocking(False)
        self._numbers = count()
        self._of_line: deque[int] = deque()

    def put(self, request: AttemptRequest) -> bool:
        """False where there is no room now. Raises BadFrame where it is too long for any, and OSError."""
        body = request_packet(request)
        number = next(self._numbers)
        try:
            self._send(_HEAD.pack(number), body)
        except BlockingIOError:
            return False
        self.line.append(request)
        self._of_line.append(number)
        return True

    def _send(self, head: bytes, body: bytes) -> None:
        if len(body) <= _PACKET - _HEAD.size:
            self._ours.send(head + body)
            return
        if len(body) > MAX_FRAME:
            raise BadFrame(f"a request of {len(body)} bytes is over the limit of {MAX_FRAME}")
        file = os.memfd_create("treadle-request", os.MFD_CLOEXEC)
        try:
            os.write(file, body)
            socket.send_fds(self._ours, [head], [file])
        finally:
            os.close(file)

    def done(self) -> AttemptRequest:
        """The first of the line, which has ended."""
        self._of_line.popleft()
        return self.line.popleft()

    def take_back(self) -> list[AttemptRequest]:
        """What was not begun, and never will be. It may take some while we do, so they are not always the last."""
        taken = set(self._lying())
        if not taken:
            return []
        line = list(zip(self._of_line, self.line, strict=True))
        self._of_line = deque(number for number, _ in line if number not in taken)
        self.line = deque(request for number, request in line if number not in taken)
        return [request for number, request in line if number in taken]

    def _lying(self) -> Iterator[int]:
        with contextlib.suppress(BlockingIOError):
            while head := self._take_one():
                yield _HEAD.unpack(head)[0]

    def _take_one(self) -> bytes:
        """Empty at the end. Raises BlockingIOError where nothing lies there; `recv_fds` would wait."""
        data, extra, _, _ = self.theirs.recvmsg(_HEAD.size, socket.CMSG_LEN(_INT.size), socket.MSG_DONTWAIT)
        for _, _, descriptor in extra:
            os.close(*_INT.unpack(descriptor))
        return data

    def end(self) -> None:
        """Nothing more comes: who takes the next finds the end."""
        self._ours.close()

    def close(self) -> None:
        self._ours.close()
        self.theirs.close()
