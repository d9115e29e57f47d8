"""Going the way of an attempt with a tiny one, so that the next who goes it finds it trodden.

A fork pays for every page that it writes to, and running code for the first time writes to it: caches are filled,
instructions specialised. What the server has gone before, its forks inherit; what a spare goes while it waits, the
attempt that it becomes does not wait for. Nothing is left behind. Standard library only, Python ≥ 3.9.
"""

# ruff: noqa: PTH109 (paths are plain text in what a worker loads)

from __future__ import annotations

import hashlib
import os
import signal
import socket
import sys
import threading
from typing import Any

from . import process_tree, reporting, worker
from .frames import FrameBuffer, pack, read_frame
from .slice_code import Shelf
from .spares import SERVER, Spare, await_call

__all__ = ["Rehearsal"]

_TIMES = 16  # specialising begins with the eighth
_TEXT = "from __future__ import annotations\ndef node(value: int) -> int:\n    return value"
_REQUEST: dict[str, Any] = {
    "kind": "request", "digest": "", "lines": [], "text": _TEXT, "function": "node", "file": "", "folder": "",
    "params": {"value": 1}, "secrets": {}, "inputs": {}, "outputs": [], "returns_tuple": False, "checkpoint": None,
    "artifacts": "", "models": "", "reuse": False, "node": "function", "cpu": 1, "memory": None, "environment": {},
}  # fmt: skip


class Rehearsal:
    """Made in the server, inherited by its forks."""

    def __init__(self, codecs: Any) -> None:
        self._codecs = codecs
        self._shelf = Shelf()
        self._shelf.put("", _TEXT, [])

    def practise(self) -> None:
        """In the server, before it forks."""
        path, arguments = list(sys.path), list(sys.argv)
        for _ in range(_TIMES):
            _be_called()
            self.rehearse()
        sys.path[:], sys.argv[:] = path, arguments
        process_tree.be_named(SERVER)
        if "pyarrow.pandas_compat" in sys.modules:
            self._codecs.tables.frames.practise()

    def rehearse(self) -> None:
        """In a process that waits, too."""
        main, path = sys.modules["__main__"], list(sys.meta_path)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            self._go_through(nowhere)
        finally:
            sys.modules["__main__"], sys.meta_path[:] = main, path
            sys.modules.pop("treadle.report", None)
            os.close(nowhere)

    def _go_through(self, nowhere: int) -> None:
        reports = reporting.Reports(nowhere, "")
        reporting.install(reports, worker.keeper(reports, _REQUEST, self._codecs))
        reports.finish(worker.attempt(_REQUEST, self._codecs, self._shelf.load))
        list(FrameBuffer().feed(pack({"kind": "succeeded", "digest": hashlib.sha256(b"1").hexdigest()})))
        os.environ.update(MPLBACKEND=os.environ.get("MPLBACKEND", "Agg"))


def _be_called() -> None:
    """What comes before the attempt itself: a fork lets go of the server's, waits at its bell, and settles in."""
    getattr(threading, "_after_fork", int)()  # nobody is waited for: this is the only thread
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    bell, ear = socket.socketpair()
    channel, end = socket.socketpair()
    source, sink = os.pipe()
    spare = Spare(0, bell, source)
    with channel, end:
        spare.ring(None, end.fileno())
        spare.drop()
        os.dup2(sink, sink)
        os.close(sink)
        taken = await_call(ear)
        channel.send(pack({**_REQUEST, "cwd": os.getcwd()}))
        worker.settle_in(read_frame(taken))
        os.close(taken)
