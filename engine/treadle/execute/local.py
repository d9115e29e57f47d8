"""LocalExecutor: attempts on this machine, each in a fresh process made by a fork server.

    submit ─► the tier that suits ─► LiveAttempt ─► fork server ─► worker
                     tiers.py          attempt.py     forkserver.py  worker.py

It holds what runs and what samples it; each LiveAttempt sees itself through.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH123

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from treadle.execute import tiers
from treadle.execute.attempt import LiveAttempt
from treadle.execute.environments import Environments, cache_folder
from treadle.execute.frames import BadFrame
from treadle.execute.gpu import open_gpus
from treadle.execute.interpreters import EnvironmentFailed, variables_of
from treadle.execute.kernel_memory import KernelMemory
from treadle.execute.protocol import (
    AttemptFinished,
    AttemptId,
    AttemptRequest,
    Cancelled,
    Crashed,
    ExecutorUnavailable,
    Failed,
    OnMessage,
)  # fmt: skip
from treadle.execute.reused_worker import Owner, ReusedWorker
from treadle.execute.server_process import ServerProcess
from treadle.execute.server_start import StartedServer
from treadle.execute.worker_crew import WorkerCrew
from treadle.execute.worker_pool import WorkerPool
from treadle.spec.environments import Isolation
from treadle.spec.flow import Kind
from treadle.store.artifacts import ArtifactStore

__all__ = ["LocalExecutor"]

_SAMPLE_EVERY = 0.25
_GUARD_EVERY = 0.05
_LEFTOVER_AGE = 24 * 3600
_LOG_CAP = 256 * 1024 * 1024


class LocalExecutor:
    """Implements `execute.protocol.Executor`. `artifacts` is the store's folder, `state` one for its own files.

    `python` runs the workers: any interpreter from 3.9, Treadle need not be installed there. `always_spawn` gives every
    attempt an interpreter of its own instead of a fork of a loaded one. `grace` is the time between SIGTERM and
    SIGKILL, in seconds; `log_cap` the most bytes kept of one attempt's output. `models` is how estimators are stored:
    `joblib`, or `skops`, whose files other tools can check before they load them. `environments` is where those with
    packages of their own are kept: by default in the user's cache folder. `early` is a bare server under `python` that
    was started already.
    """

    def __init__(
        self,
        artifacts: Path,
        state: Path,
        python: str = sys.executable,
        *,
        grace: float = 0.6,
        log_cap: int = _LOG_CAP,
        always_spawn: bool = False,
        models: str = "joblib",
        environments: Path | None = None,
        early: StartedServer | None = None,
    ) -> None:
        self._artifacts = artifacts
        self._state = state
        self._python = python
        self._grace = grace
        self._log_cap = log_cap
        self._always_spawn = always_spawn
        self._models = models
        self._early = early
        self._servers: dict[str, ServerProcess] = {}
        self._numbers = itertools.count(1)
        self._attempts: dict[int, LiveAttempt | ReusedWorker] = {}
        self._by_id: dict[AttemptId, LiveAttempt] = {}
        self._environments = Environments(environments or cache_folder(), python)
        self._preparing: dict[AttemptId, asyncio.Task[None]] = {}
        self._cancelled: dict[AttemptId, str] = {}  # of those, by whom
        self._gpus = open_gpus()
        self._memory = KernelMemory()
        self._looks: dict[str, asyncio.TimerHandle] = {}
        self._idle = asyncio.Event()

    async def start(self, on_message: OnMessage) -> None:
        """Starts the bare fork server. Raises ExecutorUnavailable where it can't be had."""
        if sys.platform != "linux":
            raise ExecutorUnavailable(f"the local executor needs Linux, this is {sys.platform}")
        self._loop = asyncio.get_running_loop()
        self._on_message = on_message
        self._pool = WorkerPool(self._artifacts, self._models, on_message, self._reusable)
        try:
            ArtifactStore(self._artifacts).remove_leftovers(time.time() - _LEFTOVER_AGE)
            self._server(tiers.BARE)
        except OSError as error:
            raise ExecutorUnavailable(f"cannot start {self._python}: {error}") from error

    def submit(self, request: AttemptRequest) -> None:
        """Begins an attempt; whatever goes wrong is its outcome."""
        if request.python is None and request.requirements is None:
            self._begin(request, None)
        else:
            task = self._preparing[request.attempt] = self._loop.create_task(self._prepare(request))
            task.add_done_callback(lambda _: self._prepared(request.attempt))

    async def _prepare(self, request: AttemptRequest) -> None:
        """Begins an attempt in an environment of its own, once there is one."""
        log = Path(request.folder, "output.log")
        try:
            python = await self._environments.get(request.python, request.requirements, log)
            variables = {**variables_of(python), **request.environment}
            request = msgspec.structs.replace(request, environment=variables)
            if request.kind is Kind.FUNCTION:
                self._begin(request, python)
            else:  # the program runs there; who watches it runs here
                self._begin(msgspec.structs.replace(request, python=python), None)
        except EnvironmentFailed as error:
            outcome = Failed("EnvironmentFailed", str(error))
            self._on_message(AttemptFinished(request.attempt, outcome))

    def _prepared(self, attempt: AttemptId) -> None:
        by = self._cancelled.pop(attempt, None)
        if self._preparing.pop(attempt).cancelled():
            self._on_message(AttemptFinished(attempt, Cancelled(by or "engine")))
        self._idle.set()

    def _begin(self, request: AttemptRequest, python: str | None) -> None:
        number = next(self._numbers)
        needed = tiers.needed_packages(request)
        spawn = python is not None or self._always_spawn or tiers.wants_own_interpreter(needed)
        try:
            server = self._server(tiers.BARE if spawn else self._suitable(needed))
            if _may_share(request) and not spawn:
                self._pool.submit(request, server)
                self._look("sample", _SAMPLE_EVERY)
                return
            attempt = LiveAttempt(request, number, server, self._on_message, self._forget, self._grace, self._memory)
            attempt.begin(self._artifacts, self._interpreter(python) if spawn else None, self._log_cap, self._models)
        except (OSError, BadFrame, TypeError, ValueError) as error:
            outcome = Crashed(f"the attempt could not be started: {error}")
            self._loop.call_soon(self._on_message, AttemptFinished(request.attempt, outcome))
            return
        self._attempts[number] = self._by_id[request.attempt] = attempt
        self._look("sample", _SAMPLE_EVERY)
        if request.resources.memory is not None:
            self._look("guard", _GUARD_EVERY)

    def _reusable(
        self,
        tier: tiers.Tier,
        surroundings: dict[str, Any],
        crew: WorkerCrew,
        tell: OnMessage,
        on_gone: Callable[[ReusedWorker], None],
    ) -> ReusedWorker:
        """A process for a series of attempts. Raises OSError, BadFrame."""
        number = next(self._numbers)

        def gone(worker: ReusedWorker) -> None:
            self._attempts.pop(number, None)
            on_gone(worker)
            self._idle.set()

        output = self._state / "reuse" / f"{os.getpid()}-{number}.out"
        worker = ReusedWorker(
            number, self._server(tier), output, Owner(tell, crew.freed, crew.take_back, gone), self._grace
        )
        worker.start(surroundings, self._log_cap)
        self._attempts[number] = worker
        return worker

    def cancel(self, attempt: AttemptId, by: str = "user") -> None:
        """Ends an attempt and all its descendants; harmless when it has ended."""
        live, preparing = self._by_id.get(attempt), self._preparing.get(attempt)
        if live is not None:
            live.end(Cancelled(by))
        elif self._pool.cancel(attempt, by):
            return
        elif preparing is not None:
            self._cancelled.setdefault(attempt, by)
            preparing.cancel()

    def warm(self, imports: frozenset[str]) -> None:
        """Loads, in the background, the tiers that slices with these imports will want."""
        if self._always_spawn:
            return
        with contextlib.suppress(OSError):  # the attempt that needs it will say so
            for tier in tiers.worth_loading(imports):
                self._server(tier)

    async def close(self) -> None:
        """Ends what still runs, leaving no process."""
        for attempt in (*self._by_id, *self._preparing, *self._pool.open()):
            self.cancel(attempt, "engine")
        for live in list(self._attempts.values()):
            if isinstance(live, ReusedWorker):
                live.retire()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._grace + 1.0):
                while self._attempts or self._preparing:
                    self._idle.clear()
                    await self._idle.wait()
        for look in self._looks.values():
            look.cancel()
        await asyncio.gather(*(server.close() for server in list(self._servers.values())))

    def _interpreter(self, python: str | None) -> list[str]:
        return [python or self._python, str(Path(__file__).with_name("launch.py")), "attempt"]

    def _suitable(self, needed: frozenset[str]) -> tiers.Tier:
        ready = frozenset(name for name, server in self._servers.items() if server.ready)
        return tiers.choose(needed, ready)

    def _server(self, tier: tiers.Tier) -> ServerProcess:
        """The running server of `tier`, started if need be. Raises OSError."""
        server = self._servers.get(tier.name)
        if server is None or server.ended:
            server = ServerProcess(tier, self._python, self._receive, self._server_gone)
            early, self._early = (self._early, None) if tier is tiers.BARE else (None, self._early)
            server.start(early)
            self._servers[tier.name] = server
        return server

    def _receive(self, server: ServerProcess, message: dict[str, Any]) -> None:
        live = self._attempts.get(message["number"])
        if live is None:
            return
        if message["kind"] == "ended" and os.WIFSIGNALED(message["status"]):
            self._memory.look(self._loop.time())
        match message["kind"]:
            case "started":
                live.started(message["pid"])
            case "ended":
                live.ended(message)
            case "bar":
                live.bar(message["fraction"], message["message"])
            case "refused":
                live.lost(f"the attempt could not be started: {message['reason']}")

    def _server_gone(self, server: ServerProcess) -> None:
        """Its workers died with it; what they had started is ended here, as far as it was seen."""
        if self._servers.get(server.tier.name) is server:
            del self._servers[server.tier.name]
        words = server.last_words()
        for live in [live for live in self._attempts.values() if live.server is server]:
            if live.sampler is not None:
                _end_known(live.sampler.known())
            live.lost(f"the process that started this attempt ended unexpectedly. {words}".strip())

    def _forget(self, live: LiveAttempt) -> None:
        self._attempts.pop(live.number, None)
        self._by_id.pop(live.request.attempt, None)
        self._idle.set()

    def _look(self, what: str, every: float) -> None:
        """Looks at the running attempts every so often, for as long as there are any."""
        if what not in self._looks:
            self._looks[what] = self._loop.call_later(every, self._look_now, what, every)

    def _look_now(self, what: str, every: float) -> None:
        del self._looks[what]
        if what == "sample":
            self._memory.look(self._loop.time())
        for live in list(self._attempts.values()):
            if what == "sample":
                live.sample(self._gpus)
            if isinstance(live, ReusedWorker):
                live.guard_output(self._log_cap)
            elif what == "guard":
                live.guard_memory()
        if self._by_id or self._pool.open():
            self._look(what, every)


def _may_share(request: AttemptRequest) -> bool:
    """Whether it may have a process that others had: a limit and a secret would stay behind in it."""
    may = request.isolation is Isolation.REUSE and request.kind is Kind.FUNCTION
    return may and request.resources.memory is None and not request.hidden


def _end_known(started: dict[int, int]) -> None:
    """SIGKILL for processes that are still the ones we saw: pid and start time alike."""
    for pid, when in started.items():
        with contextlib.suppress(OSError, IndexError, ValueError):
            descriptor = os.pidfd_open(pid)
            try:
                with open(f"/proc/{pid}/stat", "rb") as file:
                    if int(file.read().rpartition(b")")[2].split()[19]) == when:
                        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            finally:
                os.close(descriptor)
