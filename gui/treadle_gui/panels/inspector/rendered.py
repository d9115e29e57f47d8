"""What a reference stands for, as far as that is known before a run."""

from __future__ import annotations

import json
from collections.abc import Mapping

from treadle.spec.pipeline import Pipeline
from treadle.spec.types import ParameterKind
from treadle.spec.values import Reference, Value, references

__all__ = ["rendered_words"]

_LONGEST = 120


def rendered_words(value: Value, pipeline: Pipeline, environment: Mapping[str, str]) -> str:
    """`= 0.2` for a `$params.test_size`; empty for what is no reference. A secret is never shown."""
    found = list(references(value)) if isinstance(value, str) else []
    if len(found) != 1 or not isinstance(found[0], Reference):
        return ""
    return _words(found[0], pipeline, environment)


def _words(reference: Reference, pipeline: Pipeline, environment: Mapping[str, str]) -> str:
    match reference.scope:
        case "params":
            return _parameter(reference.name, pipeline, environment)
        case "env":
            known = environment.get(reference.name)
            return f"= {_short(known)}" if known is not None else f"{reference.name} is not set: no run will begin"
        case "secrets":
            return "= •••"
        case "run":
            return {"id": "= the run's id", "date": "= when the run begins"}.get(reference.name, "")
        case _:
            return ""


def _parameter(name: str, pipeline: Pipeline, environment: Mapping[str, str]) -> str:
    parameter = pipeline.params.get(name)
    if parameter is None:
        return ""
    if parameter.type.kind is ParameterKind.SECRET:
        return "= •••"
    if parameter.default is None:
        return "= what the run is given" if parameter.required else "= nothing, unless the run is given it"
    inner = rendered_words(parameter.default, pipeline, environment)
    return f"{inner or f'= {_short(parameter.default)}'}, unless the run is given another"


def _short(value: Value) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
