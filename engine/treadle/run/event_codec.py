"""Events as JSON objects and back: what stands in a journal's line and crosses the host's socket.

    {"seq": 7, "at": 1795414550.1, "kind": "attempt_launched", "task": "fit", "number": 1, "pid": 4711}

Decoding trusts nothing: a kind that this version doesn't know, or a known one whose fields are not what they
should be, becomes an UnknownEvent that keeps them all. Only a record without an envelope is refused.

As text (`to_text`, `from_text`) an event goes straight from its Struct to bytes and back, twenty times as fast; what
msgspec can't say as we do, or refuses, takes the way by JSON values, and comes to the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar, Union, cast, get_args

import msgspec

from treadle.execute.protocol import Outcome, Usage
from treadle.run.events import Event, Recorded, UnknownEvent
from treadle.run.interventions import When
from treadle.spec.facts import snake
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["NotAnEvent", "decode", "encode", "from_text", "to_text"]

_T = TypeVar("_T")


class NotAnEvent(ValueError):
    """The record has no `seq`, `at` and `kind`."""


def encode(recorded: Recorded) -> dict[str, Value]:
    """`recorded` as JSON values; the inverse of `decode`."""
    event = recorded.event
    if isinstance(event, UnknownEvent):
        return {"seq": recorded.seq, "at": recorded.at, "kind": event.kind, **event.fields}
    record: dict[str, Value] = {"seq": recorded.seq, "at": recorded.at, "kind": _KIND_OF[type(event)]}
    cls: type = type(event)
    for field in _fields_of(cls):
        value = getattr(event, field.name)
        record[field.key] = value if type(value) in _PLAIN else _to_json(value)
    return record


def decode(record: Mapping[str, Any]) -> Recorded:
    """The event in `record`. Raises NotAnEvent where it has no envelope."""
    try:
        seq, at, kind = _whole(record["seq"]), _number(record["at"]), _text(record["kind"])
    except (KeyError, TypeError) as error:
        raise NotAnEvent(f"not an event: {str(record)[:200]}") from error
    event_type = _EVENT_OF.get(kind)
    try:
        event = None if event_type is None else msgspec.convert(record, event_type)
    except (msgspec.ValidationError, UnicodeEncodeError):
        event = None if event_type is None else _build(event_type, record)
    if event is None:
        event = UnknownEvent(kind, {key: value for key, value in record.items() if key not in _ENVELOPE})
    return Recorded(seq, at, cast("Event", event))


def to_text(recorded: Recorded) -> bytes:
    """`recorded` as a JSON object in UTF-8 without a line break; fields that are as by default are left out."""
    event = recorded.event
    if isinstance(event, UnknownEvent):
        return _in_values(recorded)
    try:
        body = _ENCODER.encode(event)
    except (UnicodeEncodeError, OverflowError):  # half a surrogate pair, or 65 bits, in what somebody's code said
        return _in_values(recorded)
    if b"null" in body:  # perhaps a number that is none
        return _in_values(recorded)
    return b'{"seq":%d,"at":%b,%b' % (recorded.seq, repr(recorded.at).encode(), body[1:])


def from_text(text: bytes) -> Recorded | None:
    """The event in a JSON object; None where that has no envelope. Raises ValueError where it is no JSON object,
    RecursionError where it is too deep."""
    try:
        envelope = _ENVELOPES.decode(text)
        return Recorded(envelope.seq, envelope.at, _EVENTS.decode(text))
    except (msgspec.DecodeError, UnicodeDecodeError):
        record = json.loads(text)
    if not isinstance(record, dict):
        raise ValueError(f"not a JSON object: {text[:200]!r}")
    try:
        return decode(record)
    except NotAnEvent:
        return None


def _in_values(recorded: Recorded) -> bytes:
    return json.dumps(_to_json(encode(recorded)), separators=(",", ":"), allow_nan=False).encode()


class _Envelope(msgspec.Struct, gc=False):
    seq: int
    at: float


class _Field(NamedTuple):
    """One of an event or of what stands in one. `takes_none` where null is what it is without."""

    name: str
    key: str
    takes_none: bool
    is_required: bool


@cache
def _fields_of(cls: type) -> tuple[_Field, ...]:
    """Found out once: that costs more than all else that is done with an event."""
    if not issubclass(cls, msgspec.Struct):
        return tuple(
            _Field(
                field.name,
                field.name,
                field.default is None,
                field.default is MISSING and field.default_factory is MISSING,
            )
            for field in fields(cls)  # type: ignore[arg-type]  # an ArtifactRef
        )
    return tuple(
        _Field(field.name, field.encode_name, field.default is None, field.required)
        for field in msgspec.structs.fields(cls)
    )


def _build(cls: type, record: Mapping[str, Any]) -> Any | None:
    """An instance of `cls` from `record`'s fields; None where they don't make one."""
    values: dict[str, Any] = {}
    for name, key, takes_none, is_required in _fields_of(cls):
        if key not in record:
            if is_required:
                return None
            continue
        value = record[key]
        if value is None and takes_none:
            values[name] = None
            continue
        try:
            values[name] = _READERS[name](value)
        except (TypeError, ValueError, KeyError):
            return None
    return cls(**values)


def _to_json(value: Any) -> Value:
    """JSON has no NaN and no infinity, and a diverging loss is both: they are written as texts."""
    cls: type = type(value)
    if cls in _PLAIN:
        return cast("Value", value)
    if cls is float:
        return cast("Value", value if math.isfinite(value) else str(value))
    if cls is dict:
        return {str(key): _to_json(item) for key, item in value.items()}
    if cls in _OUTCOME_KIND or cls in (Usage, ArtifactRef):
        as_dict: dict[str, Value] = {name: _to_json(getattr(value, name)) for name, *_ in _fields_of(cls)}
        kind = _OUTCOME_KIND.get(cls)
        return as_dict if kind is None else {"kind": kind, **as_dict}
    if isinstance(value, Mapping):
        return {str(key): _to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return cast("Value", value)


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


_EVENT_OF: Final[dict[str, type]] = {
    snake(event.__name__): event for event in get_args(Event) if event is not UnknownEvent
}
_KIND_OF: Final = {event: kind for kind, event in _EVENT_OF.items()}
_OUTCOME_OF: Final[dict[str, type]] = {snake(outcome.__name__): outcome for outcome in get_args(Outcome)}
_OUTCOME_KIND: Final = {outcome: kind for kind, outcome in _OUTCOME_OF.items()}

_ENVELOPE: Final = ("seq", "at", "kind")
_PLAIN: Final = frozenset({str, int, bool, type(None)})

_ENCODER: Final = msgspec.json.Encoder()
_ENVELOPES: Final = msgspec.json.Decoder(_Envelope)
_EVENTS: Final[msgspec.json.Decoder[Event]] = msgspec.json.Decoder(Union[tuple(_EVENT_OF.values())])  # noqa: UP007 (made at run time)

_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(
        ("run", "pipeline", "by", "task", "key", "reason", "message", "name", "cause", "error", "traceback", "file",
         "signal", "digest", "type", "codec", "note"),
        _text,
    ),
    **dict.fromkeys(
        ("number", "pid", "memory", "read_bytes", "write_bytes", "threads", "processes", "gpu_memory", "memory_used",
         "memory_total", "peak_memory", "step", "line", "log_line", "exit_code", "size", "items"),
        _whole,
    ),
    **dict.fromkeys(("at", "fraction", "value", "cpu", "gpu", "limit", "wall", "cpu_user", "cpu_system"), _number),
    "tasks": _texts,
    "kinds": _texts,
    "anew": _texts,
    "expanded": _texts,
    "body": _texts,
    "params": _values,
    "meta": _values,
    "outputs": _artifacts,
    "kept": _artifacts,
    "artifact": lambda value: _instance(ArtifactRef, value),
    "source": lambda value: _instance(ArtifactRef, value),
    "usage": _usage,
    "outcome": _outcome,
    "approved": _flag,
    "asks": _flag,
    "on": _flag,
    "when": When,
    "state": _finished_as,
}  # fmt: skip
