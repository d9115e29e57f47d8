"""A plan as JSON and back: `plan.json` in a run's folder, all that is needed to go on with the run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from treadle.run.plan import Plan

__all__ = ["UnreadablePlan", "plan_from_json", "plan_to_json"]

_VERSION: Final = 1


class UnreadablePlan(ValueError):
    """The text is not a plan of a version that this Treadle reads."""


def plan_to_json(plan: Plan) -> bytes:
    """`plan` as UTF-8 JSON with an end of line; the inverse of `plan_from_json`."""
    document = {"treadle_plan": _VERSION, **msgspec.to_builtins(plan)}
    for task in document["tasks"].values():
        _sort_sets(task)
    text = json.dumps(document).encode()
    try:
        return msgspec.json.format(text, indent=1) + b"\n"  # laid out by `json` it takes ten times as long
    except msgspec.DecodeError:  # a number that is none, which JSON proper doesn't know
        return text + b"\n"


def _sort_sets(task: dict[str, Any]) -> None:
    task["many"], task["optional"] = sorted(task["many"]), sorted(task["optional"])
    for each in task["map"]["body"] if task["map"] is not None else ():
        _sort_sets(each)


def plan_from_json(data: bytes) -> Plan:
    """Every field is checked, and where one is wrong the message names it. Raises UnreadablePlan."""
    from pydantic import TypeAdapter, ValidationError  # only going on with a run reads a plan: 60 ms that no start pays

    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UnreadablePlan(f"the plan can't be read: {error}") from error
    version = document.pop("treadle_plan", None) if isinstance(document, dict) else None
    if version != _VERSION:
        raise UnreadablePlan(f"the plan is of version {version!r}; this Treadle reads {_VERSION}")
    try:
        plan = TypeAdapter(Plan).validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnreadablePlan(f"the plan can't be read: {place}: {first['msg']}") from error
    unknown = next(_unknown(document, json.loads(plan_to_json(plan))), None)
    if unknown is not None:
        raise UnreadablePlan(f"the plan can't be read: {unknown} is not known")
    return plan


def _unknown(given: object, read: object, place: str = "") -> Iterator[str]:
    """The places in `given` that reading passed over; pydantic ignores them in a dataclass."""
    if isinstance(given, dict) and isinstance(read, dict):
        for key, value in given.items():
            where = f"{place}.{key}" if place else str(key)
            if key in read:
                yield from _unknown(value, read[key], where)
            else:
                yield where
