"""Deferrals: what the engine itself waits for, sensors and approvals, as a run's loop has it.

    begin ─► look ─ not yet ─► sleep ─► look … ─► AttemptFinished
    begin ─► answer                            ─► AttemptFinished

They hold no process and no room. Looks are taken in a few threads. A node's own `timeout:` counts from when its turn
first came, whatever engines have gone since (from now, where the clock was set back in between), and nothing is timed
out that was not looked for once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from treadle.execute.protocol import AttemptFinished, AttemptId, Cancelled, Failed, Outcome, Succeeded, TimedOut
from treadle.run.cache import Inputs
from treadle.run.clock import Clock
from treadle.run.events import ApprovalAnswered, SensorPoked
from treadle.run.plan import PlanTask
from treadle.run.sensors import Found, Hopeless, Look, look_for, waited_for
from treadle.run.state import TaskState
from treadle.spec.flow import Kind
from treadle.spec.values import Value
from treadle.store import codecs
from treadle.store.artifacts import from_fields, to_fields
from treadle.store.blobs import BlobWriter, StoreFull
from treadle.store.project import Project
from treadle.store.references import ArtifactRef

__all__ = ["Deferrals", "Put", "first_words"]

Put = Callable[[AttemptFinished | SensorPoked], None]

_T = TypeVar("_T")

_THREADS: Final = 4
_LAST_LOOK: Final = 2.0  # seconds
_LONGEST: Final = 3600.0  # seconds
_ROOM_EVERY: Final = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A task that is waited for. `until` in epoch seconds."""

    task: PlanTask
    attempt: AttemptId
    inputs: Inputs
    since: float
    until: float | None


def first_words(task: PlanTask) -> str:
    """What the task waits for, for a person, before anything was looked at."""
    if task.kind is Kind.APPROVAL:
        question = task.params.get("question")
        return f"waiting for approval: {question}" if question else "waiting for approval"
    return waited_for(task.uses, task.params)


class Deferrals:
    """For the event loop of the run; every `begin` is answered with one AttemptFinished, but after `close`."""

    def __init__(self, project: Project, clock: Clock, put: Put) -> None:
        self._project = project
        self._clock = clock
        self._put = put
        self._threads = ThreadPoolExecutor(_THREADS, "treadle-sensor")
        self._waiting: dict[AttemptId, tuple[_Waiting, asyncio.Task[None]]] = {}

    def begin(self, task: PlanTask, attempt: AttemptId, inputs: Inputs, state: TaskState) -> None:
        """Waits for `task`, whose state says since when, and what a person has answered already."""
        now = self._clock.now()
        since = now if state.deferred_since is None else min(now, state.deferred_since)
        waiting = _Waiting(task, attempt, inputs, since, None if task.timeout is None else since + task.timeout)
        work = self._ask(waiting) if task.kind is Kind.APPROVAL else self._sense(waiting)
        self._waiting[attempt] = (waiting, asyncio.create_task(work, name=f"wait for {task.id}"))
        if state.answer is not None:
            self.answer(attempt, state.answer)

    def answer(self, attempt: AttemptId, answer: ApprovalAnswered) -> None:
        """A person decided; harmless where nobody is asked any more."""
        found = self._waiting.get(attempt)
        if found is not None and found[0].task.kind is Kind.APPROVAL:
            found[1].cancel()
            waiting = found[0]
            work = self._finish(waiting, partial(self._answered, waiting, answer))
            self._waiting[attempt] = (waiting, asyncio.create_task(work, name=f"answer of {waiting.task.id}"))

    def cancel(self, attempt: AttemptId, by: str) -> bool:
        """Stops waiting; False where it was not waited for."""
        found = self._waiting.pop(attempt, None)
        if found is None:
            return False
        found[1].cancel()
        self._put(AttemptFinished(attempt, Cancelled(by)))
        return True

    async def close(self) -> None:
        """Stops waiting for everything; a look that hangs is left behind."""
        tasks = [task for _, task in self._waiting.values()]
        self._waiting.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, waiting: _Waiting) -> None:
        if waiting.until is not None:
            await asyncio.sleep(max(0.0, waiting.until - self._clock.now()))
            self._end(waiting, _timed_out(waiting))

    async def _sense(self, waiting: _Waiting) -> None:
        message = ""
        look: Look | None = None
        while True:
            try:
                async with asyncio.timeout(self._patience(waiting)):
                    if look is None:
                        look = await self._in_thread(partial(self._look, waiting))
                    found = await self._in_thread(partial(look, self._clock.now()))
            except TimeoutError:
                return self._end(waiting, _timed_out(waiting))
            except Hopeless as error:
                return self._end(waiting, Failed("SensorError", str(error)))
            except Exception as error:  # noqa: BLE001 (a boundary: one sensor's trouble is that node's failure)
                return self._end(waiting, Failed(type(error).__name__, str(error)))
            if isinstance(found, Found):
                return await self._finish(waiting, partial(self._outputs, waiting, found.outputs))
            if waiting.until is not None and self._clock.now() >= waiting.until:
                return self._end(waiting, _timed_out(waiting))
            if found.message != message:
                message = found.message
                self._put(SensorPoked(waiting.attempt.task, waiting.attempt.number, message))
            await asyncio.sleep(self._pause(waiting, found.again))

    def _pause(self, waiting: _Waiting, again: float) -> float:
        left = _LONGEST if waiting.until is None else waiting.until - self._clock.now()
        return max(0.01, min(again, left, _LONGEST))

    def _patience(self, waiting: _Waiting) -> float | None:
        return None if waiting.until is None else max(_LAST_LOOK, waiting.until - self._clock.now())

    def _look(self, waiting: _Waiting) -> Look:
        given = {port: self._value(refs) for port, refs in waiting.inputs.items()}
        return look_for(waiting.task.uses, {**waiting.task.params, **given}, self._project, waiting.since)

    def _value(self, refs: tuple[ArtifactRef, ...]) -> Value:
        """What an edge gives to a parameter. Raises Hopeless."""
        if len(refs) != 1 or refs[0].codec not in ("json", "text"):
            raise Hopeless("a sensor reads plain values only: connect a text or a number")
        value: Value = codecs.load(to_fields(refs[0]), "", str(self._project.artifacts), "", "")
        return value

    def _answered(self, waiting: _Waiting, answer: ApprovalAnswered) -> Outcome:
        if answer.approved:
            outputs = self._outputs(waiting, {"note": answer.note}).outputs
            data = waiting.inputs.get("data")
            return Succeeded({**outputs, "data": data[0]} if data else outputs)
        if waiting.task.params.get("on_reject") == "skip":
            return Succeeded({})
        return Failed("Rejected", f"rejected by {answer.by}{': ' if answer.note else ''}{answer.note}")

    def _outputs(self, waiting: _Waiting, values: Mapping[str, Value]) -> Succeeded:
        store = BlobWriter(str(self._project.artifacts))
        types = {output.name: output.type for output in waiting.task.outputs}
        made = {port: codecs.dump(_typed(value, types[port]), types[port], store) for port, value in values.items()}
        return Succeeded({port: from_fields(fields) for port, fields in made.items()})

    async def _finish(self, waiting: _Waiting, make: Callable[[], Outcome]) -> None:
        """Ends with what `make`, which writes artifacts, gives."""
        try:
            outcome = await self._made(waiting, make)
        except Exception as error:  # noqa: BLE001 (a boundary: a full disk, or a value that is not what its port says)
            outcome = Failed(type(error).__name__, f"what was found can't be kept: {error}")
        self._end(waiting, outcome)

    async def _made(self, waiting: _Waiting, make: Callable[[], Outcome]) -> Outcome:
        """As soon as the disk has room for it: nobody is asked twice because it was full."""
        while True:
            try:
                return await self._in_thread(make)
            except StoreFull as error:
                self._put(SensorPoked(waiting.attempt.task, waiting.attempt.number, str(error)))
                await asyncio.sleep(_ROOM_EVERY)

    def _end(self, waiting: _Waiting, outcome: Outcome) -> None:
        if self._waiting.pop(waiting.attempt, None) is not None:
            self._put(AttemptFinished(waiting.attempt, outcome))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _timed_out(waiting: _Waiting) -> Outcome:
    return TimedOut(waiting.task.timeout or 0.0)


def _typed(value: Value, type_name: str) -> object:
    return datetime.fromisoformat(str(value)) if type_name == "datetime" else value
