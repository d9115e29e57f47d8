"""`treadle logs RUN NODE [-f]`: what a node's last attempt printed; followed, through its retries, to its end."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import Iterator

from treadle.cli.asking import with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.host.facade import LocalEngine
from treadle.run.naming import find_task
from treadle.run.state import RunState, TaskState
from treadle.store.logs import LogFile, LogLine
from treadle.store.project import Project

__all__ = ["show_log"]

_AT_ONCE = 1000
_POLL = 0.2  # seconds


def show_log(terminal: Terminal, project: Project, run: str, node: str, *, follow: bool, as_json: bool) -> Exit:
    """Prints the log. Raises UnknownTask."""

    async def show(engine: LocalEngine) -> Exit:
        name = (await engine.summary(run)).run
        state = await engine.state(name)
        task = find_task(name, state.tasks, node)
        if task in state.maps:
            terminal.error(f"{task} is mapped, and each item has a log: treadle logs {name} '{task}[0]'")
            return Exit.INVALID
        printer = _Printer(terminal, project, name, task, as_json)
        if follow:
            await _follow(engine, state, printer)
        printer.print(state, whole=True)
        if state.tasks[task].number == 0:
            terminal.warn(_why_there_is_none(task, state.tasks[task]), "dim")
        return Exit.OK

    return with_engine(project, show)


def _why_there_is_none(node: str, task: TaskState) -> str:
    if task.cached_from:
        command = f"treadle logs {task.cached_from} {shlex.quote(node)}"
        return f"{node} came from the cache; it ran in {task.cached_from}: {command}"
    return f"{node} has not run: {task.status.replace('_', ' ')}"


async def _follow(engine: LocalEngine, state: RunState, printer: _Printer) -> None:
    async def keep_up() -> None:
        async for recorded in engine.subscribe(state.run, state.seq):
            state.advance(recorded)
            if printer.is_over(state):
                return

    keeping_up = asyncio.ensure_future(keep_up())
    try:
        while not keeping_up.done():
            printer.print(state, whole=False)
            await asyncio.wait([keeping_up], timeout=_POLL)
        await keeping_up
    finally:
        keeping_up.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping_up


class _Printer:
    """Prints each line once, going on to the next attempt's log where there is one."""

    def __init__(self, terminal: Terminal, project: Project, run: str, node: str, as_json: bool) -> None:
        self._terminal = terminal
        self._folder = project.run(run)
        self._node = node
        self._as_json = as_json
        self._attempt = 0
        self._log: LogFile | None = None
        self._printed = 0

    def is_over(self, state: RunState) -> bool:
        return state.tasks[self._node].status.is_done

    def print(self, state: RunState, *, whole: bool) -> None:
        """What is new; a last line without its end only where the log is `whole`."""
        number = state.tasks[self._node].number
        if number == 0:
            return
        if self._log is None or number != self._attempt:
            if self._log is not None:
                self._print_new(self._log, whole=True)
            self._attempt, self._printed = number, 0
            self._log = LogFile(self._folder.log(self._node, number))
        self._print_new(self._log, whole)

    def _print_new(self, log: LogFile, whole: bool) -> None:
        log.refresh()
        for line in self._new_lines(log, whole):
            self._print_line(line)

    def _new_lines(self, log: LogFile, whole: bool) -> Iterator[LogLine]:
        until = log.line_count() - (not whole and _last_line_is_open(log))
        while self._printed < until:
            lines = log.lines(self._printed, min(_AT_ONCE, until - self._printed))
            self._printed += len(lines)
            yield from lines

    def _print_line(self, line: LogLine) -> None:
        if self._as_json:
            level = line.level.value if line.level else None
            self._terminal.json({"attempt": self._attempt, "line": line.number, "level": level, "text": line.text})
            return
        self._terminal.say(line.text)


def _last_line_is_open(log: LogFile) -> bool:
    """Whether more may come on the last line that was seen."""
    if log.size == 0:
        return False
    with log.path.open("rb") as file:
        file.seek(log.size - 1)
        return file.read(1) != b"\n"
