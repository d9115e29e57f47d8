"""Tiny reports from user code while it runs: how far it is, the numbers it sees, what it keeps and would go on from.

In a component the worker puts its own functions in the place of these. In a script or a notebook that is a node they
speak to the worker that watches the program, by the pipe that `TREADLE_REPORTS` names. Anywhere else (a test, an
exported script) they do nothing, so code that uses them runs where there is no Treadle. Standard library only,
Python ≥ 3.9, and this file alone.
"""

# Paths are plain text here: it is imported by programs that begin in milliseconds, and pathlib is not free.
# ruff: noqa: PTH108, PTH110, PTH118, PTH120, PTH123

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import os
import sys
import time
import types
from typing import Any

__all__ = ["artifact", "checkpoint", "last_checkpoint", "log", "metric", "progress"]


def progress(fraction: float, message: str = "") -> None:
    """How far this attempt is: `fraction` from 0 to 1, and a few words."""
    _tell(progress=float(fraction), message=str(message)[:500])


def metric(name: str, value: float, step: int | None = None) -> None:
    """One value of a named metric, at `step` if it has steps."""
    _tell(metric=str(name)[:200], value=float(value), step=None if step is None else int(step))


def log(message: str, level: str = "info") -> None:
    """A line of this node's log. `level` is `debug`, `info`, `warning` or `error`."""
    if _PIPE in os.environ:
        print(level.upper(), str(message).replace("\n", "\n    "), flush=True)


def artifact(name: str, value: Any) -> None:
    """Keeps a value besides the declared outputs: a table, a figure, a model, a path, anything JSON or pickle says.

    Raises what the store raises, as for an output; NotKept where the worker can't take it.
    """
    _keep({"artifact": str(name)[:200]}, value)


def checkpoint(value: Any) -> None:
    """Keeps where this node has got to. A retry or a resume goes on from the last one. Raises as `artifact` does."""
    _keep({"checkpoint": True}, value)


def last_checkpoint() -> Any:
    """What the last `checkpoint` of this node in this run kept; None where there is none."""
    folder = _folder()
    if folder is None:
        return None
    with contextlib.suppress(FileNotFoundError):  # there is none, or it is no longer in the store
        reference = _read(os.path.join(folder, "checkpoint.json"))
        where = _read(os.path.join(folder, "store.json"))
        port = "checkpoint-" + reference["digest"][:12]
        return _codecs(where).load(reference, "", where["reads"], where["inputs"], port)
    return None


class NotKept(Exception):
    """The worker did not take what it was to keep; the message says why."""


_PIPE = "TREADLE_REPORTS"
_STORE = "_treadle_store"
_LOOK_EVERY = 0.002  # seconds
_numbers = itertools.count(1)


def _folder() -> str | None:
    """Where the worker that watches this program laid out what it needs to know; None where none does."""
    path = os.environ.get(_PIPE)
    return None if path is None or not os.path.exists(path) else os.path.dirname(path)


def _read(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _codecs(where: dict[str, Any]) -> Any:
    """The store's codecs, from the files of the Treadle that runs this program, whether or not one is installed."""
    package = types.ModuleType(_STORE)
    package.__path__ = [where["codecs"]]
    sys.modules.setdefault(_STORE, package)
    return importlib.import_module(f"{_STORE}.codecs")


def _keep(said: dict[str, Any], value: Any) -> None:
    """Puts `value` in the store from here, then has the worker note it."""
    folder = _folder()
    if folder is None:
        return
    where = _read(os.path.join(folder, "store.json"))
    codecs = _codecs(where)
    reference = codecs.dump(value, "Any", codecs.BlobWriter(where["writes"]), where["models"])
    named = os.path.join(folder, _name("kept"))
    with open(named, "w", encoding="utf-8") as file:
        json.dump(reference, file)  # too long for a line that many may write at once
    ask({**said, "reference": named})


def _name(what: str) -> str:
    return f"{what}-{os.getpid()}-{next(_numbers)}.json"


def ask(said: dict[str, Any]) -> dict[str, Any]:
    """Tells the worker and waits for its answer; empty where there is none. Raises NotKept."""
    folder = _folder()
    if folder is None:
        return {}
    reply = os.path.join(folder, _name("reply"))
    answer: dict[str, Any] = {}
    is_heard = _tell(**said, reply=reply)
    while is_heard and _folder() is not None:
        if os.path.exists(reply):  # renamed there: whole
            answer = _read(reply)
            os.unlink(reply)
            break
        time.sleep(_LOOK_EVERY)
    if "problem" in answer:
        raise NotKept(answer["problem"])
    return answer


def _tell(**said: Any) -> bool:
    """One line for the worker that watches this program. False where none does."""
    path = os.environ.get(_PIPE)
    if path is None:
        return False
    with contextlib.suppress(OSError):  # a report says nothing rather than fail the program
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.set_blocking(pipe, True)
            os.write(pipe, json.dumps(said).encode() + b"\n")  # short enough to be written in one piece
            return True
        finally:
            os.close(pipe)
    return False
