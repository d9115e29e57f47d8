"""Reasons: asks the engine why a task of a run ran, and puts the answer into words."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final

from PySide6.QtCore import QObject, Signal

from treadle.host.api import EngineFailed, EngineLost, NotTrusted, UnknownRun, UnknownTask, Why
from treadle.run.why import Change, InputChange, Origin
from treadle.spec.values import Value

__all__ = ["AskWhy", "Reasons", "why_text"]

AskWhy = Callable[[str, str], Awaitable[Why]]
"""Run, task → what made it run; `RunBridge.why` is one."""
_SHORT: Final = 12


class Reasons(QObject):
    """`came(Why)` answers `ask`. An engine that can't tell leaves the question open: the run's own words remain."""

    came = Signal(object)

    def __init__(self, why: AskWhy, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._why = why
        self._asked: dict[tuple[str, str], asyncio.Task[None]] = {}

    def ask(self, run: str, task: str) -> None:
        """Asks, unless the same was asked and not answered yet. Needs a running loop."""
        if (run, task) not in self._asked:
            self._asked[run, task] = asyncio.get_running_loop().create_task(self._fetch(run, task), name=f"why {task}")

    async def _fetch(self, run: str, task: str) -> None:
        try:
            self.came.emit(await self._why(run, task))
        except (NotTrusted, UnknownRun, UnknownTask, EngineLost, EngineFailed, OSError):
            return
        finally:
            self._asked.pop((run, task), None)


def why_text(why: Why) -> str:
    """What changed since its last success, a line each, then the code's diff; empty where nothing was compared."""
    if not why.compared:
        return ""
    return "\n".join([f"Compared with run {why.before or 'unknown'}", *_lines(why)])


def _lines(why: Why) -> Iterator[str]:
    for title, changes in (("parameter", why.parameters), ("file", why.files), ("environment", why.environment)):
        yield from _changes(title, changes)
    yield from _inputs(why.inputs)
    if why.code is not None:
        moved = "" if why.code.before == why.code.now else f" ({why.code.before} before, {why.code.now} now)"
        yield f"code changed{moved}"
        yield why.code.diff or "its earlier text is no longer kept"
    for pipeline in why.pipelines:
        yield f"pipeline {pipeline.now} changed"
        yield pipeline.diff


def _changes(title: str, changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        was = _shown(change.before) if change.was_there else "not there"
        now = _shown(change.now) if change.is_there else "not there"
        yield f"{title} {change.name}: {was} → {now}"


def _inputs(inputs: Iterable[InputChange]) -> Iterator[str]:
    for fed in inputs:
        if fed.changed:
            yield f"input {fed.port}: {_origins(fed.before)} → {_origins(fed.now)}"


def _origins(origins: tuple[Origin, ...]) -> str:
    return ", ".join(f"{origin.digest[:_SHORT]} from {origin.task or 'unknown'}" for origin in origins) or "nothing"


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else json.dumps(value)
