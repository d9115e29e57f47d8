"""An attempt of an earlier run, asked for again as it was: same code, parameters, inputs, checkpoint and place."""

from __future__ import annotations

from treadle.execute.protocol import AttemptId, AttemptRequest
from treadle.run.events import AttemptQueued
from treadle.run.expansion import owner_of
from treadle.run.history import read_events
from treadle.run.items import ItemStore
from treadle.run.naming import find_task
from treadle.run.plan import PlanTask
from treadle.run.plan_codec import UnreadablePlan, plan_from_json
from treadle.run.requests import MissingSecret, Workplace, inputs_of, request_for
from treadle.run.roster import roster_of
from treadle.run.state import RunState, TaskStatus
from treadle.store.artifacts import ArtifactStore
from treadle.store.descriptors import read_plain
from treadle.store.project import Project
from treadle.store.secrets import SecretSource

__all__ = ["NotReproducible", "reproduce"]


class NotReproducible(Exception):
    """The attempt can't be made again; the message says why, and what to do."""


def reproduce(project: Project, run: str, task: str, number: int | None, secrets: SecretSource) -> AttemptRequest:
    """What attempt `number` of `task` was asked; its last attempt where `number` is None.

    Raises UnknownTask, NotReproducible.
    """
    folder = project.run(run)
    events = read_events(folder.events)
    final = RunState()
    for recorded in events:
        final.advance(recorded)
    task = find_task(run, final.tasks, task)
    number = number or final.tasks[task].number
    before = RunState()
    for recorded in events:
        if isinstance(recorded.event, AttemptQueued) and (recorded.event.task, recorded.event.number) == (task, number):
            break
        before.advance(recorded)
    else:
        raise NotReproducible(_no_attempt(final, task, number))
    try:
        items = ItemStore(ArtifactStore(project.artifacts), project.root)
        roster = roster_of(plan_from_json(read_plain(folder.plan)), before, items.read)
        if task not in roster.tasks:
            raise NotReproducible(f"what {owner_of(task)} was mapped over is no longer kept: run it again first")
        inputs = inputs_of(roster.tasks[task], before.tasks)
        _check(roster.tasks[task], before, ArtifactStore(project.artifacts))
        place = Workplace(folder, project.root)
        checkpoint = before.tasks[task].checkpoint
        return request_for(roster, AttemptId(run, task, number), inputs, place, secrets, checkpoint)
    except (UnreadablePlan, MissingSecret, OSError) as error:
        raise NotReproducible(str(error)) from error


def _check(task: PlanTask, state: RunState, store: ArtifactStore) -> None:
    """Raises NotReproducible where an input is gone."""
    for port, references in inputs_of(task, state.tasks).items():
        if not all(map(store.holds, references)):
            sources = " and ".join(source.task for source in task.inputs[port])
            raise NotReproducible(f"what {sources} gave to {task.id}.{port} is no longer kept: retry {sources} first")


def _no_attempt(state: RunState, task: str, number: int) -> str:
    found = state.tasks[task]
    if found.status is TaskStatus.CACHED and not found.number:
        return f"{task} did not run in {state.run}: its result is that of run {found.cached_from}, so debug it there"
    if not found.number:
        return f"{task} did not run in {state.run}: it is {found.status.replace('_', ' ')}"
    return f"{task} has no attempt {number} in {state.run}: it has {found.number}"
