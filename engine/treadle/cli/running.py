"""`treadle run`, `resume` and `retry`: a run held by this very process, told as it goes, cancelled by Ctrl-C.

The first SIGINT, SIGTERM or SIGHUP cancels the run as the app's Stop does; the second ends everything at once,
which leaves the run interrupted; a third leaves without a word.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadle.cli.afterwards import warnings_of
from treadle.cli.narrators import Lines, Narrator, Ndjson
from treadle.cli.parameters import given_values
from treadle.cli.terminal import Exit, Terminal, seconds
from treadle.cli.texts import text_of
from treadle.execute.local import LocalExecutor
from treadle.execute.server_start import StartedServer
from treadle.host.api import RunRefused, RunRequest
from treadle.host.facade import LocalEngine
from treadle.host.garbage import collect_mostly_the_young
from treadle.host.messages import encode
from treadle.host.trust import consented
from treadle.run.events import Recorded
from treadle.run.interventions import Breakpoint, When
from treadle.run.selecting import Selection
from treadle.run.state import RunState, RunStatus
from treadle.spec.problems import Problem, has_errors
from treadle.store.logs import plain
from treadle.store.project import Project, find_project

__all__ = ["Ways", "resume_run", "retry_node", "run_file"]

Begin = Callable[[LocalEngine], Awaitable[tuple[str, int]]]
"""Sets a run going; returns its id, and the number of the last event from before."""

_TELL_EVERY: Final = 0.02  # seconds
_LOOK_EVERY: Final = 0.25  # seconds
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a pipeline is to run, as it was written: `breakpoints` are `node`, `node:before` or `node:after`."""

    selection: Selection
    use_cache: bool = True
    parallel: int | None = None
    breakpoints: tuple[str, ...] = ()
    paused: bool = False


def run_file(
    terminal: Terminal,
    file: Path,
    assignments: list[str],
    ways: Ways,
    *,
    as_json: bool,
    early: StartedServer | None = None,
) -> Exit:
    """Runs a pipeline file, or a part of it, to its end. Problems go to stderr, with `as_json` to stdout as well.

    `early` is a fork server to use; the caller drops it where it was not needed.
    """
    params, problems = given_values(assignments)
    if has_errors(problems):
        return _refuse(terminal, problems, as_json)
    text = text_of(file)
    request = RunRequest(
        text,
        os.path.realpath(file),
        params,
        ways.selection.to,
        ways.use_cache,
        by="cli",
        start_from=ways.selection.start_from,
        only=ways.selection.only,
        failed=ways.selection.failed,
        environment=dict(os.environ),
        parallel=ways.parallel,
        breakpoints=tuple(map(_breakpoint, ways.breakpoints)),
        paused=ways.paused,
    )

    async def start(engine: LocalEngine) -> tuple[str, int]:
        return await engine.start(request), 0

    done = _conduct(terminal, find_project(file), start, as_json, early)
    if done is not Exit.INVALID:  # else all that is wrong was told
        terminal.problems(warnings_of(text, file))
    return done


def _breakpoint(written: str) -> Breakpoint:
    node, _, when = written.rpartition(":")
    return Breakpoint(node, When(when)) if node and when in list(When) else Breakpoint(written)


def resume_run(terminal: Terminal, project: Project, run: str, *, as_json: bool) -> Exit:
    """Goes on with a run to its end, telling what happens from now on."""

    async def resume(engine: LocalEngine) -> tuple[str, int]:
        before = await engine.state(run)
        return await engine.resume(before.run or run), before.seq

    return _conduct(terminal, project, resume, as_json)


def retry_node(terminal: Terminal, project: Project, run: str, node: str, *, as_json: bool) -> Exit:
    """Tries a node of a finished run again, then what waits for it, telling what happens from now on."""

    async def retry(engine: LocalEngine) -> tuple[str, int]:
        before = await engine.state(run)
        return await engine.retry(before.run or run, node), before.seq

    return _conduct(terminal, project, retry, as_json)


def _conduct(
    terminal: Terminal, project: Project, begin: Begin, as_json: bool, early: StartedServer | None = None
) -> Exit:
    collect_mostly_the_young()
    try:
        state = asyncio.run(_run(terminal, project, begin, _narrator(terminal, as_json), early))
    except RunRefused as refused:
        return _refuse(terminal, list(refused.problems), as_json)
    except asyncio.CancelledError:
        terminal.warn(
            "ended at once; what had begun is left interrupted, and `treadle resume` goes on with it", "yellow"
        )
        return Exit.CANCELLED
    return _report(terminal, project, state, as_json)


def _narrator(terminal: Terminal, as_json: bool) -> Narrator:
    """NDJSON where asked for, bars where a person looks, else lines."""
    if as_json:
        return Ndjson(terminal)
    if not terminal.out.is_terminal:
        return Lines(terminal)
    from treadle.cli.bars import Bars  # not before: what draws them takes a while to import

    return Bars(terminal)


async def _run(
    terminal: Terminal, project: Project, begin: Begin, narrator: Narrator, early: StartedServer | None
) -> RunState:
    engine = LocalEngine(project, LocalExecutor(project.artifacts, project.state, early=early), consented)
    interrupts = _Interrupts(engine)
    interrupts.listen()
    try:
        run, told = await begin(engine)
        interrupts.run = run
        state = RunState()
        with narrator, _telling_trouble(terminal, engine, run):
            async for batch in engine.follow(run):
                _tell(narrator, batch, state, told)
                if not state.status.is_done:
                    await asyncio.sleep(_TELL_EVERY)  # nobody reads faster, and the run goes first
        return state
    finally:
        await engine.close()


def _tell(narrator: Narrator, batch: Iterable[Recorded], state: RunState, told: int) -> None:
    """Those after the event `told`, each with the state that it made."""
    for recorded in batch:
        state.advance(recorded)
        if recorded.seq > told:
            narrator.tell(recorded, state)
    narrator.pause()


@contextmanager
def _telling_trouble(terminal: Terminal, engine: LocalEngine, run: str) -> Iterator[None]:
    """Says on stderr why the run stands still, and when it goes on: no event can tell of a full disk."""

    async def keep_looking() -> None:
        told = ""
        while True:
            if (trouble := engine.trouble(run)) != told:
                told = trouble
                terminal.warn(trouble or "the journal can be written again: the run goes on", "yellow")
            await asyncio.sleep(_LOOK_EVERY)

    looking = asyncio.ensure_future(keep_looking())
    try:
        yield
    finally:
        looking.cancel()


class _Interrupts:
    """What the signals of this process mean to its run."""

    def __init__(self, engine: LocalEngine) -> None:
        self.run: str | None = None
        self._engine = engine
        self._count = 0
        self._task = asyncio.current_task()
        self._cancelling: asyncio.Task[None] | None = None

    def listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self._signalled)

    def _signalled(self) -> None:
        self._count += 1
        if self._count == 1 and self.run is not None:
            self._cancelling = asyncio.ensure_future(self._engine.cancel(self.run))
        elif self._count <= 2 and self._task is not None:
            self._task.cancel()
        else:
            os._exit(Exit.CANCELLED)


def _refuse(terminal: Terminal, problems: list[Problem], as_json: bool) -> Exit:
    terminal.problems(problems)
    if as_json:
        terminal.json({"kind": "refused", "problems": [encode(problem) for problem in problems]})
    return Exit.INVALID


def _report(terminal: Terminal, project: Project, state: RunState, as_json: bool) -> Exit:
    exit_with = {RunStatus.SUCCEEDED: Exit.OK, RunStatus.CANCELLED: Exit.CANCELLED}.get(state.status, Exit.FAILED)
    if as_json:
        return exit_with
    if exit_with is Exit.FAILED:
        from treadle.cli.failures import explain
        from treadle.run.history import pipeline_file

        folder = project.run(state.run)
        explain(terminal, state, folder.log, pipeline_file(folder))
    took = seconds(state.duration(state.finished_at or 0.0))
    style = {Exit.OK: "bold green", Exit.CANCELLED: "yellow"}.get(exit_with, "bold red")
    if state.reason:
        terminal.say(plain(state.reason), style)
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in state.counts().items())
    terminal.say(f"{state.status} in {took}: {counts}", style)
    terminal.say(f"run {state.run}", "dim")
    return exit_with
