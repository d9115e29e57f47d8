"""The pipeline's parameters in an export: defaults that can go along, and what a target does not check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from treadle.spec.parameter_words import bounds_words
from treadle.spec.pipeline import Pipeline, PipelineParameter
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.values import Value, references

__all__ = ["fixed_default", "is_needed", "unchecked", "unsettled_defaults"]


def fixed_default(parameter: PipelineParameter) -> Value:
    """The default as it is known now; None where it is only in a run, as `$env.DATA`."""
    return None if any(references(parameter.default)) else parameter.default


def is_needed(parameter: PipelineParameter) -> bool:
    """Whether an export has to be given it."""
    return fixed_default(parameter) is None and (parameter.required or parameter.default is not None)


def unsettled_defaults(pipeline: Pipeline, target: str) -> Iterator[Problem]:
    for parameter in pipeline.params.values():
        for found in references(parameter.default):
            yield _warning(
                "default-not-exported", parameter, f"the {target} has no default for it: only a run knows {found}",
                f"give {parameter.name} where the {target} runs",
            )  # fmt: skip


def unchecked(pipeline: Pipeline, target: str) -> Iterator[Problem]:
    """Bounds that a target does not check which knows of types and choices only."""
    for parameter in pipeline.params.values():
        bounds = bounds_words(replace(parameter.type, choices=()))
        inner = parameter.type.item or parameter.type
        if bounds or inner.properties or inner.choices != parameter.type.choices:
            what = bounds or "what it has to hold"
            yield _warning(
                "bounds-not-exported", parameter, f"the {target} does not check it: {what}",
                "check what is given before the script is started",
            )  # fmt: skip


def _warning(code: str, parameter: PipelineParameter, message: str, hint: str) -> Problem:
    where = Where(parameter=parameter.name)
    return Problem(code, f"params.{parameter.name}: {message}", where, hint, Severity.WARNING)
