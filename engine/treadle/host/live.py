"""A run that this process holds: its loop at work, its subscribers, and the requests that other processes leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, Protocol

from treadle.execute.protocol import ExecutorUnavailable
from treadle.host.following import Tail
from treadle.host.holding import Hold
from treadle.host.requesting import Requests
from treadle.run.events import Recorded
from treadle.run.interventions import Intervention
from treadle.store.journal import JournalUnwritable

__all__ = ["Advancing", "LiveRun"]

_LOOK_EVERY: Final = 0.2  # seconds
_log = logging.getLogger(__name__)


class Advancing(Protocol):
    """What goes on with a run: a `RunLoop`."""

    @property
    def trouble(self) -> str: ...

    def run(self) -> Coroutine[Any, Any, object]: ...

    def ask(self, wish: Intervention) -> None: ...


class LiveRun:
    """Made with the run held; lets go of it when its loop has ended, however it ended."""

    def __init__(self, folder: Path, held: Hold) -> None:
        self.folder = folder
        self._held = held
        self._tails: set[Tail] = set()
        self._loop: Advancing | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """Why the run stands still, for a person; empty while it doesn't."""
        return self._loop.trouble if self._loop is not None else ""

    def publish(self, recorded: Recorded) -> None:
        """What the loop calls with each event, once it stands in the journal."""
        for tail in self._tails:
            tail.offer(recorded)

    def begin(self, loop: Advancing, ended: Callable[[], None]) -> None:
        """Sets the loop going. `ended` is called when it is over, before the subscribers are told."""
        self._loop = loop
        self._task = asyncio.create_task(self._see_through(loop, ended), name=f"run {self.folder.name}")

    def release(self) -> None:
        """Lets go of a run that was never begun."""
        self._held.release()

    def listen(self) -> Tail:
        """What is told from now on; give it back with `forget`."""
        tail = Tail()
        self._tails.add(tail)
        return tail

    def forget(self, tail: Tail) -> None:
        self._tails.discard(tail)

    def ask(self, wish: Intervention) -> None:
        if self._loop is not None:
            self._loop.ask(wish)

    async def end_now(self) -> None:
        """Stops going on with the run, which is left as it stands."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _see_through(self, loop: Advancing, ended: Callable[[], None]) -> None:
        watching = asyncio.create_task(self._watch(loop))
        try:
            await loop.run()
        except (ExecutorUnavailable, JournalUnwritable) as error:
            _log.error("run %s was left as it stood: %s", self.folder.name, error)
        except Exception:  # noqa: BLE001 (a boundary: the other runs go on)
            _log.exception("run %s was left as it stood", self.folder.name)
        finally:
            watching.cancel()
            self._held.release()
            ended()
            for tail in self._tails:
                tail.close()

    async def _watch(self, loop: Advancing) -> None:
        requests = Requests(self.folder)
        while True:
            for wish in requests.fresh():
                loop.ask(wish)
            await asyncio.sleep(_LOOK_EVERY)
