"""LiveAttempt: one attempt as the engine sees it, from its start message to its outcome.

It ends exactly once, by `_finish`, which alone makes an AttemptFinished: after the process tree is gone and the last
frame was read, so nothing about an attempt comes after its outcome.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from treadle.execute.frames import BadFrame, FrameBuffer, pack
from treadle.execute.gpu import GpuReader
from treadle.execute.kernel_memory import KernelMemory
from treadle.execute.looking import sample_of
from treadle.execute.masking import Mask
from treadle.execute.outbox import Outbox
from treadle.execute.outcomes import BadResult, judge_result, settle, size_text
from treadle.execute.pacing import PacedReader
from treadle.execute.protocol import (
    AttemptFinished,
    AttemptRequest,
    AttemptStarted,
    Crashed,
    Failed,
    OnMessage,
    Outcome,
    Progress,
    Sample,
    Succeeded,
    TimedOut,
    Usage,
)  # fmt: skip
from treadle.execute.report_frames import report_of
from treadle.execute.request_frames import request_frame
from treadle.execute.sampling import TreeSampler
from treadle.execute.server_process import ServerProcess

__all__ = ["LiveAttempt", "written"]

_TURN = 64 * 1024
_TRACEBACK = "Traceback (most recent call last):"
_LEAVING = 0.05  # seconds; most take a hundredth of it
_AT_EXIT = 60.0  # seconds, for what a node's code does last, such as sending what it has logged


class LiveAttempt:
    """Owns the attempt's channel and timers. `on_finished(self)` comes after its last message."""

    def __init__(
        self,
        request: AttemptRequest,
        number: int,
        server: ServerProcess,
        tell: OnMessage,
        on_finished: Callable[[LiveAttempt], None],
        grace: float,
        memory: KernelMemory,
    ) -> None:
        self.request = request
        self.number = number
        self.server = server
        self.sampler: TreeSampler | None = None
        self.finished = False
        self._tell = tell
        self._on_finished = on_finished
        self._grace = grace
        self._memory = memory
        self._loop = asyncio.get_running_loop()
        self._timers: list[asyncio.TimerHandle] = []
        self._frames = FrameBuffer()
        self._mask = Mask(request.hidden)
        self._claimed: Succeeded | Failed | None = None
        self._reports_progress = False
        self._ending: Outcome | None = None
        self._began = self._loop.time()
        self._last: Sample | None = None

    def begin(self, artifacts: Path, own_interpreter: list[str] | None, log_cap: int, models: str) -> None:
        """Sends the request on its way. Raises OSError where no channel can be had, BadFrame if it is too long."""
        request = pack({**request_frame(self.request), "artifacts": str(artifacts), "models": models})
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        self._outbox = Outbox(self._loop, self._channel)
        self._reader = PacedReader(self._loop, self._channel.fileno(), self._read)
        message = {
            "kind": "start", "number": self.number, "exec": own_interpreter,
            "log": f"{self.request.folder}/output.log", "cap": log_cap,
            "hide": self.request.hidden, "slice": self.server.unshelved(self.request.slice),
        }  # fmt: skip
        self.server.send(message, theirs.detach())
        self._outbox.send(request)

    def _read(self) -> None:
        try:
            data = self._channel.recv(_TURN)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._reader.close()
            return
        self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            for frame in self._frames.feed(data):
                self._accept(self._mask.hide(frame))
        except (BadFrame, BadResult) as error:
            self._reader.close()
            self.end(Crashed(f"its report channel was written to by something else than Treadle: {error}"))

    def _accept(self, frame: dict[str, Any]) -> None:
        match frame:
            case {"kind": "succeeded" | "failed"} if self._claimed is None:
                self._claimed = judge_result(frame, self.request)
                self._reader.rest(_LEAVING)  # that the process has gone, its server tells
                self._timers.append(self._loop.call_later(_AT_EXIT, self._hurry))
            case _:
                report = report_of(self.request.attempt, frame)
                self._reports_progress |= isinstance(report, Progress)
                self._tell(report)

    def bar(self, fraction: float, message: str) -> None:
        """A progress bar was seen in what it prints; what it says of itself counts more, and is heard first."""
        if self._reports_progress or self.finished:
            return
        self._read()
        if not self._reports_progress:
            self._tell(Progress(self.request.attempt, fraction, message))

    def started(self, pid: int) -> None:
        """The process runs."""
        self.sampler = TreeSampler(pid)
        self._began = self._loop.time()
        self._tell(AttemptStarted(self.request.attempt, pid))
        if self.request.timeout is not None:
            limit = self.request.timeout
            self._timers.append(self._loop.call_later(limit, self.end, TimedOut(limit)))

    def end(self, why: Outcome) -> None:
        """Ends the process tree: SIGTERM, a grace, SIGKILL. The first reason stands."""
        if self.finished or self._ending is not None:
            return
        self._ending = why
        if self.server.take_back(self.number):
            self._finish(why, Usage())
            return
        self.signal(signal.SIGTERM, group=True)
        self._timers.append(self._loop.call_later(self._grace, self.signal, signal.SIGKILL, True))

    def _hurry(self) -> None:
        """It has given its result, which stands, and does not leave."""
        if self._ending is None:
            self.signal(signal.SIGTERM, group=True)
            self._timers.append(self._loop.call_later(self._grace, self.signal, signal.SIGKILL, True))

    def signal(self, number: int, group: bool) -> None:
        self.server.signal_attempt(self.number, int(number), group)

    def sample(self, gpus: GpuReader | None) -> None:
        """One look at the tree, told to the loop."""
        if self.sampler is None or self.finished:
            return
        self._last = sample_of(self.request.attempt, self.sampler, gpus)
        self._tell(self._last)

    def guard_memory(self) -> None:
        """Ends the attempt where its tree holds more than its limit."""
        limit = self.request.resources.memory
        if self.sampler is None or limit is None or self._ending is not None:
            return
        held = self.sampler.memory()
        if held > limit + self.server.baseline:
            reason = f"the process was ended because it held {size_text(held)}, over its limit of {size_text(limit)}"
            self._ending = Crashed(reason, signal="SIGKILL")
            self.signal(signal.SIGKILL, group=True)

    def ended(self, message: dict[str, Any]) -> None:
        """The fork server says that the process and all its descendants are gone."""
        with contextlib.suppress(OSError):
            while data := self._channel.recv(_TURN):
                self._take(data)
        peak = max(int(message["peak"]), self.sampler.peak_memory if self.sampler else 0)
        usage = Usage(
            wall=self._loop.time() - self._began, cpu_user=message["user"], cpu_system=message["system"],
            peak_memory=peak, read_bytes=max(message["read"], self._last.read_bytes if self._last else 0),
            write_bytes=max(message["written"], self._last.write_bytes if self._last else 0),
        )  # fmt: skip
        ran_out = self._memory.ran_out_since(self._began)
        outcome = settle(self._claimed, self._ending, message["status"], peak, ran_out)
        if isinstance(outcome, Failed | Crashed):
            outcome = written(outcome, Path(self.request.folder, "output.log"), message["lines"], message["open"])
        self._finish(outcome, usage)

    def lost(self, reason: str) -> None:
        """There is no fork server any more to say how it ended."""
        self._finish(self._ending or Crashed(reason), Usage(wall=self._loop.time() - self._began))

    def _finish(self, outcome: Outcome, usage: Usage) -> None:
        self.finished = True
        for timer in self._timers:
            timer.cancel()
        self._reader.close()
        self._outbox.close()
        self._channel.close()
        self._tell(AttemptFinished(self.request.attempt, outcome, usage))
        self._on_finished(self)


def written(outcome: Failed | Crashed, log: Path, lines: int, unfinished: bool) -> Failed | Crashed:
    """Writes the failure to the end of the log, where a person looks for it, and notes the line."""
    text = outcome.traceback if isinstance(outcome, Failed) else f"[Treadle: {outcome.reason}]\n"
    with contextlib.suppress(OSError):  # a full disk takes the log's last words, not the outcome
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write("\n" * unfinished + text)
        if isinstance(outcome, Failed):
            before = text[: text.rfind(f"\n{_TRACEBACK}\n") + 1].count("\n")
            return msgspec.structs.replace(outcome, log_line=lines + 1 + unfinished + before)
    return outcome
