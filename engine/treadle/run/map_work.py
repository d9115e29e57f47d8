"""MapWork: what maps read and write, in other threads: their items at the beginning, their lists at the end.

Each piece of work comes back as one piece of news, put where the run loop takes all its messages from.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from treadle.execute.protocol import Crashed, Failed, Outcome, Succeeded
from treadle.run.cache import Inputs
from treadle.run.expansion import expand
from treadle.run.gathering import lists_of, mishap_of
from treadle.run.items import ItemStore, NoItems
from treadle.run.plan import PlanTask
from treadle.run.task_state import TaskState
from treadle.store.blobs import StoreFull
from treadle.store.references import ArtifactRef

__all__ = ["Ended", "Found", "MapNews", "MapWork"]

_AT_A_STRETCH: Final = 32
"""Tasks of items made before others get the interpreter."""
_LOOK_AGAIN: Final = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Found:
    """The items of a mapped task, and the tasks that it becomes."""

    task: str
    items: int
    source: ArtifactRef
    body: tuple[PlanTask, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """What a mapped task has come to."""

    task: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class MapNews:
    """Work that is done; taking its result raises what it raised."""

    result: asyncio.Future[Found | Ended]


def _leaving_others_time(tasks: Iterable[PlanTask]) -> Iterator[PlanTask]:
    """Lets go of the interpreter now and then: without that each turn of the event loop begins up to 5 ms late."""
    for number, task in enumerate(tasks):
        if not number % _AT_A_STRETCH:
            time.sleep(0)
        yield task


class MapWork:
    """For the event loop that it is asked on; `put` is called there."""

    def __init__(self, store: ItemStore, put: Callable[[MapNews], None]) -> None:
        self._store = store
        self._put = put
        self._running: set[asyncio.Task[Found | Ended]] = set()

    def expand(self, task: PlanTask, inputs: Inputs) -> None:
        self._begin(lambda: self._find(task, inputs))

    def gather(self, task: PlanTask, items: int, tasks: Mapping[str, TaskState]) -> None:
        """`tasks` may go on changing meanwhile, but for those of the map, which have ended."""
        self._begin(lambda: self._sum_up(task, items, tasks))

    def _begin(self, work: Callable[[], Found | Ended]) -> None:
        running = asyncio.create_task(_with_room(work))
        self._running.add(running)
        running.add_done_callback(self._tell)

    def _tell(self, done: asyncio.Task[Found | Ended]) -> None:
        self._running.discard(done)
        self._put(MapNews(done))

    def _find(self, task: PlanTask, inputs: Inputs) -> Found | Ended:
        try:
            source, items = self._store.find(task, inputs)
        except NoItems as error:
            return Ended(task.id, Failed("NoItems", str(error)))
        return Found(task.id, len(items), source, tuple(_leaving_others_time(expand(task, items))))

    def _sum_up(self, task: PlanTask, items: int, tasks: Mapping[str, TaskState]) -> Ended:
        mishap = mishap_of(task, items, tasks)
        if mishap is not None:
            return Ended(task.id, mishap)
        types = {output.name: output.type for output in task.outputs}
        try:
            lists = {
                port: self._store.put_list(types[port], refs) for port, refs in lists_of(task, items, tasks).items()
            }
        except StoreFull:
            raise
        except OSError as error:
            return Ended(task.id, Crashed(f"the list of what its items gave can't be written: {error.strerror}"))
        return Ended(task.id, Succeeded(lists))


async def _with_room(work: Callable[[], Found | Ended]) -> Found | Ended:
    """What `work` gives, done in another thread; where the disk is full, as soon as it is not."""
    while True:
        try:
            return await asyncio.get_running_loop().run_in_executor(None, work)
        except StoreFull:
            await asyncio.sleep(_LOOK_AGAIN)
