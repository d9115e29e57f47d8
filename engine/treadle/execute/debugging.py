"""One attempt in the foreground, under a debugger: the worker's own steps, without an engine that listens.

What it makes goes to a scratch folder, so that nothing of the run changes. Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH118

from __future__ import annotations

import importlib
import json
import os
import pdb  # noqa: T100 (it is what was asked for)
import sys
import traceback
from types import TracebackType
from typing import Any, Callable  # noqa: UP035 (runs under Python 3.9 too)

from . import arguments, failure, reporting, worker
from .slice_code import Places

__all__ = ["debug"]

_OK, _FAILED, _INVALID = 0, 1, 2


def debug(descriptor: int, mode: str, codecs: Any) -> int:
    """The exit status: 0 where the attempt succeeds, 1 where it fails, 2 where there is no debugger.

    `descriptor` holds the request. `mode` is `post-mortem`: pdb begins where the code raised; or `wait`: debugpy
    waits for a debugger to attach before the code runs. A program has `shell`, too: a shell in its place.
    """
    with os.fdopen(descriptor, "rb") as file:
        request = json.load(file)
    scratch = codecs.BlobWriter(os.path.join(request["folder"], "artifacts"))
    if request["node"] != "function":
        from .programs.debugging import debug as debug_program

        worker.settle_in(request)
        return debug_program(request, mode, codecs, scratch, _unheard(request, scratch, codecs))
    if mode == "wait" and not _attached():
        return _INVALID
    _settle(request, scratch, codecs)
    perform = lambda: _perform(request, scratch, codecs)  # noqa: E731 (it is handed on once)
    return _freely(perform) if mode == "wait" else _post_mortem(perform, Places(request["lines"]))


def _settle(request: dict[str, Any], scratch: Any, codecs: Any) -> None:
    worker.settle_in(request)
    reporting.install(*_unheard(request, scratch, codecs))


def _unheard(request: dict[str, Any], scratch: Any, codecs: Any) -> tuple[reporting.Reports, reporting.Keeper]:
    """Reports that nobody hears; what is kept goes to `scratch`."""
    reports = reporting.Reports(os.open(os.devnull, os.O_WRONLY), request["folder"])
    return reports, worker.keeper(reports, request, codecs, scratch)


def _perform(request: dict[str, Any], scratch: Any, codecs: Any) -> None:
    function = worker.load(request, Places(request["lines"]))
    given = arguments.gather(function, request, codecs)
    arguments.outputs(function(**given), request, codecs, scratch)
    print("the attempt succeeded", file=sys.stderr)


def _freely(perform: Callable[[], None]) -> int:
    """Under a debugger that stops where its user wants."""
    try:
        perform()
    except BaseException:  # noqa: BLE001 (this process's boundary)
        traceback.print_exc()
        return _FAILED
    return _OK


def _post_mortem(perform: Callable[[], None], places: Places) -> int:
    try:
        perform()
    except BaseException as error:  # noqa: BLE001 (this process's boundary: sys.exit in a component too)
        print(failure.describe(error, places)["traceback"], file=sys.stderr, end="")
        where = _in_the_authors_code(error.__traceback__)
        if where is not None:
            pdb.post_mortem(where)
        return _FAILED
    return _OK


def _in_the_authors_code(trace: TracebackType | None) -> TracebackType | None:
    """From the first frame that is not ours; None where it failed before the code was reached."""
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith((here, os.path.dirname(here))):  # noqa: PTH120
        trace = trace.tb_next
    return trace


def _attached() -> bool:
    """Waits until a debugger is attached; False where debugpy is not installed, which it says."""
    try:
        debugpy = importlib.import_module("debugpy")
    except ImportError:
        print(
            f"debugpy is not installed for this node's interpreter. To install it:\n    "
            f"{sys.executable} -m pip install debugpy",
            file=sys.stderr,
        )
        return False
    host, port = debugpy.listen(("127.0.0.1", 0))
    print(f"waiting for a debugger on {host}:{port} (in VS Code: Attach using debugpy)", file=sys.stderr, flush=True)
    debugpy.wait_for_client()
    return True
