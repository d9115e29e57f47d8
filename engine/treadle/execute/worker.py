"""The worker: one attempt, from its request to its result frame, in a process of its own.

    read the request → settle in (cwd, environment, limits, threads) → load the slice → load inputs → call
    → put every declared output in the store → one result frame → leave

Whatever user code raises becomes a `failed` frame. A process that ends without a result frame has crashed; nothing here
sends one in its place. Standard library only at the top, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import os
import signal
import sys
import traceback
from typing import Any, Callable, Mapping, TextIO  # noqa: UP035 (runs under Python 3.9 too)

from . import arguments, failure, mlflow_hook, process_tree, reporting
from .frames import read_frame
from .slice_code import Places, Shelf

__all__ = [
    "attempt", "checkpoint_port", "environment", "get_ready", "isolate", "keeper", "load", "run", "settle_in", "stream",
    "watch_mlflow",
]  # fmt: skip

_SERVER_ONLY = frozenset({
    "PYTHONMALLOC", "GLIBC_TUNABLES", "LD_BIND_NOW", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED",
})  # fmt: skip
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS", "LOKY_MAX_CPU_COUNT")


def isolate(sink: int, server: int) -> None:
    """Right after the fork: own session, dies with the server, adopts its orphans, prints to `sink`."""
    os.setsid()
    process_tree.die_with_parent(server)
    process_tree.become_subreaper()
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    os.close(sink)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process_tree.be_first_to_go()


def environment(base: Mapping[str, str]) -> dict[str, str]:
    """`base` without what is meant for the fork server alone."""
    return {name: value for name, value in base.items() if name not in _SERVER_ONLY}


def get_ready() -> None:
    """What needs no request: an environment without the server's own, text streams, a last word of native code."""
    for name in _SERVER_ONLY:
        os.environ.pop(name, None)
    sys.stdout, sys.stderr = stream(1), stream(2)
    faulthandler.enable()


def run(channel: int, codecs: Any, serve: Callable[[int, Any], None], shelf: Shelf) -> None:
    """Carries out the attempt whose request waits on `channel`, or with `serve` a series of them. Never returns."""
    code = 1
    try:
        request = read_frame(channel)
        if request["reuse"]:
            serve(channel, codecs)
        else:
            _carry_out(channel, codecs, request, shelf)
        _leave_in_order()
        code = 0
    except BaseException:  # noqa: BLE001 (this process's boundary; without a result frame it is a crash)
        os.write(2, traceback.format_exc().encode("utf-8", "backslashreplace"))
    finally:
        os._exit(code)


def _carry_out(channel: int, codecs: Any, request: dict[str, Any], shelf: Shelf) -> None:
    reports = reporting.Reports(channel, request["folder"])
    settle_in(request)
    keeps = keeper(reports, request, codecs)
    if request["node"] != "function":
        from .programs import attempt as programs  # only here: most attempts are functions

        reports.finish(programs.attempt(request, codecs, reports, keeps))
        return
    reporting.install(reports, keeps)
    if "mlflow" in request["imports"]:
        watch_mlflow(reports)
    reports.finish(attempt(request, codecs, shelf.load))


def watch_mlflow(reports: reporting.Reports) -> None:
    mlflow_hook.watch(reports.metric)


def settle_in(request: dict[str, Any]) -> None:
    os.chdir(request["cwd"])
    threads = str(max(1, int(request["cpu"])))
    wanted = {**dict.fromkeys(_THREADS, threads), "MPLBACKEND": os.environ.get("MPLBACKEND", "Agg")}
    for name, value in {**wanted, **request["environment"]}.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    if request["cwd"] not in sys.path:
        sys.path.insert(0, request["cwd"])
    sys.argv[:] = [request["file"]]
    if "numpy.random" in sys.modules:
        # A fork inherits numpy's state; `random` reseeds itself. By itself numpy takes half a millisecond for it.
        sys.modules["numpy.random"].seed(list(os.urandom(32)))
    if request["memory"]:
        process_tree.limit_data(request["memory"])
    if int(threads) > 1 and "threadpoolctl" in sys.modules:
        sys.modules["threadpoolctl"].threadpool_limits(int(threads))  # the server holds its libraries at one


def stream(descriptor: int) -> TextIO:
    """Text to the log, passed on at every line end so that it streams. The server's own streams are another file's."""
    return open(descriptor, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)


def keeper(reports: reporting.Reports, request: dict[str, Any], codecs: Any, scratch: Any = None) -> reporting.Keeper:
    """`scratch` is a store that what is kept goes to instead of the project's."""
    store = scratch or codecs.BlobWriter(request["artifacts"])
    return reporting.Keeper(
        reports,
        lambda value: codecs.dump(value, "Any", store, request["models"]),
        lambda reference, folder: codecs.load(reference, "", request["artifacts"], folder, checkpoint_port(reference)),
        request,
    )


def checkpoint_port(reference: Mapping[str, Any]) -> str:
    """Where a path that is a checkpoint is laid out: each by itself, for a later one may bear the same name."""
    return f"checkpoint-{reference['digest'][:12]}"


def load(request: dict[str, Any], places: Places) -> Callable[..., Any]:
    """The function of the request's slice."""
    return Shelf().load(request, places)


def attempt(
    request: dict[str, Any], codecs: Any, load: Callable[[dict[str, Any], Places], Callable[..., Any]]
) -> dict[str, Any]:
    """The result frame: `succeeded` with references, or `failed`."""
    places = Places(request["lines"])
    store = codecs.BlobWriter(request["artifacts"])
    try:
        function = load(request, places)
        given = arguments.gather(function, request, codecs)
        returned = function(**given)
        outputs = arguments.outputs(returned, request, codecs, store)
    except arguments.Misfit as error:
        code = getattr(function, "__code__", None)
        error.place = (code.co_filename, code.co_firstlineno) if code else error.place
        return failure.describe(error, places)
    except BaseException as error:  # noqa: BLE001 (this process's boundary: SystemExit and Ctrl-C too are a failure)
        return failure.describe(error, places)
    return {"kind": "succeeded", "outputs": outputs}


def _leave_in_order() -> None:
    """What a normal exit would do for user code, without tearing the interpreter down."""
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()  # noqa: SLF001 (no other way to run them and skip the tear-down)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
