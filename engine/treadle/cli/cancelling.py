"""`treadle cancel`: asked of whichever process holds the run, which is waited for."""

from __future__ import annotations

from typing import Final

from treadle.cli.asking import until, with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.host.api import RunSummary
from treadle.host.facade import LocalEngine
from treadle.run.naming import find_task
from treadle.run.state import TaskState
from treadle.store.project import Project

__all__ = ["cancel_node", "cancel_run"]

_GOING_ON: Final = ("queued", "running")
_PATIENCE: Final = 15.0  # seconds: the grace of an attempt, and some


def cancel_run(terminal: Terminal, project: Project, run: str, as_json: bool) -> Exit:
    """Asks whichever process holds the run, and waits for its end."""
    before, after = with_engine(project, lambda engine: _cancel(engine, run))
    if as_json:
        terminal.json({"run": after.run, "state": after.state})
    if before.state not in _GOING_ON:
        terminal.warn(f"{before.run} is not running: {before.state}")
        return Exit.FAILED
    if after.state in _GOING_ON:
        terminal.error(f"{after.run} was asked to stop {_PATIENCE:g} s ago and still runs")
        return Exit.FAILED
    if not as_json:
        terminal.say(f"{after.run} {after.state}")
    return Exit.OK


def cancel_node(terminal: Terminal, project: Project, run: str, node: str, as_json: bool) -> Exit:
    """As `cancel_run`, of one node; the rest of the run goes on. Raises UnknownTask."""
    run, before, after = with_engine(project, lambda engine: _cancel_node(engine, run, node))
    if as_json:
        terminal.json({"run": run, "node": node, "state": after.status.value})
    if before.status.is_done:
        terminal.warn(f"{node} has ended already: {before.status.replace('_', ' ')}")
        return Exit.FAILED
    if not after.status.is_done:
        terminal.error(f"{node} was asked to stop {_PATIENCE:g} s ago and is {after.status} still")
        return Exit.FAILED
    if not as_json:
        terminal.say(f"{node} {after.status.replace('_', ' ')}")
    return Exit.OK


async def _cancel(engine: LocalEngine, run: str) -> tuple[RunSummary, RunSummary]:
    before = await engine.summary(run)
    if before.state not in _GOING_ON:
        return before, before
    await engine.cancel(before.run)
    return before, await until(lambda: engine.summary(before.run), lambda now: now.state not in _GOING_ON, _PATIENCE)


async def _cancel_node(engine: LocalEngine, run: str, node: str) -> tuple[str, TaskState, TaskState]:
    run = (await engine.summary(run)).run
    tasks = (await engine.state(run)).tasks
    before = tasks[find_task(run, tasks, node)]
    if before.status.is_done:
        return run, before, before
    await engine.cancel(run, node)
    after = await until(lambda: engine.state(run), lambda now: now.tasks[node].status.is_done, _PATIENCE)
    return run, before, after.tasks[node]
