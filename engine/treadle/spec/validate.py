"""Every finding about a pipeline, from the rules in `spec/rules`, in the order of its file."""

from __future__ import annotations

from collections.abc import Mapping

from treadle.spec.component import Component
from treadle.spec.file_format.places import Places
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.rules import RULES, Situation

__all__ = ["validate"]


def validate(
    p: Pipeline,
    components: Mapping[str, Component],
    places: Places | None = None,
    columns: Mapping[Endpoint, tuple[str, ...]] | None = None,
    pools: Mapping[str, int] | None = None,
) -> list[Problem]:
    """What is wrong with `p` against the catalog's `components`, by line where `places` are given.

    `columns` are those known of some outputs, as from an earlier run; without them columns are not checked.
    `pools` are the project's by size; without them only the pipeline's own are checked.
    """
    situation = Situation(p, components, places or Places(), columns or {}, pools)
    found = [problem for rule in RULES for problem in rule(situation)]
    return sorted(found, key=lambda problem: (problem.where.line or 0, problem.where.column or 0))
