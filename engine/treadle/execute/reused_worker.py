"""ReusedWorker: one process that serves a series of attempts, as the engine sees it (`series.py` is its other end).

    line:  [ first │ next │ next … ]      the first is carried out, or is about to be; the others lie in its queue

It has the same face to the executor as a LiveAttempt. The first of the line ends by its result; anything that ends the
process instead (a crash, a cancel, a time-out) ends that attempt with it, once the process tree is gone. What was never
begun is given back, and is as if it had never come here.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from treadle.execute.attempt import written
from treadle.execute.frames import BadFrame, FrameBuffer, pack
from treadle.execute.gpu import GpuReader
from treadle.execute.looking import sample_of
from treadle.execute.outbox import Outbox
from treadle.execute.outcomes import BadResult, crash, judge_result, settle
from treadle.execute.places import Alike, alike
from treadle.execute.protocol import (
    AttemptFinished,
    AttemptId,
    AttemptRequest,
    AttemptStarted,
    Crashed,
    Failed,
    OnMessage,
    Outcome,
    Succeeded,
    TimedOut,
    Usage,
)  # fmt: skip
from treadle.execute.report_frames import decoded, report_of, usage_of, whole
from treadle.execute.request_frames import slice_frame
from treadle.execute.sampling import TreeSampler
from treadle.execute.server_process import ServerProcess
from treadle.execute.work_queue import WorkQueue
from treadle.execute.worker_output import WorkerOutput

__all__ = ["Owner", "ReusedWorker"]

_TURN: Final = 64 * 1024
_TELL_AFTER: Final = 0.002  # seconds


@dataclass(frozen=True, slots=True)
class Owner:
    """Who hears of a worker: `tell` of its attempts, `free` when its line is empty, `back` of the requests that it
    gives back, `gone` once, when its process has ended."""

    tell: OnMessage
    free: Callable[[ReusedWorker], None]
    back: Callable[[ReusedWorker, list[AttemptRequest]], None]
    gone: Callable[[ReusedWorker], None]


class ReusedWorker:
    """Owns channel and queue. `output` is where it prints what its attempts print."""

    def __init__(
        self,
        number: int,
        server: ServerProcess,
        output: Path,
        owner: Owner,
        grace: float,
    ) -> None:
        self.number = number
        self.server = server
        self.retired = False
        """It takes no more attempts."""
        self.sampler: TreeSampler | None = None
        self.like: Alike | None = None
        """What it is at; None where it idles."""
        self._output = WorkerOutput(output)
        self._owner = owner
        self._tell = owner.tell
        self._grace = grace
        self._loop = asyncio.get_running_loop()
        self._queue = WorkQueue()
        self._frames = FrameBuffer(decoded)
        self._known: set[str] = set()
        self._began = 0.0
        self._usual: float | None = None
        self._pid: int | None = None
        self._claimed: Succeeded | Failed | None = None
        self._ending: Outcome | None = None
        self._is_told = False
        self._telling: asyncio.TimerHandle | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._mercy: asyncio.TimerHandle | None = None

    def start(self, surroundings: dict[str, Any], log_cap: int) -> None:
        """Raises OSError where no channel can be had, BadFrame where the surroundings are too long."""
        self._output.path.parent.mkdir(parents=True, exist_ok=True)
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        message = {
            "kind": "start",
            "number": self.number,
            "exec": None,
            "log": str(self._output.log),
            "cap": log_cap,
            "hide": [],
            "slice": None,
        }
        self.server.send(message, theirs.detach())
        self._outbox = Outbox(self._loop, self._channel)
        self._channel.send(pack({"kind": "request", "reuse": True}))
        socket.send_fds(self._channel, [b"q"], [self._queue.theirs.fileno()])
        self._say({**surroundings, "output": str(self._output.path)})

    @property
    def line(self) -> deque[AttemptRequest]:
        """The attempts that it was given and that have not ended."""
        return self._queue.line

    def is_soon_free(self, seconds: float) -> bool:
        """Whether its line will be empty by then, if all of it take as long as usual."""
        return self._usual is not None and len(self.line) * self._usual < seconds

    def _say(self, frame: dict[str, Any]) -> None:
        """Raises BadFrame where it is too long."""
        self._outbox.send(pack(frame))

    def put(self, request: AttemptRequest) -> bool:
        """Takes an attempt into the line; False where there is no room. Raises OSError, and BadFrame, TypeError or
        ValueError for what can't be sent."""
        if self.retired:
            return False
        if request.slice.digest not in self._known:
            self._say(slice_frame(request))
            self._known.add(request.slice.digest)
        if not self._queue.put(request):
            return False
        if len(self.line) == 1:
            self._begin_first()
        return True

    def _begin_first(self) -> None:
        """It takes this one next, or has taken it."""
        request = self.line[0]
        self.like = alike(request)
        self._began = self._loop.time()
        self._is_told = False
        if self._telling is None and self._pid is not None:
            self._telling = self._loop.call_later(_TELL_AFTER, self._tell_late)
        if request.timeout is not None:
            late = TimedOut(request.timeout)
            self._limit = self._loop.call_later(request.timeout, self.end, request.attempt, late)

    def _tell_late(self) -> None:
        self._telling = None
        self._tell_start()

    def _tell_start(self) -> None:
        """That the first of the line has begun: with its end, where that comes soon."""
        if self.line and self._pid is not None and not self._is_told:
            self._is_told = True
            self._tell(AttemptStarted(self.line[0].attempt, self._pid))

    def _read(self) -> bool:
        """Takes what has come, a bounded amount; whether there was anything."""
        if self._pid is None:
            return False
        try:
            data = self._channel.recv(_TURN)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self.retired = True
            self._loop.remove_reader(self._channel)
            return False
        self._take(data)
        return True

    def _take(self, data: bytes) -> None:
        try:
            for frame in self._frames.feed(data):
                self._accept(frame)
        except (BadFrame, BadResult) as error:
            self._loop.remove_reader(self._channel)
            self._end_process(Crashed(f"its report channel was written to by something else than Treadle: {error}"))

    def _accept(self, frame: dict[str, Any]) -> None:
        if not self.line or self._claimed is not None:
            raise BadFrame("a report comes after the attempt has ended")
        request = self.line[0]
        self._tell_start()
        if frame["kind"] not in ("succeeded", "failed"):
            self._tell(report_of(request.attempt, frame))
            return
        outcome = judge_result(frame, request)
        if self._ending is not None:
            self._claimed = outcome
            return
        self._end_well(request, outcome, frame)

    def _end_well(self, request: AttemptRequest, outcome: Succeeded | Failed, frame: dict[str, Any]) -> None:
        """The first has ended, by its own result; the process may go on."""
        usage = usage_of(frame)
        self._usual = usage.wall if self._usual is None else (self._usual + usage.wall) / 2
        if isinstance(outcome, Failed):
            log = Path(request.folder, "output.log")
            told = written(outcome, log, whole(frame, "log_lines"), frame.get("log_open") is True)
            self._finish_first(told, usage)
        else:
            self._finish_first(outcome, usage)
        if frame.get("last") is True:
            self.retired = True
            self._give_back()
        elif self.line:
            self._begin_first()
        else:
            self._owner.free(self)

    def _finish_first(self, outcome: Outcome, usage: Usage) -> None:
        self._tell_start()
        request = self._queue.done()
        self.like = None
        self._lift_limit()
        self._tell(AttemptFinished(request.attempt, outcome, usage))

    def take_back(self) -> list[AttemptRequest]:
        """What it has not begun, and never will. Its results so far are told first."""
        taken = self._taken_back()
        while self.line and self._ending is None and self._read():
            pass  # what it ended before it began the first that is left
        return taken

    def _taken_back(self) -> list[AttemptRequest]:
        first = self.line[0] if self.line else None
        taken = self._queue.take_back()
        if first is not None and (not self.line or self.line[0] is not first):
            self._lift_limit()
            self.like = None
            if self.line:  # it was quicker than we, and took the next
                self._begin_first()
        return taken

    def _lift_limit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _give_back(self) -> None:
        """While a frame is being read, and where nothing more is to come of what it was given."""
        if taken := self._taken_back():
            self._owner.back(self, taken)

    def retire(self) -> None:
        """No attempt comes after this one: the process leaves when its queue ends."""
        self.retired = True
        self._queue.end()

    def bar(self, fraction: float, message: str) -> None:
        """Bars are read from pipes, and a series prints to a file."""

    def started(self, pid: int) -> None:
        """The process runs."""
        self._pid = pid
        self.sampler = TreeSampler(pid)
        self._loop.add_reader(self._channel, self._read)  # not before: that it began comes before how it ended
        self._tell_start()

    def end(self, attempt: AttemptId, why: Outcome) -> None:
        """Ends an attempt of the line: one that was begun with its process, another without anything else."""
        taken = self.take_back()
        rest = [request for request in taken if request.attempt != attempt]
        if len(rest) < len(taken):
            self._tell(AttemptFinished(attempt, why, Usage()))
        elif self.line and self.line[0].attempt == attempt:
            self._end_process(why)
        if rest:
            self._owner.back(self, rest)
        elif not self.line and not self.retired:
            self._owner.free(self)

    def _end_process(self, why: Outcome) -> None:
        """SIGTERM, a grace, SIGKILL. The first reason stands."""
        if self._ending is not None:
            return
        self._ending, self.retired = why, True
        self._give_back()
        if self.server.take_back(self.number):
            self._close(why, Usage())
            return
        self.signal(signal.SIGTERM)
        self._mercy = self._loop.call_later(self._grace, self.signal, signal.SIGKILL)

    def signal(self, number: int) -> None:
        self.server.signal_attempt(self.number, int(number), True)

    def sample(self, gpus: GpuReader | None) -> None:
        """One look at the tree, told of the first of the line."""
        if self.sampler is None or not self.line:
            return
        self._tell_start()
        self._tell(sample_of(self.line[0].attempt, self.sampler, gpus))

    def guard_output(self, cap: int) -> None:
        """Ends an attempt that prints without end: its output is kept whole until it ends."""
        if self.line and self._output.size > cap:
            why = Crashed(f"it printed more than {cap:,} bytes; with isolation: fresh its log is cut instead")
            self.end(self.line[0].attempt, why)

    def ended(self, message: dict[str, Any]) -> None:
        """The fork server says that the process and all its descendants are gone."""
        self._give_back()
        while self._read():
            pass
        usage = Usage(
            wall=self._loop.time() - self._began, cpu_user=message["user"], cpu_system=message["system"],
            peak_memory=int(message["peak"]),
        )  # fmt: skip
        self._close(self._outcome(message["status"], int(message["peak"])), usage)

    def _outcome(self, status: int, peak: int) -> Outcome:
        """Of the attempt that the process ended with."""
        if not self.line:
            return crash(status, peak)
        outcome = settle(self._claimed, self._ending, status, peak)
        if isinstance(outcome, Failed | Crashed):
            log = Path(self.line[0].folder, "output.log")
            return written(outcome, log, *self._output.rescue_to(log))
        return outcome

    def lost(self, reason: str) -> None:
        """There is no fork server any more to say how it ended."""
        self._give_back()
        while self._read():
            pass
        self._close(self._ending or Crashed(reason), Usage(wall=self._loop.time() - self._began))

    def _close(self, outcome: Outcome, usage: Usage) -> None:
        """`outcome` is that of what the line still has: the attempt that was begun and has not ended."""
        self.retired = True
        self._loop.remove_reader(self._channel)
        self._outbox.close()
        self._channel.close()
        self._output.remove()
        for timer in (self._mercy, self._telling):
            if timer is not None:
                timer.cancel()
        while self.line:
            self._finish_first(outcome, usage)
        self._queue.close()
        self._owner.gone(self)
