"""From what a client asks to run to a plan: read, validated against the catalog, resolved. Nothing of it is run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from treadle.catalog.catalog import Catalog, open_catalog
from treadle.catalog.pipelines import used_pipelines
from treadle.host.api import RunRefused, RunRequest
from treadle.run.durations import with_durations
from treadle.run.earlier import earlier_runs
from treadle.run.resolve import Circumstances, Unresolvable, resolve
from treadle.run.selecting import EarlierRuns, NotSelectable, Opening, Selection, open_with, wanted_nodes
from treadle.spec.file_format import Places, Reading, read
from treadle.spec.flattening import flatten, members
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Severity, Where, has_errors
from treadle.spec.subpipelines import PipelineFiles, located
from treadle.spec.validate import validate
from treadle.store.artifacts import ArtifactStore
from treadle.store.project import Project
from treadle.store.project_settings import read_settings
from treadle.store.secrets import VARIABLES

__all__ = ["prepare"]


def prepare(project: Project, request: RunRequest, run: str, now: float) -> Opening:
    """The plan of run `run`, begun at `now` (epoch seconds), and what of it does not run.

    Raises RunRefused with every problem that stands in its way.
    """
    reading = read(request.text, request.file)
    if reading.pipeline is None:
        raise RunRefused(reading.problems)
    loaded = used_pipelines(project.root, reading.pipeline)
    catalog = open_catalog(project.root, project.cache / "catalog")
    flat = flatten(reading.pipeline, loaded.readings, catalog.get)
    settings = read_settings(project.root)
    _check_breakpoints(request, reading.pipeline)
    selection = _selection(request)
    earlier = _earlier(project, flat.pipeline, request)
    place = partial(_placed, pipeline=reading.pipeline, places=reading.places, files=loaded.readings)
    try:
        nodes = wanted_nodes(flat.pipeline, selection, earlier)
    except NotSelectable as error:
        raise RunRefused((error.problem,)) from None
    found = validate(reading.pipeline, catalog.components, reading.places, pools=settings.pools, files=loaded.readings)
    problems = [*reading.problems, *settings.problems, *found]
    if not has_errors(problems):  # else those say it better
        problems += map(place, flat.problems)
    _check(problems, flat.pipeline, nodes, catalog)
    around = _circumstances(request, run, now, settings.pools)
    try:
        plan = resolve(flat, catalog, around, nodes=nodes, files=loaded.readings)
        opening = open_with(with_durations(project, plan), selection, earlier, ArtifactStore(project.artifacts).holds)
        return replace(opening, pipelines=loaded.texts)
    except Unresolvable as error:
        raise RunRefused((*map(place, error.problems), *_from_outside(reading))) from None
    except NotSelectable as error:
        raise RunRefused((place(error.problem),)) from None


def _circumstances(request: RunRequest, run: str, now: float, pools: Mapping[str, int]) -> Circumstances:
    environment = os.environ if request.environment is None else request.environment
    return Circumstances(
        run,
        datetime.fromtimestamp(now, UTC),
        request.file,
        request.params,
        _readable(environment),
        pools,
        request.parallel,
    )


def _check(problems: Iterable[Problem], pipeline: Pipeline, nodes: AbstractSet[str], catalog: Catalog) -> None:
    """Raises RunRefused where one of them stands in the way of these nodes."""
    stopping = [problem for problem in problems if _concerns(problem, pipeline, nodes)]
    if has_errors(stopping):
        raise RunRefused((*stopping, *_behind(stopping, pipeline, catalog)))


def _readable(environment: Mapping[str, str]) -> dict[str, str]:
    """What of it `$env` may name: a secret would be in the run's files."""
    return {name: value for name, value in environment.items() if not name.startswith(VARIABLES)}


def _check_breakpoints(request: RunRequest, pipeline: Pipeline) -> None:
    """One within a sub-pipeline is at `node/inner`. Raises RunRefused where one is at no node."""
    known = ", ".join(pipeline.nodes) or "none"
    problems = [
        Problem("unknown-node", f"the pipeline has no node {task!r} to pause at", Where(node=task), f"it has: {known}")
        for task, _ in request.breakpoints
        if task.partition("/")[0].partition("[")[0] not in pipeline.nodes
    ]
    if problems:
        raise RunRefused(tuple(problems))


def _selection(request: RunRequest) -> Selection:
    """Raises RunRefused where more than one part was asked for."""
    selection = Selection(request.to, request.start_from, request.only, request.failed)
    if selection.is_single:
        return selection
    message = "a run does one part of a pipeline: up to a node, from a node, only a node, or only what failed"
    raise RunRefused((Problem("many-selections", message, hint="choose one of them"),))


def _earlier(project: Project, pipeline: Pipeline, request: RunRequest) -> EarlierRuns:
    runs = earlier_runs(project, pipeline.name, request.file)
    return EarlierRuns(run for run in runs if run.state.status.is_done or not request.failed)


def _placed(problem: Problem, *, pipeline: Pipeline, places: Places, files: PipelineFiles) -> Problem:
    """`problem` with the line of the file that it is about."""
    return replace(problem, where=located(problem.where, pipeline, places, files))


def _from_outside(reading: Reading) -> Iterator[Problem]:
    """Why inputs have nothing that feeds them, where the pipeline is made to be a node of another."""
    inputs = reading.pipeline.inputs if reading.pipeline is not None else {}
    if inputs:
        message = f"{', '.join(inputs)} of this pipeline {'are' if len(inputs) > 1 else 'is'} fed where it is a node"
        hint = "run a pipeline that uses it"
        yield Problem("fed-from-outside", message, reading.places.key("inputs"), hint, Severity.WARNING)


def _concerns(problem: Problem, pipeline: Pipeline, nodes: AbstractSet[str]) -> bool:
    """Whether a problem stands in the way: one at a node that is not needed does not. `pipeline` is flat."""
    node = problem.where.node
    if node is None:
        return True
    concerned = members(pipeline, node)
    return not concerned or not nodes.isdisjoint(concerned)


def _behind(problems: list[Problem], pipeline: Pipeline, catalog: Catalog) -> list[Problem]:
    """Where a component is unknown, what is wrong with the files it may stand in explains it better."""
    nodes = [pipeline.nodes[id_] for problem in problems if (id_ := problem.where.node or "") in pipeline.nodes]
    unknown = {node.uses.partition(".")[0] for node in nodes if node.uses not in catalog.components}
    return [problem for problem in catalog.problems if _stem(problem.where) in unknown]


def _stem(where: Where) -> str:
    return (where.file or "").rpartition("/")[2].removesuffix(".py")
