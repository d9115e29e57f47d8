"""Going the way of an attempt with a tiny one, so that the next who goes it finds it trodden.

A fork pays for every page that it writes to, and running code for the first time writes to it: caches are filled,
instructions specialised. What the server has gone before, its forks inherit; what a spare goes while it waits, the
attempt that it becomes does not wait for. Nothing is left behind. Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import hashlib
import os
import sys
from typing import Any

from . import arguments, reporting, worker
from .frames import FrameBuffer, pack
from .slice_code import Places, Shelf

__all__ = ["practise", "rehearse"]

_TIMES = 16  # specialising begins with the eighth
_TEXT = "from __future__ import annotations\ndef node(value: int) -> int:\n    return value"
_REQUEST: dict[str, Any] = {
    "kind": "request", "digest": "", "lines": [], "text": _TEXT, "function": "node", "file": "", "folder": "",
    "params": {"value": 1}, "secrets": {}, "inputs": {}, "outputs": [], "returns_tuple": False, "checkpoint": None,
    "artifacts": "", "models": "",
}  # fmt: skip


def practise(codecs: Any) -> None:
    """In the server, before it forks."""
    shelf, main, path = Shelf(), sys.modules["__main__"], list(sys.meta_path)
    shelf.put("", _TEXT, [])
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for _ in range(_TIMES):
            _go_through(nowhere, shelf, codecs)
    finally:
        sys.modules["__main__"], sys.meta_path[:] = main, path
        sys.modules.pop("treadle.report", None)
        os.close(nowhere)


def _go_through(nowhere: int, shelf: Shelf, codecs: Any) -> None:
    worker.stream(1), worker.stream(2)
    reports = reporting.Reports(nowhere, "")
    reporting.install(reports, worker.keeper(reports, _REQUEST, codecs))
    reports.finish(worker.attempt(_REQUEST, codecs, shelf.load))
    rehearse()


def rehearse() -> None:
    """In a process that waits: the part of the way that leaves no trace."""
    arguments.gather(_node, {"params": {"value": 1}, "secrets": {}, "inputs": {}}, None)
    list(FrameBuffer().feed(pack({"kind": "succeeded", "outputs": {"digest": hashlib.sha256(b"1").hexdigest()}})))
    Places(())


def _node(value: int) -> int:
    return value
