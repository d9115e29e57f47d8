"""`treadle pause`, `continue`, `step`, `break` and `set`: asked of whichever process goes on with the run.

Each waits until what was asked stands in the run, and says so.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from treadle.cli.asking import until, with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.host.api import RunRefused
from treadle.host.facade import LocalEngine
from treadle.host.messages import encode
from treadle.run.expansion import owner_of
from treadle.run.interventions import Breakpoint, RunPaused
from treadle.run.naming import find_task
from treadle.run.state import RunState
from treadle.spec.values import Value
from treadle.store.logs import plain
from treadle.store.project import Project

__all__ = ["change_values", "continue_run", "pause_run", "set_breakpoint", "step_run"]

_PATIENCE: Final = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked of a run: `ask` of the run with that id; it `holds` where the state before and the state now say
    so; of `node`, where it is about one."""

    ask: Callable[[LocalEngine, str], Awaitable[None]]
    holds: Callable[[RunState, RunState], bool]
    node: str | None = None


def pause_run(terminal: Terminal, project: Project, run: str, as_json: bool) -> Exit:
    def ask(engine: LocalEngine, run: str) -> Awaitable[None]:
        return engine.pause(run, getpass.getuser())

    wish = _Wish(ask, lambda _, now: now.paused is not None or now.status.is_done)
    return _see(terminal, project, run, wish, as_json)


def continue_run(terminal: Terminal, project: Project, run: str, as_json: bool) -> Exit:
    def ask(engine: LocalEngine, run: str) -> Awaitable[None]:
        return engine.go_on(run, getpass.getuser())

    def holds(before: RunState, now: RunState) -> bool:
        return now.seq > before.seq and now.paused != before.paused

    return _see(terminal, project, run, _Wish(ask, holds), as_json)


def step_run(terminal: Terminal, project: Project, run: str, node: str | None, as_json: bool) -> Exit:
    """Waits until the node has begun, or its result was taken from the cache."""

    def ask(engine: LocalEngine, run: str) -> Awaitable[None]:
        return engine.step(run, node, getpass.getuser())

    wish = _Wish(ask, lambda before, now: _begun(before, now) is not None)
    return _see(terminal, project, run, wish, as_json)


def set_breakpoint(terminal: Terminal, project: Project, run: str, here: Breakpoint, on: bool, as_json: bool) -> Exit:
    def ask(engine: LocalEngine, run: str) -> Awaitable[None]:
        return engine.set_breakpoint(run, here.task, here.when, on, getpass.getuser())

    def holds(_: RunState, now: RunState) -> bool:
        places = (each.task for each in now.breakpoints if each.when is here.when)
        return any(place == here.task or place.startswith(f"{here.task}/") for place in places) is on

    return _see(terminal, project, run, _Wish(ask, holds), as_json)


def change_values(
    terminal: Terminal, project: Project, run: str, node: str, values: Mapping[str, str], as_json: bool
) -> Exit:
    """A value is read as the parameter's type."""
    given: dict[str, Value] = dict(values)

    def ask(engine: LocalEngine, run: str) -> Awaitable[None]:
        return engine.change_params(run, node, given, getpass.getuser())

    def holds(before: RunState, now: RunState) -> bool:
        return now.tasks[node].params is not before.tasks[node].params and set(given) <= set(now.tasks[node].params)

    return _see(terminal, project, run, _Wish(ask, holds, node), as_json)


def _see(terminal: Terminal, project: Project, run: str, wish: _Wish, as_json: bool) -> Exit:
    try:
        name, before, now = with_engine(project, lambda engine: _asked(engine, run, wish))
    except RunRefused as refused:
        terminal.problems(list(refused.problems))
        if as_json:
            terminal.json({"problems": [encode(problem) for problem in refused.problems]})
        return Exit.FAILED
    if not wish.holds(before, now):
        terminal.error(f"{name} was asked {_PATIENCE:g} s ago, and has not done it")
        return Exit.FAILED
    if as_json:
        terminal.json({"run": name, **_as_json(now, wish.node)})
    else:
        terminal.say(_told(name, before, now, wish.node))
    return Exit.OK


async def _asked(engine: LocalEngine, run: str, wish: _Wish) -> tuple[str, RunState, RunState]:
    name = (await engine.summary(run)).run
    before = await engine.state(name)
    if wish.node is not None:
        find_task(name, before.tasks, wish.node)
    await wish.ask(engine, name)
    return name, before, await until(lambda: engine.state(name), lambda now: wish.holds(before, now), _PATIENCE)


def _begun(before: RunState, now: RunState) -> str | None:
    """The first task that began, or ended, since `before`; a map began where it has items now."""
    for id_, task in now.tasks.items():
        earlier = before.tasks.get(id_)
        if earlier is None:
            return owner_of(id_) or id_
        if (task.number, task.status.is_done) > (earlier.number, earlier.status.is_done):
            return id_
    return None


def _as_json(now: RunState, node: str | None) -> dict[str, Value]:
    paused: Value = None if now.paused is None else {"by": now.paused.by, "task": now.paused.task,
                                                     "when": now.paused.when and str(now.paused.when)}  # fmt: skip
    breakpoints: list[Value] = [{"task": task, "when": str(when)} for task, when in sorted(now.breakpoints)]
    told: dict[str, Value] = {"state": str(now.status), "paused": paused, "breakpoints": breakpoints}
    return told if node is None else {**told, "node": node, "params": dict(now.tasks[node].params)}


def _told(name: str, before: RunState, now: RunState, node: str | None) -> str:
    if node is not None:
        values = ", ".join(f"{key}={json.dumps(value)}" for key, value in now.tasks[node].params.items())
        return plain(f"{node} has in this run {values}")
    if now.breakpoints != before.breakpoints:
        places = ", ".join(f"{when} {task}" for task, when in sorted(now.breakpoints)) or "none"
        return plain(f"{name} has breakpoints: {places}")
    begun = None if before.paused is None or now.paused is None else _begun(before, now)
    if begun is not None:
        return plain(f"{begun} {now.tasks[begun].status.replace('_', ' ')}; {name} is {_words(now.paused)}")
    if now.paused is not None:
        return plain(f"{name} is {_words(now.paused)}")
    return plain(f"{name} goes on" if not now.status.is_done else f"{name} {now.status}")


def _words(paused: RunPaused | None) -> str:
    return "paused" if paused is None else paused.words
