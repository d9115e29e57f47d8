"""Events as JSON objects and back: what stands in a journal's line and crosses the host's socket.

    {"seq": 7, "at": 1795414550.1, "kind": "attempt_launched", "task": "fit", "number": 1, "pid": 4711}

Decoding trusts nothing: a kind that this version doesn't know, or a known one whose fields are not what they
should be, becomes an UnknownEvent that keeps them all. Only a record without an envelope is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, TypeVar, cast, get_args

from treadle.execute.protocol import Outcome, Usage
from treadle.run.events import Event, Recorded, UnknownEvent
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["NotAnEvent", "decode", "encode"]

_T = TypeVar("_T")


class NotAnEvent(ValueError):
    """The record has no `seq`, `at` and `kind`."""


def encode(recorded: Recorded) -> dict[str, Value]:
    """`recorded` as JSON values; the inverse of `decode`."""
    event = recorded.event
    if isinstance(event, UnknownEvent):
        return {"seq": recorded.seq, "at": recorded.at, "kind": event.kind, **event.fields}
    record: dict[str, Value] = {"seq": recorded.seq, "at": recorded.at, "kind": _KIND_OF[type(event)]}
    for name, key in _FIELDS[type(event)]:
        record[key] = _to_json(getattr(event, name))
    return record


def decode(record: Mapping[str, Any]) -> Recorded:
    """The event in `record`. Raises NotAnEvent where it has no envelope."""
    try:
        seq, at, kind = _whole(record["seq"]), _number(record["at"]), _text(record["kind"])
    except (KeyError, TypeError) as error:
        raise NotAnEvent(f"not an event: {str(record)[:200]}") from error
    event_type = _EVENT_OF.get(kind)
    event = None if event_type is None else _build(event_type, record)
    if event is None:
        event = UnknownEvent(kind, {key: value for key, value in record.items() if key not in _ENVELOPE})
    return Recorded(seq, at, cast("Event", event))


def _build(cls: type, record: Mapping[str, Any]) -> Any | None:
    """An instance of `cls` from `record`'s fields; None where they don't make one."""
    values: dict[str, Any] = {}
    for field in fields(cls):
        key = _KEY_OF.get(field.name, field.name)
        if key not in record:
            continue
        value = record[key]
        if value is None and field.default is None:
            values[field.name] = None
            continue
        try:
            values[field.name] = _READERS[field.name](value)
        except (TypeError, ValueError, KeyError):
            return None
    required = (f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING)
    return cls(**values) if all(name in values for name in required) else None


def _to_json(value: Any) -> Value:
    """JSON has no NaN and no infinity, and a diverging loss is both: they are written as texts."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str | int | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): _to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    as_dict: dict[str, Value] = {field.name: _to_json(getattr(value, field.name)) for field in fields(value)}
    kind = _OUTCOME_KIND.get(type(value))
    return as_dict if kind is None else {"kind": kind, **as_dict}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    return tuple(_text(item) for item in value)


def _values(value: Any) -> dict[str, Value]:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _artifacts(value: Any) -> dict[str, ArtifactRef]:
    return {port: _instance(ArtifactRef, ref) for port, ref in _values(value).items()}


def _usage(value: Any) -> Usage:
    return _instance(Usage, value)


def _outcome(value: Any) -> Outcome:
    cls = _OUTCOME_OF[_text(_values(value).get("kind"))]
    return cast("Outcome", _instance(cls, value))


def _instance(cls: type[_T], value: Any) -> _T:
    built = _build(cls, _values(value))
    if built is None:
        raise TypeError(value)
    return cast("_T", built)


def _finished_as(value: Any) -> str:
    if value not in ("succeeded", "failed", "cancelled"):
        raise ValueError(value)
    return _text(value)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


_EVENT_OF: Final[dict[str, type]] = {
    _snake(event.__name__): event for event in get_args(Event) if event is not UnknownEvent
}
_KIND_OF: Final = {event: kind for kind, event in _EVENT_OF.items()}
_OUTCOME_OF: Final[dict[str, type]] = {_snake(outcome.__name__): outcome for outcome in get_args(Outcome)}
_OUTCOME_KIND: Final = {outcome: kind for kind, outcome in _OUTCOME_OF.items()}

_ENVELOPE: Final = ("seq", "at", "kind")
_KEY_OF: Final = {"at": "due"}
"""RetryScheduled's `at` would collide with the envelope's."""

_FIELDS: Final[dict[type, tuple[tuple[str, str], ...]]] = {
    event: tuple((field.name, _KEY_OF.get(field.name, field.name)) for field in fields(event)) for event in _KIND_OF
}

_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(
        ("run", "pipeline", "by", "task", "key", "reason", "message", "name", "cause", "error", "traceback", "file",
         "signal", "digest", "type", "codec", "note"),
        _text,
    ),
    **dict.fromkeys(
        ("number", "pid", "memory", "read_bytes", "write_bytes", "threads", "processes", "gpu_memory", "memory_used",
         "memory_total", "peak_memory", "step", "line", "log_line", "exit_code", "size"),
        _whole,
    ),
    **dict.fromkeys(("at", "fraction", "value", "cpu", "gpu", "limit", "wall", "cpu_user", "cpu_system"), _number),
    "tasks": _texts,
    "kinds": _texts,
    "anew": _texts,
    "params": _values,
    "meta": _values,
    "outputs": _artifacts,
    "artifact": lambda value: _instance(ArtifactRef, value),
    "usage": _usage,
    "outcome": _outcome,
    "approved": _flag,
    "asks": _flag,
    "state": _finished_as,
}  # fmt: skip
