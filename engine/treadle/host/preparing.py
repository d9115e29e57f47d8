"""From what a client asks to run to a plan: read, validated against the catalog, resolved. Nothing of it is run."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

from treadle.catalog.catalog import Catalog, load_catalog
from treadle.host.api import RunRefused, RunRequest
from treadle.run.plan import Plan
from treadle.run.resolve import Unresolvable, resolve
from treadle.spec.file_format import Places, read
from treadle.spec.graph import ancestors
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Where, has_errors
from treadle.spec.validate import validate
from treadle.store.project import Project
from treadle.store.secrets import VARIABLES

__all__ = ["prepare"]


def prepare(project: Project, request: RunRequest, run: str, now: float) -> Plan:
    """The plan of run `run`, begun at `now` (epoch seconds).

    Raises RunRefused with every problem that stands in its way.
    """
    reading = read(request.text, request.file)
    if reading.pipeline is None:
        raise RunRefused(reading.problems)
    pipeline = reading.pipeline
    catalog = load_catalog(project.root, project.cache / "catalog")
    problems = [*reading.problems, *validate(pipeline, catalog.components, reading.places)]
    stopping = [problem for problem in problems if _concerns(problem, pipeline, request.to)]
    if has_errors(stopping):
        raise RunRefused((*stopping, *_behind(stopping, pipeline, catalog)))
    try:
        return resolve(
            pipeline,
            catalog,
            run=run,
            params=request.params,
            to=request.to,
            file=request.file,
            run_date=datetime.fromtimestamp(now, UTC),
            environment={name: value for name, value in os.environ.items() if not name.startswith(VARIABLES)},
        )
    except Unresolvable as error:
        raise RunRefused(tuple(_placed(problem, reading.places) for problem in error.problems)) from None


def _placed(problem: Problem, places: Places) -> Problem:
    """`problem` with the line of the file that it is about."""
    where = problem.where
    if where.node is None or where.line is not None:
        return problem
    return replace(problem, where=places.at(where.node, port=where.port, parameter=where.parameter))


def _concerns(problem: Problem, pipeline: Pipeline, to: str | None) -> bool:
    """Whether a problem stands in the way: with `to`, one at a node that is not needed does not."""
    if to is None or problem.where.node is None or to not in pipeline.nodes:
        return True
    return problem.where.node == to or problem.where.node in ancestors(pipeline, to)


def _behind(problems: list[Problem], pipeline: Pipeline, catalog: Catalog) -> list[Problem]:
    """Where a component is unknown, what is wrong with the files it may stand in explains it better."""
    nodes = [pipeline.nodes[id_] for problem in problems if (id_ := problem.where.node or "") in pipeline.nodes]
    unknown = {node.uses.partition(".")[0] for node in nodes if node.uses not in catalog.components}
    return [problem for problem in catalog.problems if _stem(problem.where) in unknown]


def _stem(where: Where) -> str:
    return (where.file or "").rpartition("/")[2].removesuffix(".py")
