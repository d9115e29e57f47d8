"""The one file that is run by its path: makes its siblings importable without Treadle, then becomes what is asked.

    launch.py serve CONTROL_FD PARENT_PID PRELOAD,…     a fork server
    launch.py debug REQUEST_FD MODE PARENT_PID          one attempt in the foreground (see debugging.py)
    launch.py attempt CHANNEL_FD                        one attempt, in an interpreter of its own

Standard library only, Python ≥ 3.9. The folders it stands for never become sources of modules for a user's code.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH118, PTH120

from __future__ import annotations

import functools
import importlib
import os
import socket
import sys
import types
from typing import Any

_EXECUTE = "_treadle_execute"
_STORE = "_treadle_store"


def _adopt() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    for name, folder in ((_EXECUTE, here), (_STORE, os.path.join(os.path.dirname(here), "store"))):
        package = types.ModuleType(name)
        package.__path__ = [folder]
        sys.modules[name] = package


def _execute(name: str) -> Any:
    return importlib.import_module(f"{_EXECUTE}.{name}")


def main(arguments: list[str]) -> None:
    """Does what `arguments` say; returns when a fork server has nobody to serve, never for an attempt."""
    _adopt()
    codecs = importlib.import_module(f"{_STORE}.codecs")
    worker = _execute("worker")
    shelf = _execute("slice_code").Shelf()
    run = functools.partial(worker.run, codecs=codecs, serve=_execute("series").serve, shelf=shelf)
    if arguments[0] == "debug":
        _execute("process_tree").die_with_parent(int(arguments[3]))
        sys.exit(_execute("debugging").debug(int(arguments[1]), arguments[2], codecs))
    if arguments[0] == "attempt":
        worker.get_ready()
        os.set_inheritable(int(arguments[1]), False)
        run(int(arguments[1]))
    rehearsal = _execute("rehearsal").Rehearsal(codecs)
    _execute("forkserver").serve(
        socket.socket(fileno=int(arguments[1])),
        int(arguments[2]),
        [name for name in arguments[3].split(",") if name],
        run,
        shelf,
        rehearsal,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
