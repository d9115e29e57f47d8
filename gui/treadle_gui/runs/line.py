"""Line: the way to the engine of one project, reached when it is first needed and held until it is let go of.

A restricted project has no engine, and none is looked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from treadle.host.api import Engine, NotTrusted
from treadle.host.trust import is_trusted, restrict, trust
from treadle.store.project import Project

__all__ = ["Connect", "Line"]

Connect = Callable[[Project], Awaitable[Engine]]
"""Reaches a project's engine, starting one where none serves."""


class Line:
    """`reach` gives the engine, connecting once however many ask at the same time."""

    def __init__(self, project: Project, connect: Connect) -> None:
        self.project = project
        self._connect = connect
        self._engine: Engine | None = None
        self._connecting = asyncio.Lock()

    @property
    def is_trusted(self) -> bool:
        """Whether a person lets this project's code run."""
        return is_trusted(self.project)

    def trust(self) -> None:
        """Remembers that a person trusts the project's folder. Raises OSError where that can't be written."""
        trust(self.project)

    def restrict(self) -> None:
        """Forgets it; what runs goes on. Raises OSError where that can't be written."""
        restrict(self.project)

    async def reach(self) -> Engine:
        """Raises NotTrusted, EngineLost, OSError."""
        # The engine asks, too; but a restricted project's folder shall not even say where one would be.
        if not self.is_trusted:
            raise NotTrusted(f"{self.project.root} is restricted")
        async with self._connecting:
            if self._engine is None:
                self._engine = await self._connect(self.project)
            return self._engine

    async def let_go(self) -> None:
        """The engine goes on with what it runs."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()
