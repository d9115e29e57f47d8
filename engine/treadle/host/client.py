"""A project's engine, reached over its socket: the same `Engine` as the facade, with the host at the other end.

A start or a resume that was on its way when the host died raises EngineLost, since nobody knows whether it took
effect; any other call is asked again. A subscription knows where it stopped, so it goes on with the next host: the
run's end is never missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Final

import treadle
from treadle.host.api import Collected, Engine, EngineLost, Preview, Rules, RunRequest, RunSummary, Why
from treadle.host.connection import Connection
from treadle.host.launch import ensure_host
from treadle.host.messages import decode_collected, decode_preview, decode_summary, decode_why, encode
from treadle.host.transport import dial
from treadle.host.wire import MAX_LINE, PROTOCOL, BadFrame, receive
from treadle.run.event_codec import decode as decode_event
from treadle.run.events import Recorded
from treadle.run.interventions import When
from treadle.spec.values import Value
from treadle.store.project import Project

__all__ = ["RemoteEngine", "connect"]

_RECONNECTIONS: Final = 3
"""Hosts in a row that may be lost before a subscription that sees nothing new gives up."""
_GREETINGS: Final = 10
_ENDING: Final = 0.05  # seconds between two of them


async def connect(project: Project, start: bool = True) -> Engine:
    """The project's engine; a host is started where none serves and `start` is set. Raises EngineLost."""
    engine = RemoteEngine(project, start)
    await engine.reach()
    return engine


class RemoteEngine:
    """`Engine` over the wire. Connects when needed, and again after a loss."""

    def __init__(self, project: Project, start: bool = True) -> None:
        self._project = project
        self._start = start
        self._connection: Connection | None = None
        self._connecting = asyncio.Lock()
        self._closed = False

    async def reach(self) -> Connection:
        """The open connection, made where there is none. Raises EngineLost."""
        async with self._connecting:
            if self._closed:
                raise EngineLost("this client was closed")
            if self._connection is None or self._connection.lost:
                self._connection = await _open(self._project, self._start)
            return self._connection

    async def start(self, request: RunRequest) -> str:
        connection = await self.reach()
        return str(await connection.ask("start", **encode(request)))

    async def resume(self, run: str) -> str:
        connection = await self.reach()
        return str(await connection.ask("resume", run=run))

    async def retry(self, run: str, task: str) -> str:
        connection = await self.reach()
        return str(await connection.ask("retry", run=run, task=task))

    async def cancel(self, run: str, task: str | None = None) -> None:
        await self._ask("cancel", run=run, task=task)

    async def answer(self, run: str, task: str, *, approved: bool, note: str = "", by: str = "user") -> None:
        connection = await self.reach()
        await connection.ask("answer", run=run, task=task, approved=approved, note=note, by=by)

    async def pause(self, run: str, by: str = "user") -> None:
        await self._ask("pause", run=run, by=by)

    async def go_on(self, run: str, by: str = "user") -> None:
        connection = await self.reach()
        await connection.ask("go_on", run=run, by=by)

    async def step(self, run: str, task: str | None = None, by: str = "user") -> None:
        connection = await self.reach()
        await connection.ask("step", run=run, task=task, by=by)

    async def set_breakpoint(self, run: str, task: str, when: When, on: bool, by: str = "user") -> None:
        await self._ask("set_breakpoint", run=run, task=task, when=when.value, on=on, by=by)

    async def change_params(self, run: str, task: str, values: Mapping[str, Value], by: str = "user") -> None:
        await self._ask("change_params", run=run, task=task, values=dict(values), by=by)

    async def subscribe(self, run: str, since: int = 0) -> AsyncIterator[Recorded]:
        losses = 0
        while True:
            try:
                connection = await self.reach()
                async with aclosing(connection.stream("subscribe", run=run, since=since)) as batches:
                    async for events in batches:
                        for recorded in map(decode_event, events):
                            since, losses = recorded.seq, 0
                            yield recorded
                return
            except EngineLost:
                losses += 1
                if losses > _RECONNECTIONS or self._closed:
                    raise

    async def runs(self, limit: int = 50) -> tuple[RunSummary, ...]:
        return tuple(decode_summary(summary) for summary in await self._ask("runs", limit=limit))

    async def summary(self, run: str) -> RunSummary:
        return decode_summary(await self._ask("summary", run=run))

    async def why(self, run: str, task: str) -> Why:
        return decode_why(await self._ask("why", run=run, task=task))

    async def collect(self, rules: Rules, dry_run: bool = False) -> Collected:
        return decode_collected(await self._ask("collect", rules=encode(rules), dry_run=dry_run))

    async def preview(self, digest: str, offset: int = 0, limit: int = 200) -> Preview:
        return decode_preview(await self._ask("preview", digest=digest, offset=offset, limit=limit))

    async def trusted(self) -> bool:
        return bool(await self._ask("trusted"))

    async def trust(self) -> None:
        await self._ask("trust")

    async def close(self) -> None:
        """Lets go of the host, which goes on with what it runs."""
        self._closed = True
        if self._connection is not None:
            await self._connection.close()

    async def _ask(self, method: str, **arguments: Any) -> Any:
        """What asking twice does not change. Raises EngineLost where the second host is lost too."""
        connection = await self.reach()
        try:
            return await connection.ask(method, **arguments)
        except EngineLost:
            connection = await self.reach()
            return await connection.ask(method, **arguments)


async def _open(project: Project, start: bool) -> Connection:
    """A host that is just ending may still take a connection, and closes it without a word: then it is tried again."""
    for _ in range(_GREETINGS):
        reader, writer = await _dial(project, start)
        try:
            hello = await receive(reader)
            if hello is not None:
                _check(hello)
                return Connection(reader, writer)
        except (BadFrame, EngineLost) as error:
            writer.close()
            raise EngineLost(str(error)) from None
        writer.close()
        await asyncio.sleep(_ENDING)
    raise EngineLost("the engine closed the connection at once; its log is .treadle/host.log")


async def _dial(project: Project, start: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    streams = await dial(project, MAX_LINE)
    if streams is None and start:
        await ensure_host(project)
        streams = await dial(project, MAX_LINE)
    if streams is None:
        raise EngineLost(f"no engine serves {project.root}")
    return streams


def _check(hello: dict[str, Any]) -> None:
    if hello.get("treadle") != PROTOCOL:
        raise EngineLost(
            f"the running engine is Treadle {hello.get('version')} (process {hello.get('pid')}), this is "
            f"{treadle.__version__}, and they don't understand each other: let its runs end, or end that process"
        )
