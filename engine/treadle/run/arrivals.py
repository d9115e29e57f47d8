"""Arrivals: what comes in to a run, as the events that it tells.

Only what can still be true is noted: an answer for a task that has gone on meanwhile, or a word about an attempt that
is not open, means nothing.
"""

from __future__ import annotations

from treadle.execute.protocol import AttemptId, AttemptMessage, Succeeded
from treadle.run.attempts import OpenAttempts
from treadle.run.cache_index import Hit, Result
from treadle.run.events import (
    AttemptEnded,
    CacheMissed,
    MachineSampled,
    MapEnded,
    SensorPoked,
    TaskCached,
    TaskExpanded,
)
from treadle.run.expansion import body_ids
from treadle.run.look_ups import LookedUp, LookUps
from treadle.run.map_work import Ended, Found, MapNews
from treadle.run.recorder import Recorder
from treadle.run.roster import Roster
from treadle.run.state import TaskStatus

__all__ = ["Arrivals", "Inward"]

Inward = AttemptMessage | LookedUp | MapNews | MachineSampled | SensorPoked


class Arrivals:
    """Notes what comes in. A mapped task's items join the roster, and a success goes to the cache, as it is noted."""

    def __init__(self, roster: Roster, recorder: Recorder, open_: OpenAttempts, look_ups: LookUps) -> None:
        self._roster = roster
        self._recorder = recorder
        self._open = open_
        self._look_ups = look_ups

    def take(self, message: Inward) -> None:
        """Notes what `message` tells, where anything here still waits for it. Raises what a look-up or a map raised."""
        match message:
            case LookedUp():
                self._take_look_up(message)
            case MapNews(result=result):
                self._take_map_news(result.result())
            case MachineSampled():
                self._recorder.note(message)
            case SensorPoked(task=task, number=number):
                if self._open.has(AttemptId(self._roster.plan.run, task, number)):
                    self._recorder.note(message)
            case _:
                event = self._open.event_of(message)
                if event is not None:
                    self._recorder.note(event)
                if isinstance(event, AttemptEnded):
                    kept = self._open.take_kept(message.attempt)
                    if isinstance(event.outcome, Succeeded):
                        self._look_ups.keep(self._roster.tasks[event.task], Result(event.outcome.outputs, kept))

    def _take_look_up(self, looked_up: LookedUp) -> None:
        answer, task = looked_up.answer, looked_up.task
        if isinstance(answer, BaseException):
            raise answer
        if self._recorder.state.tasks[task].status is not TaskStatus.PENDING:
            return
        match answer.found:
            case Hit(result=result, run=run):
                self._recorder.note(TaskCached(task, answer.key, result.outputs, run, result.kept))
            case miss:
                self._recorder.note(CacheMissed(task, answer.key, miss.reason))

    def _take_map_news(self, news: Found | Ended) -> None:
        status = self._recorder.state.tasks[news.task].status
        if isinstance(news, Found) and status is TaskStatus.PENDING:
            self._roster.admit(news.task, news.body)
            body = body_ids(self._roster.tasks[news.task])
            self._recorder.note(TaskExpanded(news.task, news.items, news.source, body))
        elif isinstance(news, Ended) and not status.is_done:
            self._recorder.note(MapEnded(news.task, news.outcome))
