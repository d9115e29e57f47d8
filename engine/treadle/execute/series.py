"""One process that carries out a series of attempts, one at a time, as `isolation: reuse` asks for.

    request ─► attempt ─► result with what it used ─► request … until the channel closes

What it prints goes to a file of the process, and from there to the attempt's own log when the attempt ends. A slice
stays loaded for the next attempt of it. Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH103, PTH118, PTH123

from __future__ import annotations

import contextlib
import os
import resource
import sys
from typing import Any, Callable  # noqa: UP035 (runs under Python 3.9 too)

from . import process_tree, reporting, worker
from .frames import BadFrame, read_frame
from .slice_code import Places

__all__ = ["serve"]

_CHUNK = 1024 * 1024


def serve(channel: int, codecs: Any, request: dict[str, Any]) -> None:
    """Carries out `request` and those that follow; returns when the channel has closed."""
    worker.settle_in(request)
    reports = reporting.Reports(channel, request["folder"])
    keeper = worker.keeper(reports, request, codecs)
    reporting.install(reports, keeper)
    output, slices = _Output(request["output"]), _Slices(reports)
    while True:
        reports.turn_to(request["folder"])
        keeper.turn_to(request)
        before = _used()
        result = worker.attempt(slices.complete(request), codecs, slices.load)
        reports.finish({**result, **output.hand_over(request["folder"]), **_usage(before)})
        try:
            request = read_frame(channel)
        except BadFrame:
            return


class _Slices:
    """Slices by digest: text and places come once, and are loaded once."""

    def __init__(self, reports: reporting.Reports) -> None:
        self._reports = reports
        self._texts: dict[str, dict[str, Any]] = {}
        self._loaded: dict[str, tuple[Callable[..., Any], Any]] = {}
        self._watches = False

    def complete(self, request: dict[str, Any]) -> dict[str, Any]:
        """`request` with the text that an earlier one brought."""
        if "text" in request:
            self._texts[request["digest"]] = {"text": request["text"], "lines": request["lines"]}
        return {**request, **self._texts[request["digest"]]}

    def load(self, request: dict[str, Any], places: Places) -> Callable[..., Any]:
        if "mlflow" in request["imports"] and not self._watches:
            self._watches = True
            worker.watch_mlflow(self._reports)
        found = self._loaded.get(request["digest"])
        if found is None:
            function = worker.load(request, places)
            found = self._loaded[request["digest"]] = (function, sys.modules["__main__"])
        sys.modules["__main__"] = found[1]
        return found[0]


class _Output:
    """What the process prints, native code and children included; emptied after every attempt."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.dup2(self._file, 1)
        os.dup2(self._file, 2)

    def hand_over(self, folder: str) -> dict[str, Any]:
        """Moves what was printed to `folder`'s log; how many lines that is, and whether the last one is open."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        if not os.fstat(self._file).st_size:
            return {"log_lines": 0, "log_open": False}
        os.makedirs(folder, exist_ok=True)
        os.lseek(self._file, 0, os.SEEK_SET)
        lines, last = 0, b"\n"
        with open(os.path.join(folder, "output.log"), "ab", 0) as log:
            while data := os.read(self._file, _CHUNK):
                log.write(data)
                lines, last = lines + data.count(b"\n"), data[-1:]
        os.ftruncate(self._file, 0)
        return {"log_lines": lines, "log_open": last != b"\n"}


def _used() -> tuple[float, float, int, int]:
    """CPU seconds as user and in the kernel, blocks read and written, of the process and its children that ended."""
    who = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return (
        sum(each.ru_utime for each in who), sum(each.ru_stime for each in who), sum(each.ru_inblock for each in who),
        sum(each.ru_oublock for each in who),
    )  # fmt: skip


def _usage(before: tuple[float, float, int, int]) -> dict[str, Any]:
    user, system, read, written = (now - then for now, then in zip(_used(), before))  # noqa: B905 (Python 3.9)
    own = os.getpid()
    return {
        "user": user, "system": system, "read": int(read) * 512, "written": int(written) * 512,
        "resident": process_tree.resident(own),
        "left": len(process_tree.children(own)) if process_tree.has_children() else 0,
    }  # fmt: skip
