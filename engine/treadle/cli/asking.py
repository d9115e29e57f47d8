"""Asking the project's engine one thing from a verb, and waiting until what was asked is so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from treadle.host.facade import LocalEngine
from treadle.store.project import Project

__all__ = ["until", "with_engine"]

_T = TypeVar("_T")
_POLL: Final = 0.05  # seconds


def with_engine(project: Project, ask: Callable[[LocalEngine], Awaitable[_T]]) -> _T:
    """What `ask` gets from the project's engine, opened in this process for the one question."""

    async def answer() -> _T:
        engine = LocalEngine(project)
        try:
            return await ask(engine)
        finally:
            await engine.close()

    return asyncio.run(answer())


async def until(look: Callable[[], Awaitable[_T]], holds: Callable[[_T], bool], patience: float) -> _T:
    """What `look` gives once it `holds`, or when `patience` (seconds) is over."""
    deadline = time.monotonic() + patience
    while True:
        found = await look()
        if holds(found) or time.monotonic() > deadline:
            return found
        await asyncio.sleep(_POLL)
