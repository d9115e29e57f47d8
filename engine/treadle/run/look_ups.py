"""LookUps: a run's questions to the cache, and what is to be kept for the next run, beside the event loop.

    begin … begin ─► ask ─► a glance at all ─► tell       nothing has to be read: most tasks, answered at once
                                └─► the cache's thread ─► tell

Successes are kept in groups by that thread, which nobody waits for: one that a kill loses is a miss of the next run.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from treadle.run.cache import Asked, Inputs, LookUp, TaskCache
from treadle.run.cache_index import Result
from treadle.run.plan import PlanTask
from treadle.run.recipe import Recipe

__all__ = ["LookUps", "LookedUp"]

_KEEP_EVERY: Final = 0.1  # seconds


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What came of a task's look-up, or what went wrong with it: a fault of ours."""

    task: str
    answer: LookUp | BaseException


class LookUps:
    """For one run, on the event loop it goes on. `tell` is called on it."""

    def __init__(self, cache: TaskCache, tell: Callable[[LookedUp], None]) -> None:
        self._cache = cache
        self._tell = tell
        self._thread = ThreadPoolExecutor(1, "treadle-cache")
        self._begun: list[Asked] = []
        self._asked: dict[str, PlanTask] = {}
        self._recipes: dict[str, Recipe] = {}

    def begin(self, task: PlanTask, inputs: Inputs, anew: bool) -> None:
        """It is asked with the next `ask`."""
        self._begun.append(Asked(task, inputs, anew))

    def ask(self) -> None:
        """Asks about all that were begun; `tell` gets the answers."""
        begun, self._begun = self._begun, []
        seen = self._cache.glance(begun) if begun else {}
        for each in begun:
            self._asked[each.task.id] = each.task
            if each.task.id in seen:
                self._take(each.task, seen[each.task.id])
            else:
                self._ask_beside(each)

    def _ask_beside(self, asked: Asked) -> None:
        loop = asyncio.get_running_loop()
        asking = self._thread.submit(self._cache.look_up, *asked)
        asking.add_done_callback(lambda done: _called(loop, lambda: self._take(asked.task, _answer_of(done))))

    def forget(self, task: str) -> None:
        """What was asked about `task` tells of values that it no longer has."""
        self._asked.pop(task, None)
        self._recipes.pop(task, None)

    def keep(self, task: PlanTask, result: Result) -> None:
        """`task` has succeeded on what it was looked up by."""
        recipe = self._recipes.pop(task.id, None)
        if recipe is not None:
            self._cache.keep(task, recipe, result)

    async def keep_flushed(self) -> None:
        """Gets the thread ready, and has it write what is to be kept until it is cancelled."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._cache.prepare)
        while True:
            await asyncio.sleep(_KEEP_EVERY)
            await loop.run_in_executor(self._thread, self._cache.flush)

    async def close(self, *, unasked: bool) -> None:
        """Writes what is to be kept; with `unasked` nobody waits for the look-ups any more."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=unasked)
        with contextlib.suppress(OSError):  # a full disk: the next run reads and makes again
            await asyncio.to_thread(self._cache.close)

    def _take(self, task: PlanTask, answer: LookUp | BaseException) -> None:
        if self._asked.get(task.id) is not task:
            return
        if isinstance(answer, LookUp) and answer.recipe is not None:
            self._recipes[task.id] = answer.recipe
        self._tell(LookedUp(task.id, answer))


def _answer_of(done: Future[LookUp]) -> LookUp | BaseException:
    return done.exception() or done.result()


def _called(loop: asyncio.AbstractEventLoop, back: Callable[[], None]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended, and with it the run
        loop.call_soon_threadsafe(back)
