"""`treadle show RUN NODE`: what became of one node, and the values it was given, whole."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

from treadle.cli.asking import with_engine
from treadle.cli.failures import told_in_one_line
from treadle.cli.history import as_written, find_values, task_json
from treadle.cli.terminal import Exit, Terminal, seconds
from treadle.host.facade import LocalEngine
from treadle.run.expansion import owner_of
from treadle.run.items import ItemStore
from treadle.run.naming import find_task
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.roster import roster_of
from treadle.run.state import RunState, TaskState
from treadle.spec.values import Value
from treadle.store.artifacts import ArtifactStore
from treadle.store.descriptors import read_plain
from treadle.store.logs import plain
from treadle.store.project import Project

__all__ = ["show_node"]


def show_node(terminal: Terminal, project: Project, run: str, node: str, as_json: bool) -> Exit:
    """References in the values are settled; a secret is its name. Raises UnknownRun and UnknownTask."""
    run, node, state = with_engine(project, lambda engine: _find(engine, run, node))
    task = state.tasks[node]
    given = find_values(project, run, node, task) if owner_of(node) is None else _values_of_item(project, state, node)
    if as_json:
        metrics = _last_metrics(project, run, node, task)
        terminal.json({"run": run, "node": node, **task_json(task), "params": given, "metrics": metrics})
        return Exit.OK
    took = seconds(task.duration(time.time()))
    terminal.say(f"{node}  {task.status.replace('_', ' ')}  {took}".rstrip(), "bold")
    terminal.say(f"run {run}, attempt {task.number}", "dim")
    if error := told_in_one_line(task):
        terminal.say(plain(error), "red")
    elif task.message:
        terminal.say(plain(task.message))
    for name, value in given.items():
        terminal.say(f"  {name} = {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}")
    for name, metric in _last_metrics(project, run, node, task).items():
        step = "" if metric["step"] is None else f", step {metric['step']}"
        terminal.say(f"  metric {plain(name)} {metric['value']:g}{step}")
    for port, artifact in task.outputs.items():
        terminal.say(f"  {port} → {artifact.type} {artifact.digest[:12]}", "dim")
    for name, artifact in task.kept.items():
        terminal.say(f"  kept {plain(name)} → {artifact.type} {artifact.digest[:12]}", "dim")
    return Exit.OK


def _last_metrics(project: Project, run: str, node: str, task: TaskState) -> dict[str, dict[str, Any]]:
    """The last value and step of each metric that the last attempt reported; a line cut short is passed over."""
    file = project.run(run).attempt(node, task.number) / "metrics.jsonl"
    found: dict[str, dict[str, Any]] = {}
    with contextlib.suppress(OSError), file.open(encoding="utf-8") as lines:
        for line in lines:
            with contextlib.suppress(ValueError, KeyError):
                said = json.loads(line)
                found[str(said["name"])] = {"value": float(said["value"]), "step": said["step"]}
    return found


def _values_of_item(project: Project, state: RunState, item: str) -> dict[str, Value]:
    """What an item of a map was given; nothing where its plan, or what it was mapped over, is gone."""
    items = ItemStore(ArtifactStore(project.artifacts), project.root)
    try:
        roster = roster_of(plan_from_json(read_plain(project.run(state.run).plan)), state, items.read)
    except (OSError, UnreadablePlan):
        return {}
    found = roster.tasks[item].params if item in roster.tasks else {}
    return {name: as_written(value) for name, value in found.items()}


async def _find(engine: LocalEngine, run: str, node: str) -> tuple[str, str, RunState]:
    run = (await engine.summary(run)).run
    state = await engine.state(run)
    return run, find_task(run, state.tasks, node), state
