"""What flattening gives: the flat pipeline, what sub-pipelines' parameters were given, what could not be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.problems import Problem, Where
from treadle.spec.values import Value

__all__ = ["MOST_NODES", "Flat", "Given", "Refusals"]

MOST_NODES: Final = 100_000
"""Pipelines that use each other many times over would grow without bound."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a sub-pipeline's parameter is given, in the words of the outermost pipeline."""

    node: str
    parameter: PipelineParameter
    value: Value


@dataclass(frozen=True, slots=True)
class Flat:
    """`pipeline` has no pipelines inside. `given` has to fit once references are rendered. With `problems` of nodes
    that could not be opened, those are missing from it."""

    pipeline: Pipeline
    given: tuple[Given, ...] = ()
    problems: tuple[Problem, ...] = ()


class Refusals(list[Problem]):
    """Why something of a pipeline can't be made flat."""

    def refuse(self, code: str, message: str, node: str, hint: str = "", parameter: str | None = None) -> None:
        self.append(Problem(code, message, Where(node=node, parameter=parameter), hint))
