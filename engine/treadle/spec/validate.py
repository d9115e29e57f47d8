"""Every finding about a pipeline and the pipelines inside it, from the rules in `spec/rules`, in the order of its file.

A finding inside names the way to its node (`prepare/clean`), and the file and line where that stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from treadle.spec.component import Component
from treadle.spec.file_format.places import Places
from treadle.spec.interfaces import known_components
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.rules import RULES, Situation
from treadle.spec.subpipelines import DEEPEST, NO_FILES, PipelineFiles, inner

__all__ = ["validate"]

Columns = Mapping[Endpoint, tuple[str, ...]]
Pools = Mapping[str, int]


def validate(
    p: Pipeline,
    components: Mapping[str, Component],
    places: Places | None = None,
    columns: Columns | None = None,
    pools: Pools | None = None,
    files: PipelineFiles = NO_FILES,
) -> list[Problem]:
    """What is wrong with `p` against the catalog's `components`, by line where `places` are given.

    `columns` are those known of some outputs, as from an earlier run; without them columns are not checked.
    `pools` are the project's by size; without them only the pipeline's own are checked. `files` are the project's
    pipelines that nodes use; each is looked at once, however many do.
    """
    return _Validation(components, files).level(_Level(p, places or Places(), columns or {}, pools))


@dataclass(frozen=True, slots=True)
class _Level:
    """A pipeline at the place where it stands. `chain` is what was gone through to it."""

    pipeline: Pipeline
    places: Places
    columns: Columns
    pools: Pools | None
    chain: tuple[str, ...] = ()


@dataclass(slots=True)
class _Validation:
    components: Mapping[str, Component]
    files: PipelineFiles
    seen: set[str] = field(default_factory=set)

    def level(self, level: _Level) -> list[Problem]:
        p = level.pipeline
        known = known_components(p, self.components, self.files)
        situation = Situation(p, known, level.places, level.columns, level.pools, self.files)
        found = [problem for rule in RULES for problem in rule(situation)]
        elsewhere: list[Problem] = []
        for node in p.nodes.values():
            if node.is_pipeline:
                inside = self.inside(situation, level, node)
                (found if node.pipeline is not None else elsewhere).extend(inside)
        ordered = sorted(found, key=lambda problem: (problem.where.line or 0, problem.where.column or 0))
        return [*ordered, *elsewhere]

    def inside(self, situation: Situation, level: _Level, node: Node) -> Iterator[Problem]:
        """What is wrong inside a node that is a pipeline."""
        chain = (*level.chain, node.uses)
        if node.pipeline is None and node.uses in level.chain:
            message = f"pipelines that use each other never end: {' → '.join(chain[chain.index(node.uses) :])}"
            yield situation.at("pipeline-cycle", message, node.id, hint="use another pipeline")
            return
        if len(chain) > DEEPEST:
            message = f"{node.id} is a pipeline more than {DEEPEST} levels deep"
            yield situation.at("too-deep", message, node.id, hint="flatten some of them")
            return
        places, problems = level.places.inside(node.id), list[Problem]()
        if node.pipeline is None:
            if node.uses in self.seen or node.uses not in self.files:
                return
            self.seen.add(node.uses)
            reading = self.files[node.uses]
            places, problems = reading.places, list(reading.problems)
        within = inner(node, self.files)
        if within is not None:
            pools = None if level.pools is None else {**level.pools, **level.pipeline.pools}
            problems += self.level(_Level(within, places, _within(level.columns, node.id), pools, chain))
        yield from (_told_from(problem, node.id) for problem in problems)


def _within(columns: Columns, node: str) -> Columns:
    """Those of the pipeline that `node` is."""
    prefix = f"{node}/"
    inside = {end: names for end, names in columns.items() if end.node.startswith(prefix)}
    return {replace(end, node=end.node.removeprefix(prefix)): names for end, names in inside.items()}


def _told_from(problem: Problem, node: str) -> Problem:
    """`problem` of the pipeline that `node` is, as the pipeline around it tells it."""
    inside = problem.where.node
    return replace(problem, where=replace(problem.where, node=node if inside is None else f"{node}/{inside}"))
