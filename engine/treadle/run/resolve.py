"""resolve: a pipeline and the catalog become a Plan, or the problems that stand in the way.

Every value is settled here: what a person gave for the run, defaults of parameters, of components and of the pipeline,
and references (`$params.x`, `$run.id`, `$run.date`, `$env.X`). Pure: all it knows comes in as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime

from treadle.catalog.extended import Extended
from treadle.catalog.slices import Slice
from treadle.run.cleaning import care_of, deadlocks
from treadle.run.ground import Components, Ground, Scopes
from treadle.run.map_making import make_mapped
from treadle.run.map_of_pipelines import make_mapped_pipeline
from treadle.run.plan import Plan, PlanTask
from treadle.run.settling import unsettled
from treadle.run.task_making import make_task
from treadle.spec.edits import remove_nodes
from treadle.spec.flattening import Flat, Given
from treadle.spec.graph import CycleError, topological_order
from treadle.spec.parameter_text import typed
from treadle.spec.parameter_values import WrongValue
from treadle.spec.pipeline import Node, Pipeline, PipelineParameter
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import NO_FILES, PipelineFiles
from treadle.spec.types import ParameterKind
from treadle.spec.values import UnresolvedReference, Value, render

__all__ = ["Circumstances", "Unresolvable", "resolve"]


class Unresolvable(Exception):
    """The pipeline can't be run as it is; `problems` say why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan has that is not in its pipeline: which run it is for, what was given to it, what the project has.

    `run_date` becomes `$run.date` (ISO 8601), `environment` is what `$env` reads. `params` are the pipeline's by name;
    a text is read as the parameter's type. `pools` are the project's by size. `parallel` counts before the pipeline's
    own limit of tasks at once.
    """

    run: str
    run_date: datetime
    file: str | None = None
    params: Mapping[str, Value] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, int] = field(default_factory=dict)
    parallel: int | None = None


def resolve(
    flat: Flat,
    catalog: Components,
    around: Circumstances,
    *,
    nodes: AbstractSet[str] | None = None,
    files: PipelineFiles = NO_FILES,
) -> Plan:
    """The plan of a pipeline without sub-pipelines but mapped ones, which use `files` (see `spec/flattening/`), or of
    just these `nodes` of it. Raises Unresolvable."""
    pipeline, problems = flat.pipeline, list[Problem]()
    facts: Scopes = {
        "run": {"id": around.run, "date": around.run_date.isoformat(), "pipeline": pipeline.name},
        "env": around.environment,
    }
    params = _pipeline_params(pipeline, around.params, facts, problems)
    if len(params) < len(pipeline.params):
        raise Unresolvable(tuple(problems))  # what refers to one without a value would be blamed for it
    part = _part(pipeline, nodes, problems)
    care = care_of(part)
    problems += deadlocks(part, care)
    ground = Ground(part, Extended(catalog, part, files), {"params": params, **facts}, care, files)
    problems += _unfit(flat.given, ground.scopes)
    made = _Made()
    for node in part.nodes.values():
        problems += made.make(ground, node)
    if problems:
        raise Unresolvable(tuple(problems))
    return _plan(pipeline, around, params, made)


@dataclass(slots=True)
class _Made:
    tasks: dict[str, PlanTask] = field(default_factory=dict)
    slices: dict[str, Slice] = field(default_factory=dict)

    def make(self, ground: Ground, node: Node) -> list[Problem]:
        """Makes the node's task; what stands in the way of that."""
        if node.is_pipeline:
            mapped = make_mapped_pipeline(ground, node)
            if isinstance(mapped, list):
                return mapped
            self.tasks[node.id] = mapped.task
            self.slices |= mapped.slices
            return []
        made = make_task(ground, node) if node.map is None else make_mapped(ground, node)
        if isinstance(made, list):
            return made
        task, slice_ = made
        self.tasks[node.id], self.slices[task.slice] = task, slice_
        return []


def _plan(pipeline: Pipeline, around: Circumstances, params: Mapping[str, Value], made: _Made) -> Plan:
    sizes = {**pipeline.pools, **around.pools}
    wanted = (pool for task in made.tasks.values() for pool in task.resources.pools)
    most = pipeline.concurrency
    return Plan(
        around.run,
        pipeline.name,
        around.file,
        params,
        made.tasks,
        made.slices,
        around.parallel or most.tasks,
        pipeline.timeout,
        {pool: sizes[pool] for pool in wanted if pool in sizes},
        most.runs,
    )


def _part(pipeline: Pipeline, nodes: AbstractSet[str] | None, problems: list[Problem]) -> Pipeline:
    """The part of the pipeline that is to run; none of it where a problem stands in the way."""
    try:
        topological_order(pipeline)
    except CycleError as error:
        problems.append(Problem("cycle", str(error), Where(node=error.nodes[0]), "take one of these connections out"))
        return replace(pipeline, nodes={})
    return pipeline if nodes is None else remove_nodes(pipeline, pipeline.nodes.keys() - nodes)


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
