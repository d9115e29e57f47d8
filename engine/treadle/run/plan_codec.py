"""A plan as JSON and back: `plan.json` in a run's folder, all that is needed to go on with the run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.run.plan import Plan, PlanTask, TaskInput
from treadle.spec.pipeline import Resources

__all__ = ["UnreadablePlan", "plan_from_json", "plan_to_json"]

_VERSION: Final = 1


class UnreadablePlan(ValueError):
    """The text is not a plan of a version that this Treadle reads."""


def plan_to_json(plan: Plan) -> bytes:
    """`plan` as UTF-8 JSON with an end of line; the inverse of `plan_from_json`."""
    document = {"treadle_plan": _VERSION, **asdict(plan)}
    for task in document["tasks"].values():
        task["many"] = sorted(task["many"])
    return json.dumps(document, indent=1).encode() + b"\n"


def plan_from_json(data: bytes) -> Plan:
    """Raises UnreadablePlan."""
    try:
        document = json.loads(data)
        if document["treadle_plan"] != _VERSION:
            raise UnreadablePlan(f"the plan is of version {document['treadle_plan']!r}; this Treadle reads {_VERSION}")
        return Plan(
            run=document["run"],
            pipeline=document["pipeline"],
            file=document["file"],
            params=document["params"],
            tasks={id_: _task(task) for id_, task in document["tasks"].items()},
            slices={digest: _slice(slice_) for digest, slice_ in document["slices"].items()},
            parallel=document["parallel"],
        )
    except (KeyError, TypeError, AttributeError, RecursionError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UnreadablePlan(f"the plan can't be read: {type(error).__name__}: {error}") from error


def _task(task: Mapping[str, Any]) -> PlanTask:
    inputs = {port: tuple(TaskInput(**source) for source in sources) for port, sources in task["inputs"].items()}
    return PlanTask(
        **{
            **task,
            "inputs": inputs,
            "outputs": tuple(Output(**output) for output in task["outputs"]),
            "many": frozenset(task["many"]),
            "after": tuple(task["after"]),
            "paths": tuple(task["paths"]),
            "resources": Resources(**task["resources"]),
        }
    )


def _slice(slice_: Mapping[str, Any]) -> Slice:
    lines = tuple((first, file, line) for first, file, line in slice_["lines"])
    return Slice(**{**slice_, "imports": tuple(slice_["imports"]), "lines": lines})
