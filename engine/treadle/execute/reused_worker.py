"""ReusedWorker: one process that serves a series of attempts, as the engine sees it (`series.py` is its other end).

It has the same face to the executor as a LiveAttempt. The attempt it carries out now ends by its result; anything that
ends the process instead (a crash, a cancel, a time-out) ends the attempt with it, once the process tree is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from treadle.execute.attempt import request_frame, written
from treadle.execute.frames import BadFrame, FrameBuffer, pack
from treadle.execute.gpu import GpuReader
from treadle.execute.outcomes import BadResult, judge_result, settle
from treadle.execute.protocol import (
    AttemptFinished,
    AttemptRequest,
    AttemptStarted,
    Crashed,
    Failed,
    OnMessage,
    Outcome,
    Sample,
    Succeeded,
    TimedOut,
    Usage,
)  # fmt: skip
from treadle.execute.report_frames import report_of
from treadle.execute.sampling import TreeSampler
from treadle.execute.server_process import ServerProcess

__all__ = ["ReusedWorker"]

_TURN: Final = 64 * 1024
_MOST_ATTEMPTS: Final = 1000
_MOST_GROWTH: Final = 256 * 1024 * 1024
_SAID: Final = 64 * 1024  # bytes of what a process printed last, for the log of the attempt that it died with


class ReusedWorker:
    """Owns the channel. `on_free(self)` comes after each attempt; `on_gone(self)` once, when the process has ended."""

    def __init__(
        self,
        number: int,
        server: ServerProcess,
        output: Path,
        tell: OnMessage,
        on_free: Callable[[ReusedWorker], None],
        on_gone: Callable[[ReusedWorker], None],
        grace: float,
    ) -> None:
        self.number = number
        self.server = server
        self.request: AttemptRequest | None = None
        self.retired = False
        """It takes no more attempts."""
        self.sampler: TreeSampler | None = None
        self._output = output
        self._tell = tell
        self._on_free = on_free
        self._on_gone = on_gone
        self._grace = grace
        self._loop = asyncio.get_running_loop()
        self._frames = FrameBuffer()
        self._unsent = memoryview(b"")
        self._waits = False
        self._known: set[str] = set()
        self._served = 0
        self._first_size: int | None = None
        self._began = 0.0
        self._pid: int | None = None
        self._result: dict[str, Any] | None = None
        self._ending: Outcome | None = None
        self._timers: list[asyncio.TimerHandle] = []

    def start(self, log_cap: int) -> None:
        """Raises OSError where no channel can be had."""
        self._output.parent.mkdir(parents=True, exist_ok=True)
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        self._loop.add_reader(self._channel, self._read)
        log = str(self._output.with_suffix(".log"))
        message = {
            "kind": "start",
            "number": self.number,
            "exec": None,
            "log": log,
            "cap": log_cap,
            "hide": [],
            "slice": None,
        }
        self.server.send(message, theirs.detach())

    def serve(self, request: AttemptRequest, artifacts: Path, models: str) -> None:
        """Begins an attempt; the one before has ended. Raises BadFrame where the request is too long."""
        frame = {
            **request_frame(request), "reuse": True, "artifacts": str(artifacts), "models": models,
            "output": str(self._output),
        }  # fmt: skip
        if request.slice.digest in self._known:
            del frame["text"], frame["lines"]
        self._unsent = memoryview(pack(frame))
        self._known.add(request.slice.digest)
        self.request, self._result, self._ending = request, None, None
        self._began = self._loop.time()
        if self._pid is not None:
            self._tell(AttemptStarted(request.attempt, self._pid))
        if request.timeout is not None:
            self._timers.append(self._loop.call_later(request.timeout, self.end, TimedOut(request.timeout)))
        self._write()

    def _write(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            self._loop.add_writer(self._channel, self._write)
            self._waits = True
            return
        except OSError:
            pass  # the end of the process tells why
        if self._waits:
            self._loop.remove_writer(self._channel)
            self._waits = False

    def _read(self) -> None:
        try:
            data = self._channel.recv(_TURN)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.retired = True
            self._loop.remove_reader(self._channel)
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            for frame in self._frames.feed(data):
                self._accept(frame)
        except (BadFrame, BadResult) as error:
            self._loop.remove_reader(self._channel)
            self.end(Crashed(f"its report channel was written to by something else than Treadle: {error}"))

    def _accept(self, frame: dict[str, Any]) -> None:
        request = self.request
        if request is None or self._result is not None:
            raise BadFrame("a report comes after the attempt has ended")
        if frame["kind"] not in ("succeeded", "failed"):
            self._tell(report_of(request.attempt, frame))
            return
        outcome = judge_result(frame, request)
        self._result = frame
        if self._ending is None:
            self._end_well(request, outcome, frame)

    def _end_well(self, request: AttemptRequest, outcome: Succeeded | Failed, frame: dict[str, Any]) -> None:
        """The attempt is over, by its own result; the process may go on."""
        size, left = _whole(frame, "resident"), _whole(frame, "left")
        self._first_size = size if self._first_size is None else self._first_size
        self._served += 1
        spent = self._served >= _MOST_ATTEMPTS or size - self._first_size > _MOST_GROWTH or left > 0
        if spent or isinstance(outcome, Failed):
            self.retire()
        usage = Usage(
            wall=self._loop.time() - self._began, cpu_user=_number(frame, "user"), cpu_system=_number(frame, "system"),
            peak_memory=size, read_bytes=_whole(frame, "read"), write_bytes=_whole(frame, "written"),
        )  # fmt: skip
        if isinstance(outcome, Failed):
            log = Path(request.folder, "output.log")
            self._finish(written(outcome, log, _whole(frame, "log_lines"), frame.get("log_open") is True), usage)
        else:
            self._finish(outcome, usage)

    def retire(self) -> None:
        """No attempt comes after this one: the process leaves when its channel closes."""
        self.retired = True
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_WR)

    def bar(self, fraction: float, message: str) -> None:
        """Bars are read from pipes, and a series prints to a file."""

    def started(self, pid: int) -> None:
        """The process runs."""
        self._pid = pid
        self.sampler = TreeSampler(pid)
        if self.request is not None:
            self._tell(AttemptStarted(self.request.attempt, pid))

    def end(self, why: Outcome) -> None:
        """Ends the process and with it the attempt: SIGTERM, a grace, SIGKILL. The first reason stands."""
        if self._ending is not None:
            return
        self._ending, self.retired = why, True
        if self.server.take_back(self.number):
            self._close(why, Usage())
            return
        self.signal(signal.SIGTERM)
        self._timers.append(self._loop.call_later(self._grace, self.signal, signal.SIGKILL))

    def signal(self, number: int) -> None:
        self.server.signal_attempt(self.number, int(number), True)

    def sample(self, gpus: GpuReader | None) -> None:
        """One look at the tree, told of the attempt that it carries out now."""
        if self.sampler is None or self.request is None:
            return
        now = self.sampler.sample()
        gpu = gpus.read(self.sampler.known().keys()) if gpus is not None else None
        self._tell(Sample(
            self.request.attempt, now.cpu, now.memory, now.read_bytes, now.write_bytes, now.threads, now.processes,
            *(gpu or (None, None)),
        ))  # fmt: skip

    def guard_output(self, cap: int) -> None:
        """Ends an attempt that prints without end: its output is kept whole until it ends."""
        with contextlib.suppress(FileNotFoundError):
            if self.request is not None and self._output.stat().st_size > cap:
                self.end(Crashed(f"it printed more than {cap:,} bytes; with isolation: fresh its log is cut instead"))

    def ended(self, message: dict[str, Any]) -> None:
        """The fork server says that the process and all its descendants are gone."""
        with contextlib.suppress(OSError):
            while data := self._channel.recv(_TURN):
                self._take(data)
        usage = Usage(
            wall=self._loop.time() - self._began, cpu_user=message["user"], cpu_system=message["system"],
            peak_memory=int(message["peak"]),
        )  # fmt: skip
        if self.request is None:
            self._close(None, usage)
            return
        outcome = settle(self._result, self._ending, message["status"], int(message["peak"]), self.request)
        if isinstance(outcome, Failed | Crashed):
            lines, is_open = self._rescue_output(self.request)
            outcome = written(outcome, Path(self.request.folder, "output.log"), lines, is_open)
        self._close(outcome, usage)

    def _rescue_output(self, request: AttemptRequest) -> tuple[int, bool]:
        """What the process printed last, moved to the attempt's log; its lines, and whether the last one is open."""
        said = b""
        for path in (self._output, self._output.with_suffix(".log")):
            with contextlib.suppress(FileNotFoundError):
                said += path.read_bytes()[-_SAID:]
        if said:
            log = Path(request.folder, "output.log")
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("ab") as file:
                file.write(said)
        return said.count(b"\n"), bool(said) and not said.endswith(b"\n")

    def lost(self, reason: str) -> None:
        """There is no fork server any more to say how it ended."""
        self._close(self._ending or Crashed(reason), Usage(wall=self._loop.time() - self._began))

    def _finish(self, outcome: Outcome, usage: Usage) -> None:
        request, self.request = self.request, None
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        if request is not None:
            self._tell(AttemptFinished(request.attempt, outcome, usage))
        self._on_free(self)

    def _close(self, outcome: Outcome | None, usage: Usage) -> None:
        self.retired = True
        self._loop.remove_reader(self._channel)
        self._loop.remove_writer(self._channel)
        self._channel.close()
        for path in (self._output, self._output.with_suffix(".log")):
            path.unlink(missing_ok=True)
        if outcome is not None:
            self._finish(outcome, usage)
        self._on_gone(self)


def _whole(frame: dict[str, Any], name: str) -> int:
    value = frame.get(name)
    if not isinstance(value, int):
        raise BadFrame(f"its result has no {name}")
    return value


def _number(frame: dict[str, Any], name: str) -> float:
    value = frame.get(name)
    if not isinstance(value, int | float):
        raise BadFrame(f"its result has no {name}")
    return float(value)
