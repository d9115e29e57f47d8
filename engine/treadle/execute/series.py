"""One process that carries out a series of attempts, one at a time, as `isolation: reuse` asks for.

    queue, surroundings ─► [ request ─► attempt ─► result with what it used ] … until the queue ends, or it is spent

Requests lie ready in a queue of packets (`work_queue.py` is its other end): one that was taken is begun, and its result
is sent before the next is taken. After a failure, with a child left behind, grown too large or after many attempts it
takes no more, and says so with the last result. What it prints goes to a file of the process, and from there to the
attempt's own log when the attempt ends. A slice comes over the channel, once, and stays loaded for the next attempt of
it. Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH103, PTH118, PTH123

from __future__ import annotations

import contextlib
import json
import os
import resource
import socket
import sys
import time
from typing import Any, Callable, Iterator  # noqa: UP035 (runs under Python 3.9 too)

from . import process_tree, reporting, worker
from .frames import MAX_FRAME, read_frame
from .slice_code import Places

__all__ = ["serve"]

_CHUNK = 1024 * 1024
_PACKET = 64 * 1024
_HEAD = 4  # bytes before a request, for who may take it back
_MOST_ATTEMPTS = 1000
_MOST_GROWTH = 256 * 1024 * 1024


def serve(channel: int, codecs: Any) -> None:
    """Carries out what the queue brings that comes over `channel` next; returns when that ends, or when it is spent."""
    queue, surroundings = _queue(channel), read_frame(channel)
    worker.settle_in(surroundings)
    surroundings["checkpoint"] = None  # where a request says nothing else
    reports = reporting.Reports(channel, "")
    keeper = worker.keeper(reports, {**surroundings, "folder": ""}, codecs)
    reporting.install(reports, keeper)
    output, slices, meter = _Output(surroundings["output"]), _Slices(channel, reports, surroundings), _Meter()
    for sent in _requests(queue):
        request = slices.complete(sent)
        reports.turn_to(request["folder"])
        keeper.turn_to(request)
        meter.begin()
        result = worker.attempt(request, codecs, slices.load)
        printed = output.hand_over(request["folder"])
        used = meter.read()
        last = meter.is_spent or result["kind"] == "failed"
        reports.finish({**result, **printed, **used, "last": last})
        if last:
            return


def _queue(channel: int) -> socket.socket:
    with socket.socket(fileno=os.dup(channel)) as end:
        _, descriptors, _, _ = socket.recv_fds(end, 1, 1)
    os.set_inheritable(descriptors[0], False)  # else what `os.system` starts would have it
    return socket.socket(fileno=descriptors[0])


def _requests(queue: socket.socket) -> Iterator[dict[str, Any]]:
    """Each as it is taken; a long one lies in a file that comes in its place."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(queue, _PACKET, 1)
        if not data:
            return
        if descriptors:
            with open(descriptors[0], "rb", 0) as file:
                data += os.pread(file.fileno(), MAX_FRAME, 0)
        request: dict[str, Any] = json.loads(data[_HEAD:].decode("utf-8", "surrogatepass"))
        yield request


class _Slices:
    """Slices by digest: text and places come once, before the first request of each, and are loaded once."""

    def __init__(self, channel: int, reports: reporting.Reports, surroundings: dict[str, Any]) -> None:
        self._channel = channel
        self._reports = reports
        self._surroundings = surroundings
        self._told: dict[str, dict[str, Any]] = {}
        self._loaded: dict[str, tuple[Callable[..., Any], Any]] = {}
        self._watches = False

    def complete(self, request: dict[str, Any]) -> dict[str, Any]:
        """`request` with its slice and the surroundings."""
        while request["digest"] not in self._told:
            slice_ = read_frame(self._channel)
            self._told[slice_["digest"]] = slice_
        return {**self._surroundings, **self._told[request["digest"]], **request}

    def load(self, request: dict[str, Any], places: Places) -> Callable[..., Any]:
        if "mlflow" in request["imports"] and not self._watches:
            self._watches = True
            worker.watch_mlflow(self._reports)
        sys.argv[:] = [request["file"]]
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


class _Meter:
    """What each attempt uses of the process, and whether the process had better not carry out another."""

    def __init__(self) -> None:
        self.is_spent = False
        self._served = 0
        self._first_size = 0
        self._began = 0.0
        self._before = _used()

    def begin(self) -> None:
        """What was used while it idled is nobody's."""
        self._began = time.monotonic()

    def read(self) -> dict[str, Any]:
        """Of the attempt that ends now: seconds of wall clock and CPU, bytes held, read and written."""
        before, self._before = self._before, _used()
        user, system, read, written = (now - then for now, then in zip(self._before, before))  # noqa: B905 (3.9)
        own = os.getpid()
        size = process_tree.resident(own)
        self._served += 1
        self._first_size = self._first_size or size
        self.is_spent = (
            self._served >= _MOST_ATTEMPTS
            or size - self._first_size > _MOST_GROWTH
            or (process_tree.has_children() and bool(process_tree.children(own)))
        )
        return {
            "wall": time.monotonic() - self._began, "user": user, "system": system, "read": int(read) * 512,
            "written": int(written) * 512, "resident": size,
        }  # fmt: skip


def _used() -> tuple[float, float, int, int]:
    """CPU seconds as user and in the kernel, blocks read and written, of the process and its children that ended."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return (
        own.ru_utime + ended.ru_utime, own.ru_stime + ended.ru_stime, own.ru_inblock + ended.ru_inblock,
        own.ru_oublock + ended.ru_oublock,
    )  # fmt: skip
