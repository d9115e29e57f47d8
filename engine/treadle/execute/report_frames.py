"""A report's frame as the message it means. What a worker sends is not trusted: anything else is a BadFrame."""

from __future__ import annotations

from typing import Any

import msgspec

from treadle.execute.frames import BadFrame
from treadle.execute.protocol import ArtifactKept, AttemptId, CheckpointKept, Metric, Progress, Usage
from treadle.store.artifacts import from_fields
from treadle.store.references import ArtifactRef

__all__ = ["Report", "decoded", "report_of", "usage_of", "whole"]

Report = Progress | Metric | ArtifactKept | CheckpointKept


def decoded(body: bytes) -> Any:
    """A frame's JSON, in a third of the time; None for what JSON proper doesn't know (NaN), or nobody does."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def report_of(attempt: AttemptId, frame: dict[str, Any]) -> Report:
    """What `attempt` reports by `frame`. Raises BadFrame."""
    match frame:
        case {"kind": "progress", "fraction": int() | float() as fraction, "message": str(message)}:
            return Progress(attempt, min(max(float(fraction), 0.0), 1.0), message)
        case {"kind": "metric", "name": str(name), "value": int() | float() as value, "step": int() | None as step}:
            return Metric(attempt, name, float(value), step)
        case {"kind": "artifact", "name": str(name), "reference": reference}:
            return ArtifactKept(attempt, name, _reference(reference))
        case {"kind": "checkpoint", "reference": reference}:
            return CheckpointKept(attempt, _reference(reference))
        case _:
            raise BadFrame(f"a report of kind {str(frame['kind'])[:50]!r} makes no sense")


def usage_of(frame: dict[str, Any]) -> Usage:
    """What an attempt used, as its result says. Raises BadFrame."""
    return Usage(
        wall=_number(frame, "wall"), cpu_user=_number(frame, "user"), cpu_system=_number(frame, "system"),
        peak_memory=whole(frame, "resident"), read_bytes=whole(frame, "read"), write_bytes=whole(frame, "written"),
    )  # fmt: skip


def whole(frame: dict[str, Any], name: str) -> int:
    """Raises BadFrame where it has none."""
    value = frame.get(name)
    if not isinstance(value, int):
        raise BadFrame(f"its result has no {name}")
    return value


def _number(frame: dict[str, Any], name: str) -> float:
    value = frame.get(name)
    if not isinstance(value, int | float):
        raise BadFrame(f"its result has no {name}")
    return float(value)


def _reference(fields: Any) -> ArtifactRef:
    try:
        return from_fields(fields)
    except ValueError as error:
        raise BadFrame(str(error)) from None
