"""One executor for all runs of an engine: each run sees an executor of its own, started and closed with it.

The executor itself starts with the first run and is closed by the engine, so that fork servers stay warm between runs.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from treadle.execute.protocol import AttemptFinished, AttemptId, AttemptMessage, AttemptRequest, Executor, OnMessage

__all__ = ["SharedExecutor"]

_PATIENCE: Final = 5.0  # seconds for the attempts of a run that is left


class SharedExecutor:
    """Sends each message to the run it is about."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._shares: dict[str, _Share] = {}
        self._starting = asyncio.Lock()
        self._started = False

    def share(self, run: str) -> Executor:
        """The executor as `run` sees it."""
        share = _Share(self._executor, self._start, lambda: self._shares.pop(run, None))
        self._shares[run] = share
        return share

    async def close(self) -> None:
        """Ends whatever still runs. Harmless where nothing ever did."""
        if self._started:
            self._started = False
            await self._executor.close()

    async def _start(self) -> None:
        async with self._starting:
            if not self._started:
                await self._executor.start(self._receive)
                self._started = True

    def _receive(self, message: AttemptMessage) -> None:
        share = self._shares.get(message.attempt.run)
        if share is not None:
            share.receive(message)


class _Share:
    """Implements `execute.protocol.Executor` for one run."""

    def __init__(self, executor: Executor, start: Callable[[], Awaitable[None]], closed: Callable[[], object]) -> None:
        self._executor = executor
        self._start = start
        self._closed = closed
        self._on_message: OnMessage | None = None
        self._open: set[AttemptId] = set()
        self._ended = asyncio.Event()

    async def start(self, on_message: OnMessage) -> None:
        self._on_message = on_message
        await self._start()

    def submit(self, request: AttemptRequest) -> None:
        self._open.add(request.attempt)
        self._executor.submit(request)

    def cancel(self, attempt: AttemptId, by: str = "user") -> None:
        self._executor.cancel(attempt, by)

    def warm(self, imports: frozenset[str]) -> None:
        self._executor.warm(imports)

    async def close(self) -> None:
        """Ends the run's own attempts, and returns when they have."""
        for attempt in self._open:
            self._executor.cancel(attempt, "engine")
        with contextlib.suppress(TimeoutError):  # the engine's close ends them by force
            async with asyncio.timeout(_PATIENCE):
                while self._open:
                    self._ended.clear()
                    await self._ended.wait()
        self._closed()

    def receive(self, message: AttemptMessage) -> None:
        if isinstance(message, AttemptFinished):
            self._open.discard(message.attempt)
            self._ended.set()
        if self._on_message is not None:
            self._on_message(message)
