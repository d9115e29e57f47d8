"""Follower: feeds a session with the events of its run until that has finished, over any number of lost engines.

It runs on the window's own loop: events are taken for a few milliseconds at a time, and the window gets as long before
the next.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Final, cast

from treadle.host.api import EngineFailed, EngineLost, NotTrusted, UnknownRun
from treadle.run.events import Recorded
from treadle_gui.runs.line import Line
from treadle_gui.runs.sentences import sentence
from treadle_gui.runs.session import RunSession

__all__ = ["Follower"]

_SLICE: Final = 0.004
"""Seconds of taking events at a stretch, and then of leaving the loop to the window."""
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds before each further try to reach an engine that was lost."""
_STILL: Final = 3.0
"""Seconds without any event after which the engine is asked what holds the run up: the machine is sampled each half."""


class Follower:
    """`told` is given what a person should know, as a sentence; `tell_loss`, with each event again, whether the engine
    can't be reached."""

    def __init__(
        self,
        session: RunSession,
        line: Line,
        told: Callable[[str], object],
        tell_loss: Callable[[bool], object],
    ) -> None:
        self._session = session
        self._line = line
        self._told = told
        self._tell_loss = tell_loss

    async def follow(self) -> None:
        """Feeds the session until its run has finished."""
        watching = asyncio.get_running_loop().create_task(self._watch())
        try:
            await self._feed_until_finished()
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        """Says what a run that stands still waits for (a full disk), and when it goes on."""
        told = ""
        while True:
            before = self._session.last_seq
            await asyncio.sleep(_STILL)
            if self._session.last_seq != before and not told:
                continue
            with suppress(EngineLost, EngineFailed, NotTrusted, UnknownRun, OSError):
                trouble = (await (await self._line.reach()).summary(self._session.run)).trouble
                if trouble != told:
                    told = trouble
                    self._told(trouble or "The run can be written down again, and goes on.")

    async def _feed_until_finished(self) -> None:
        tries = 0
        while True:
            before = self._session.last_seq
            try:
                await self._feed()
                self._tell_loss(False)
                return
            except (EngineLost, OSError) as error:
                tries = 0 if self._session.last_seq > before else tries + 1
                if tries > len(_PAUSES):
                    self._told(sentence(error))
                    return
                self._tell_loss(True)
                await asyncio.sleep(_PAUSES[max(tries - 1, 0)])
            except (NotTrusted, UnknownRun, EngineFailed) as error:
                self._told(sentence(error))
                return

    async def _feed(self) -> None:
        engine = await self._line.reach()
        events = cast("AsyncIterator[Recorded]", engine.subscribe(self._session.run, self._session.last_seq))
        async with aclosing(events) as stream:  # type: ignore[type-var]
            resting = time.perf_counter()
            async for recorded in stream:
                self._session.feed((recorded,))
                self._tell_loss(False)
                if time.perf_counter() - resting >= _SLICE:
                    await asyncio.sleep(_SLICE)
                    resting = time.perf_counter()
