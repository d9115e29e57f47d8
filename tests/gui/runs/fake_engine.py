"""FakeEngine: `host.api.Engine` over events given beforehand, which can be lost in the middle of a subscription."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from treadle.host.api import EngineLost, Preview, RunRefused, RunRequest, RunSummary, UnknownRun
from treadle.run.events import Recorded
from treadle.run.interventions import When
from treadle.spec.problems import Problem
from treadle.spec.values import Value

__all__ = ["FakeEngine", "summary"]


def summary(run: str, folder: str, state: str = "running", file: str | None = None) -> RunSummary:
    return RunSummary(run, "churn", file, state, 1_000.0, None, 2, {"running": 1}, folder)


class FakeEngine:
    """Gives `events` to every subscriber. `lose_after` loses the connection once, after that many."""

    def __init__(
        self, events: Sequence[Recorded], summaries: Sequence[RunSummary] = (), lose_after: int | None = None
    ) -> None:
        self.events = list(events)
        self.summaries = tuple(summaries)
        self.lose_after = lose_after
        self.subscriptions: list[int] = []
        self.cancelled: list[tuple[str, str | None]] = []
        self.requests: list[RunRequest] = []
        self.is_closed = False
        self.answers: list[tuple[str, str, bool, str]] = []
        self.asked: list[tuple[object, ...]] = []
        """What was asked of runs, in order."""
        self.refuses: Problem | None = None
        """Why no step can be made."""
        self.holds_up: asyncio.Event | None = None
        """Set before subscribing: no event comes until it is set."""

    async def start(self, request: RunRequest) -> str:
        self.requests.append(request)
        return "r1"

    async def resume(self, run: str) -> str:
        return run

    async def cancel(self, run: str, task: str | None = None) -> None:
        self.cancelled.append((run, task))

    async def answer(self, run: str, task: str, *, approved: bool, note: str = "", by: str = "user") -> None:
        self.answers.append((run, task, approved, note))

    async def pause(self, run: str, by: str = "user") -> None:
        self.asked.append(("pause", run))

    async def go_on(self, run: str, by: str = "user") -> None:
        self.asked.append(("go on", run))

    async def step(self, run: str, task: str | None = None, by: str = "user") -> None:
        self.asked.append(("step", run, task))
        if self.refuses is not None:
            raise RunRefused((self.refuses,))

    async def set_breakpoint(self, run: str, task: str, when: When, on: bool, by: str = "user") -> None:
        self.asked.append(("break", run, f"{when} {task}", on))

    async def change_params(self, run: str, task: str, values: Mapping[str, Value], by: str = "user") -> None:
        self.asked.append(("change", run, task, dict(values)))

    async def retry(self, run: str, task: str) -> str:
        self.asked.append(("retry", run, task))
        return run

    async def subscribe(self, run: str, since: int = 0) -> AsyncIterator[Recorded]:
        self.subscriptions.append(since)
        for given, recorded in enumerate(event for event in self.events if event.seq > since):
            if given == self.lose_after:
                self.lose_after = None
                raise EngineLost("the host went away")
            yield recorded
        await asyncio.sleep(0)
        if self.holds_up is not None:
            await self.holds_up.wait()

    async def runs(self, limit: int = 50) -> tuple[RunSummary, ...]:
        return self.summaries[:limit]

    async def summary(self, run: str) -> RunSummary:
        found = [each for each in self.summaries if each.run.startswith(run)]
        if not found:
            raise UnknownRun(run)
        return found[0]

    async def preview(self, digest: str, offset: int = 0, limit: int = 200) -> Preview:
        if digest == "gone":
            raise KeyError(digest)
        return Preview(digest, "Text", "text", "hello")

    async def trusted(self) -> bool:
        return True

    async def trust(self) -> None: ...

    async def close(self) -> None:
        self.is_closed = True
