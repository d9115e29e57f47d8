"""resolve: a pipeline and the catalog become a Plan, or the problems that stand in the way.

Every value is settled here: what a person gave for the run, defaults of parameters, of components and of the pipeline,
and references (`$params.x`, `$run.id`, `$run.date`, `$env.X`). Pure: all it knows comes in as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from treadle.catalog.extended import Extended
from treadle.catalog.slices import Slice
from treadle.run.cleaning import care_of, deadlocks, with_teardowns
from treadle.run.map_making import make_mapped
from treadle.run.map_of_pipelines import make_mapped_pipeline
from treadle.run.plan import Plan, PlanTask
from treadle.run.task_making import Components, Scopes, make_task, unsettled
from treadle.spec.edits import remove_nodes
from treadle.spec.flattening import Given
from treadle.spec.graph import CycleError, ancestors, topological_order
from treadle.spec.parameter_text import typed
from treadle.spec.parameter_values import WrongValue
from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import NO_FILES, PipelineFiles
from treadle.spec.types import ParameterKind
from treadle.spec.values import UnresolvedReference, Value, render

__all__ = ["Unresolvable", "resolve"]


class Unresolvable(Exception):
    """The pipeline can't be run as it is; `problems` say why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def resolve(
    pipeline: Pipeline,
    catalog: Components,
    *,
    run: str,
    params: Mapping[str, Value] | None = None,
    to: str | None = None,
    nodes: AbstractSet[str] | None = None,
    file: str | None = None,
    run_date: datetime,
    environment: Mapping[str, str] | None = None,
    pools: Mapping[str, int] | None = None,
    parallel: int | None = None,
    given: Iterable[Given] = (),
    files: PipelineFiles = NO_FILES,
) -> Plan:
    """The plan of `run`, of a pipeline without sub-pipelines but mapped ones (see `spec/flattening.py`). `params` are
    the pipeline's by name; a text is read as the parameter's type. `given` is what parameters of sub-pipelines were
    given, `files` are those that mapped ones use.

    `to` keeps that node, all it needs, and what cleans up after those; `nodes` keeps just
    these. `run_date` becomes `$run.date` (ISO 8601),
    `environment` is what `$env` reads, `pools` are the project's by size. `parallel` counts
    before the pipeline's own limit of tasks at once. Raises Unresolvable.
    """
    problems: list[Problem] = []
    facts: Scopes = {
        "run": {"id": run, "date": run_date.isoformat(), "pipeline": pipeline.name},
        "env": dict(environment or {}),
    }
    settled = _pipeline_params(pipeline, params or {}, facts, problems)
    if len(settled) < len(pipeline.params):
        raise Unresolvable(tuple(problems))  # what refers to one without a value would be blamed for it
    part = _wanted(pipeline, to, problems)
    if nodes is not None:
        part = remove_nodes(part, part.nodes.keys() - nodes)
    care = care_of(part)
    problems += deadlocks(part, care)
    scopes: Scopes = {
        "params": settled,
        **facts,
    }
    problems += _unfit(given, scopes)
    tasks: dict[str, PlanTask] = {}
    slices: dict[str, Slice] = {}
    known = Extended(catalog, part, files)
    for node in part.nodes.values():
        if node.is_pipeline:
            mapped = make_mapped_pipeline(part, node, known, scopes, care, files)
            if isinstance(mapped, list):
                problems += mapped
            else:
                tasks[node.id] = mapped.task
                slices |= mapped.slices
            continue
        make = make_task if node.map is None else make_mapped
        made = make(part, node, known, scopes, care)
        if isinstance(made, list):
            problems += made
        else:
            tasks[node.id], slices[made[0].slice] = made
    if problems:
        raise Unresolvable(tuple(problems))
    sizes = {**pipeline.pools, **(pools or {})}
    used = {pool: sizes[pool] for task in tasks.values() for pool in task.resources.pools if pool in sizes}
    most = pipeline.concurrency
    return Plan(
        run, pipeline.name, file, settled, tasks, slices, parallel or most.tasks, pipeline.timeout, used, most.runs
    )


def _wanted(pipeline: Pipeline, to: str | None, problems: list[Problem]) -> Pipeline:
    """The part of the pipeline that is to run; none of it where a problem stands in the way."""
    nothing = replace(pipeline, nodes={})
    if to is not None and to not in pipeline.nodes:
        known = ", ".join(pipeline.nodes) or "none"
        problems.append(Problem("unknown-node", f"the pipeline has no node {to!r}", Where(node=to), f"it has: {known}"))
        return nothing
    try:
        topological_order(pipeline)
    except CycleError as error:
        problems.append(Problem("cycle", str(error), Where(node=error.nodes[0]), "take one of these connections out"))
        return nothing
    if to is None:
        return pipeline
    needed = with_teardowns(pipeline, ancestors(pipeline, to) | {to})
    return remove_nodes(pipeline, pipeline.nodes.keys() - needed)


def _unfit(given: Iterable[Given], scopes: Scopes) -> Iterator[Problem]:
    """What does not fit the parameter of a sub-pipeline that it was given for. A reference that nothing defines is told
    of the node that has it."""
    for each in given:
        kind = each.parameter.type
        if kind.kind is ParameterKind.SECRET:
            continue
        try:
            typed(render(each.value, scopes), kind)
        except UnresolvedReference:
            continue
        except WrongValue as error:
            name = each.parameter.name
            where = Where(node=each.node, parameter=name)
            yield Problem("bad-parameter-value", error.fault.about(f"{each.node}.{name}"), where, each.parameter.help)


def _pipeline_params(
    pipeline: Pipeline, given: Mapping[str, Value], facts: Scopes, problems: list[Problem]
) -> dict[str, Value]:
    for name in given:
        if name not in pipeline.params:
            known = ", ".join(pipeline.params) or "none"
            message = f"the pipeline has no parameter {name!r}"
            problems.append(Problem("unknown-parameter", message, Where(parameter=name), f"it has: {known}"))
    settled: dict[str, Value] = {}
    for name, parameter in pipeline.params.items():
        if name not in given and parameter.required and parameter.default is None:
            hint = f"give it with -p {name}=…"
            problems.append(
                Problem("missing-parameter", f"parameter {name!r} has no value", Where(parameter=name), hint)
            )
            continue
        try:
            settled[name] = _given(given[name], parameter, facts) if name in given else _default(parameter, facts)
        except (WrongValue, UnresolvedReference) as error:
            problems.append(unsettled(f"params.{name}", error, Where(parameter=name)))
    return settled


def _given(value: Value, parameter: PipelineParameter, facts: Scopes) -> Value:
    return typed(_rendered(value, parameter, facts), parameter.type)


def _default(parameter: PipelineParameter, facts: Scopes) -> Value:
    if parameter.default is None:
        return None
    return _given(parameter.default, parameter, facts)


def _rendered(value: Value, parameter: PipelineParameter, facts: Scopes) -> Value:
    """What `value` says in this run; a secret stays a reference."""
    return value if parameter.type.kind is ParameterKind.SECRET else render(value, facts)
