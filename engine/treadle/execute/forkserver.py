"""The fork server: a small single-threaded process that turns each start message into a fresh attempt and guards it.

    engine ══ control (SEQPACKET, JSON) ══ fork server ── fork ──► spare ── [exec] ──► worker ──► whatever it starts
             start signal │ ready started ended   └── log pumps: pipe → output.log

From the first attempt on, a few spares stand by, forked ahead and waiting at a doorbell, so that starting one costs
a message and no fork. A spare is used once.

It imports and never computes (after OpenMP or a thread pool ran here, every child would hang). Each worker is a
subreaper, so descendants of a living attempt hang beneath it; what re-parents to this process belongs to an attempt
that has ended, and is swept until nothing is left *before* the attempt is reported ended. When the engine goes, the
control socket ends and everything here goes too. Started by `launch.py`; standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import time
from typing import Any, Callable  # noqa: UP035 (runs under Python 3.9 too)

from . import heap_gaps, log_pump, process_tree, worker
from .masking import Mask
from .rehearsal import Rehearsal
from .slice_code import Shelf
from .spares import SERVER, SPARE, Spare, await_call

__all__ = ["ForkServer", "serve"]

_SWEEP_GRACE = 0.2  # joblib's resource tracker ignores SIGTERM and needs a moment to free shared memory
_MESSAGE = 64 * 1024
_FEW_SPARES = 1
_SPARES = 4  # made in a row: after each fork the server pays for every page it writes to again
_SPARES_OF_ONE = 2  # attempts that come one by one would wait for the cores that a row takes
_AT_ONCE = 2


class _Attempt:
    """A started worker: its pid, its log, and after its end its status."""

    def __init__(self, number: int, pid: int, pump: log_pump.LogPump) -> None:
        self.number = number
        self.pid = pid
        self.pump = pump
        self.ended: dict[str, Any] | None = None


class ForkServer:
    """Owns the control socket and every process below. `serve` returns when the engine is gone and all is swept."""

    def __init__(self, control: socket.socket, run: Callable[[int], None], shelf: Shelf, rehearsal: Rehearsal) -> None:
        self._control = control
        self._run = run
        self._shelf = shelf
        self._rehearse = rehearsal.rehearse
        self._selector = selectors.DefaultSelector()
        self._spares: list[Spare] = []
        self._keeps_spares = False
        self._fills_up = False
        self._running: dict[int, _Attempt] = {}  # by pid
        self._numbers: dict[int, _Attempt] = {}  # by the engine's number
        self._ending: list[_Attempt] = []
        self._sweep_began: float | None = None
        self._children = process_tree.OwnChildren()
        self._wake_read, wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(wake_write, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._wake_write = wake_write

    def serve(self) -> None:
        self._selector.register(self._control, selectors.EVENT_READ)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._send({"kind": "ready", "memory": process_tree.resident(os.getpid())})
        alive = True
        while alive:
            for key, _ in self._selector.select(self._patience()):
                if key.fd == self._control.fileno():
                    alive = self._obey() and alive
                elif key.fd == self._wake_read:
                    self._reap()
                elif not key.data.turn():
                    self._selector.unregister(key.fd)
            self._sweep()
            self._stand_some_by()
        self._end_everything()

    def _patience(self) -> float | None:
        if self._keeps_spares and self._wants_spares():
            return 0
        return 0.01 if self._ending else None

    def _obey(self) -> bool:
        """Carries out one message. False when the engine has gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE, 2)
        except (BlockingIOError, InterruptedError):
            return True
        except ConnectionError:
            return False
        if not data:
            return False
        message = json.loads(data)
        for descriptor in descriptors:  # else `os.system` would hand the channel on; recv_fds takes no flags
            os.set_inheritable(descriptor, False)
        if message["kind"] == "start":
            self._start(message, descriptors[0])
            self._shelve(message["slice"])
        elif message["kind"] == "signal":
            self._signal(message["number"], message["signal"], message["group"])
        return True

    def _start(self, message: dict[str, Any], channel: int) -> None:
        self._keeps_spares = True
        try:
            spare = self._rung(message["exec"], channel)
        except OSError as error:
            self._send({"kind": "refused", "number": message["number"], "reason": f"cannot fork: {error}"})
            return
        finally:
            os.close(channel)
        attempt = _Attempt(message["number"], spare.pid, self._pump(spare.source, message))
        self._running[spare.pid] = self._numbers[attempt.number] = attempt
        self._selector.register(spare.source, selectors.EVENT_READ, attempt.pump)
        self._send({"kind": "started", "number": attempt.number, "pid": spare.pid})

    def _shelve(self, slice_: list[Any] | None) -> None:
        """Takes a slice that is new here, for the next forks."""
        if slice_ is not None:
            self._shelf.put(*slice_)
            gc.freeze()

    def _rung(self, exec_: list[str] | None, channel: int) -> Spare:
        """The spare that is an attempt now. Raises OSError where none stood by and none can be had."""
        while True:
            spare = self._spares.pop(0) if self._spares else self._fork()
            if spare.ring(exec_, channel):
                return spare
            spare.drop()  # `_reap` takes it for a stranger

    def _stand_some_by(self) -> None:
        """Forks two spares at most, so that a message never waits for more."""
        for _ in range(_AT_ONCE):
            if not self._keeps_spares or not self._wants_spares():
                return
            try:
                self._spares.append(self._fork())
            except OSError:
                self._keeps_spares = False  # until the next attempt, which says so where it can't be had either

    def _wants_spares(self) -> bool:
        """From the moment that there are few until there are enough."""
        enough = _SPARES if len(self._running) > 1 else _SPARES_OF_ONE
        self._fills_up = len(self._spares) <= _FEW_SPARES or (self._fills_up and len(self._spares) < enough)
        return self._fills_up

    def _fork(self) -> Spare:
        """Raises OSError."""
        source, sink = os.pipe()
        ours, theirs = socket.socketpair()
        server = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            for descriptor in (source, sink):
                os.close(descriptor)
            ours.close()
            theirs.close()
            raise
        spare = Spare(pid, ours, source)
        if pid == 0:
            self._stand_by(spare, theirs, sink, server)
        theirs.close()
        os.close(sink)
        os.set_blocking(source, False)
        return spare

    def _pump(self, source: int, message: dict[str, Any]) -> log_pump.LogPump:
        def bar(fraction: float, words: str) -> None:
            self._send({"kind": "bar", "number": message["number"], "fraction": fraction, "message": words})

        return log_pump.LogPump(source, message["log"], message["cap"], bar, Mask(message["hide"]))

    def _stand_by(self, own: Spare, bell: socket.socket, sink: int, server: int) -> None:
        """In the child: lets go of everything of the server's, waits, then is the attempt. Never returns."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            others = [attempt.pump.source for attempt in self._running.values() if not attempt.pump.closed]
            servers = (self._wake_read, self._wake_write, self._control.fileno(), self._children.descriptor, *others)
            for descriptor in servers:
                if descriptor is not None:
                    os.close(descriptor)
            for spare in (own, *self._spares):
                spare.drop()
            self._selector.close()
            process_tree.be_named(SPARE)
            worker.isolate(sink, server)
            self._rehearse()
            self._run(await_call(bell))
        except BaseException as error:  # noqa: BLE001 (this process's boundary)
            os.write(2, f"Treadle could not start the attempt: {error!r}\n".encode())
        finally:
            os._exit(127)

    def _signal(self, number: int, number_of_signal: int, group: bool) -> None:
        """Signals a worker that has not been reaped, so that its pid cannot have passed to another process."""
        attempt = self._numbers.get(number)
        if attempt is None or attempt.ended is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(attempt.pid, number_of_signal)
        if group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(attempt.pid, number_of_signal)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 4096)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return
                attempt = self._running.pop(pid, None)
                if attempt is None:
                    self._forget_spare(pid)
                    continue
                attempt.ended = {
                    "kind": "ended", "number": attempt.number, "status": status, "user": usage.ru_utime,
                    "system": usage.ru_stime, "peak": usage.ru_maxrss * 1024,
                    "read": usage.ru_inblock * 512, "written": usage.ru_oublock * 512,
                }  # fmt: skip
                self._ending.append(attempt)

    def _forget_spare(self, pid: int) -> None:
        for spare in [spare for spare in self._spares if spare.pid == pid]:
            self._spares.remove(spare)
            spare.drop()

    def _sweep(self) -> None:
        """Ends what ended attempts left behind; reports them once nothing is left."""
        if not self._ending:
            return
        ours = self._running.keys() | {spare.pid for spare in self._spares}
        left = [pid for pid in self._children.pids() if pid not in ours]
        if not left:
            self._sweep_began = None
            for attempt in self._ending:
                self._report(attempt)
            self._ending.clear()
            return
        now = time.monotonic()
        if self._sweep_began is None:
            self._sweep_began = now
            _signal_all(left, signal.SIGTERM)
        elif now - self._sweep_began > _SWEEP_GRACE:
            _signal_all(left, signal.SIGKILL)

    def _report(self, attempt: _Attempt) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(attempt.pump.source)
        attempt.pump.finish()
        del self._numbers[attempt.number]
        assert attempt.ended is not None
        self._send({**attempt.ended, "lines": attempt.pump.lines, "open": attempt.pump.mid_line})

    def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):  # an engine that has gone is seen by `_obey`
            self._control.send(json.dumps(message).encode())

    def _end_everything(self) -> None:
        """No engine, no attempts: SIGKILL from the leaves' parents down until no child of ours lives."""
        while True:
            left = process_tree.children(os.getpid())
            if not left:
                return
            _signal_all(left, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.wait4(-1, 0)


def _signal_all(pids: list[int], number_of_signal: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number_of_signal)


def _preload(names: list[str]) -> None:
    """Imports what is there; a package that is missing or broken is the node's error to tell, not ours."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def serve(
    control: socket.socket,
    parent: int,
    preload: list[str],
    run: Callable[[int], None],
    shelf: Shelf,
    rehearsal: Rehearsal,
) -> None:
    """Serves `parent` until it has gone. `run` is called in each new attempt with its channel's descriptor."""
    process_tree.die_with_parent(parent)
    process_tree.become_subreaper()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to answer
    control.set_inheritable(False)
    process_tree.be_named(SERVER)
    _preload(preload)
    worker.get_ready()  # its forks write to the same descriptors, which then are other files
    rehearsal.practise()
    gc.collect()
    kept = heap_gaps.fill() if preload else []
    gc.freeze()  # else a child's first collection copies every page
    server = ForkServer(control, run, shelf, rehearsal)
    process_tree.outlive_parent()  # from here the socket's end is the sign, and the sweep comes first
    if os.getppid() == parent:
        server.serve()
    kept.clear()
