"""How a run begins, and how one goes on: its folder, its journal, and a RunLoop ready to be run.

    begin      makes the folder and writes RunStarted
    go_on      reads what an earlier engine left: successes stand, the rest is to be tried again
    interrupt  writes down that a run was left by its engine, so that nothing says running that is not

Whoever calls these holds the run's lock.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex

from treadle.execute.protocol import Executor
from treadle.run.cache import TaskCache
from treadle.run.cache_index import CacheIndex
from treadle.run.clock import AnchoredClock, Clock
from treadle.run.committer import Timing
from treadle.run.events import Event, RunInterrupted, RunResumed, RunStarted
from treadle.run.history import read_state
from treadle.run.items import ItemStore
from treadle.run.ledger import Ledger
from treadle.run.loop import RunLoop
from treadle.run.machine import Machine, ProcMachine
from treadle.run.means import Means
from treadle.run.naming import find_task
from treadle.run.plan import Plan, PlanTask
from treadle.run.plan_codec import UnreadablePlan, plan_from_json, plan_to_json
from treadle.run.recipe_log import RecipeLog
from treadle.run.recorder import Publish, Recorder
from treadle.run.requests import Workplace
from treadle.run.resolve import Unresolvable
from treadle.run.resuming import Holds, resumed, tasks_to_retry, tasks_to_try_again
from treadle.run.roster import Roster, roster_of
from treadle.run.secret_keeping import hold_secrets
from treadle.run.state import RunState, RunStatus, TaskStatus
from treadle.run.surroundings import FileIdentities
from treadle.store.artifacts import ArtifactStore
from treadle.store.atomic import safe_child, write_atomic
from treadle.store.descriptors import read_plain
from treadle.store.journal import Journal
from treadle.store.project import Project
from treadle.store.secrets import SecretSource, own_secrets

__all__ = ["NothingToResume", "Options", "begin", "go_on", "interrupt", "new_run_id"]

_ENGINE_GONE = "its engine went away"


class NothingToResume(Exception):
    """The run has succeeded and all it made is still there; or what is to be tried again waits for a failure."""


@dataclass(frozen=True, slots=True)
class Options:
    """`by` is who asked. `use_cache=False` runs everything, and keeps the results for the next run."""

    by: str = "user"
    use_cache: bool = True
    anew: tuple[str, ...] = ()
    """Tasks of a new run that run whatever the cache has."""
    opening: tuple[Event, ...] = ()
    """What a new run begins with, about tasks that it takes from elsewhere or leaves out."""
    pipelines: Mapping[str, str] = field(default_factory=dict)
    """The texts of the sub-pipelines' files that a new run uses, by their paths in the project."""
    environment: Mapping[str, str] = field(default_factory=dict)
    timing: Timing = Timing()
    clock: Clock | None = None
    machine: Machine | None = None
    secrets: SecretSource | None = None
    """Where `$secrets` come from; without one, from this process's environment and its user's keyring."""
    ledger: Ledger | None = None
    """What the engine's runs share the machine by; without one the run has it to itself."""


def new_run_id(now: float, last: str = "") -> str:
    """An id that sorts by time, to the millisecond, and is not used twice: `20261123-200140-417-9f3a`. `now` in epoch
    seconds. It comes after the id `last`, also where the clock was set back since.
    """
    moment = datetime.fromtimestamp(now, UTC)
    if last and (before := _moment_of(last)) >= moment.replace(microsecond=moment.microsecond // 1000 * 1000):
        moment = before + timedelta(milliseconds=1)
    return f"{moment:%Y%m%d-%H%M%S}-{moment.microsecond // 1000:03}-{token_hex(2)}"


def _moment_of(run: str) -> datetime:
    """When the run of that id began, to the millisecond; long ago where its name does not say."""
    day, _, rest = run.partition("-")
    try:
        return datetime.strptime(f"{day}-{rest[:10]}000", "%Y%m%d-%H%M%S-%f").replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def begin(
    project: Project, plan: Plan, text: str, executor: Executor, publish: Publish, options: Options = Options()
) -> RunLoop:
    """A new run of `plan`, whose pipeline reads `text`. Raises Unresolvable where a secret is missing, and OSError,
    JournalUnwritable included."""
    taken = {getattr(event, "task", "") for event in options.opening}
    options = _holding_secrets(options, [task for id_, task in plan.tasks.items() if id_ not in taken])
    folder = project.run(plan.run)
    folder.path.mkdir(parents=True, exist_ok=True)
    write_atomic(folder.pipeline, text.encode())
    for name, used in options.pipelines.items():
        file = safe_child(folder.pipelines, *name.split("/"))
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, used.encode())
    write_atomic(folder.plan, plan_to_json(plan))
    begun = RunStarted(plan.run, plan.pipeline, tuple(plan.tasks), plan.params, options.by, options.anew)
    return _prepare(_Making(project, plan, executor, publish, options), RunState(), [begun, *options.opening])


def go_on(
    project: Project,
    run: str,
    executor: Executor,
    publish: Publish,
    options: Options = Options(),
    task: str | None = None,
) -> RunLoop:
    """The interrupted, failed or cancelled `run`, going on in its folder with the plan it began with.

    With `task`, however the run has ended, that one is tried again, and then what waits for it. Raises NothingToResume,
    UnknownTask, UnreadablePlan, Unresolvable where a secret is missing, and OSError.
    """
    folder = project.run(run)
    try:
        plan = plan_from_json(read_plain(folder.plan))
    except FileNotFoundError as error:
        raise UnreadablePlan(f"run {run} has no plan: its engine went away before it had begun") from error
    if plan.run != run:
        raise UnreadablePlan(f"the folder of run {run} is a copy of run {plan.run}'s: resume that one")
    state = read_state(folder)
    roster = roster_of(plan, state, _items(project).read)
    events: list[Event] = []
    if state.status is RunStatus.PENDING:
        events.append(RunStarted(plan.run, plan.pipeline, tuple(plan.tasks), plan.params, options.by))
    else:
        if state.status.is_going_on:
            events.append(RunInterrupted(_ENGINE_GONE))
        holds = ArtifactStore(project.artifacts).holds
        if task is None:
            events.append(resumed(roster, state, _unfinished(roster, state, holds), options.by))
        else:
            task = find_task(run, roster.tasks, task)
            events.append(resumed(roster, state, _with(roster, state, holds, task), options.by, task))
    options = _holding_secrets(options, _still_to_run(roster, state, events))
    return _prepare(_Making(project, plan, executor, publish, options), state, events)


def _still_to_run(roster: Roster, state: RunState, events: Iterable[Event]) -> list[PlanTask]:
    again = {id_ for event in events if isinstance(event, RunResumed) for id_ in event.tasks}
    done = {id_ for id_, task in state.tasks.items() if task.status.is_done} - again
    return [task for id_, task in roster.tasks.items() if id_ not in done]


def _holding_secrets(options: Options, tasks: Iterable[PlanTask]) -> Options:
    """With the secrets of `tasks` looked up. Raises Unresolvable, which names those that are missing."""
    secrets, missing = hold_secrets(tasks, options.secrets or own_secrets())
    if missing:
        raise Unresolvable(tuple(missing))
    return replace(options, secrets=secrets)


def _unfinished(roster: Roster, state: RunState, holds: Holds) -> tuple[str, ...]:
    again = tasks_to_try_again(roster, state, holds)
    if not again and state.status is RunStatus.SUCCEEDED:
        raise NothingToResume(f"run {roster.plan.run} has succeeded, and all it made is still there")
    return again


def _with(roster: Roster, state: RunState, holds: Holds, task: str) -> tuple[str, ...]:
    found = state.tasks[task]
    if found.status is TaskStatus.UPSTREAM_FAILED:
        raise NothingToResume(f"{task} did not run, for {found.cause} did not succeed: retry {found.cause} instead")
    return tasks_to_retry(roster, state, holds, task)


def interrupt(project: Project, run: str, reason: str = _ENGINE_GONE, clock: Clock | None = None) -> bool:
    """Writes that `run` was left by its engine; False where it had ended. Raises OSError."""
    folder = project.run(run)
    state = read_state(folder)
    if not state.status.is_going_on:
        return False
    recorder = Recorder(Journal(folder.events), state, clock or AnchoredClock(), lambda _: None)
    try:
        recorder.note(RunInterrupted(reason))
        recorder.commit()
        recorder.sync()
    finally:
        recorder.close()
    return True


def _items(project: Project) -> ItemStore:
    return ItemStore(ArtifactStore(project.artifacts), project.root)


@dataclass(frozen=True, slots=True)
class _Making:
    project: Project
    plan: Plan
    executor: Executor
    publish: Publish
    options: Options


def _prepare(making: _Making, state: RunState, events: Iterable[Event]) -> RunLoop:
    """The loop, once `events` are in the journal."""
    project, plan, options = making.project, making.plan, making.options
    folder = project.run(plan.run)
    clock = options.clock or AnchoredClock()
    artifacts = ArtifactStore(project.artifacts)
    recorder = Recorder(Journal(folder.events), state, clock, making.publish, artifacts.sync)
    try:
        for event in events:
            recorder.note(event)
        recorder.commit()
        recorder.sync()
    except OSError:
        recorder.close()
        raise
    index = CacheIndex(project.cache)
    files = FileIdentities(project.cache / "files.json")
    log = RecipeLog(folder.recipes)
    cache = TaskCache(
        plan, index, files, project.root, holds=artifacts.holds, use=options.use_cache, log=log, now=clock.now
    )
    machine, ledger = (
        options.machine or ProcMachine(visible=os.environ.get("CUDA_VISIBLE_DEVICES")),
        options.ledger or Ledger(),
    )
    secrets = options.secrets or own_secrets()
    means = Means(making.executor, cache, machine, clock, options.timing, ledger, secrets)
    roster = roster_of(plan, state, _items(project).read)
    return RunLoop(roster, recorder, means, Workplace(folder, project.root, options.environment))
