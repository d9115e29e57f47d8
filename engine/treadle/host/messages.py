"""Values as they cross the wire, both ways. What arrives is checked field by field; nothing is guessed.

`x == decode(encode(x))` for every value of `host.api`. Events have a codec of their own, `run/event_codec.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from treadle.host.api import (
    Breakpoint,
    Collected,
    EngineFailed,
    NotTrusted,
    Preview,
    Rules,
    RunBusy,
    RunRefused,
    RunRequest,
    RunSummary,
    UnknownRun,
    UnknownTask,
    When,
    Why,
)
from treadle.host.wire import BadFrame, Frame
from treadle.run.why import Change, CodeChange, InputChange, Origin
from treadle.spec.problems import Problem, Severity, Where

__all__ = [
    "decode_breakpoint",
    "decode_collected",
    "decode_error",
    "decode_preview",
    "decode_problem",
    "decode_request",
    "decode_rules",
    "decode_summary",
    "decode_why",
    "encode",
    "encode_error",
    "field",
]  # fmt: skip

_T = TypeVar("_T")

_PLAIN_ERRORS: Final[Mapping[str, type[Exception]]] = {
    "not-trusted": NotTrusted,
    "unknown-run": UnknownRun,
    "unknown-task": UnknownTask,
    "run-busy": RunBusy,
    "no-such-artifact": KeyError,
    "engine-failed": EngineFailed,
}
_NULL: Final = type(None)


def encode(value: RunRequest | RunSummary | Preview | Problem | Why | Rules | Collected) -> Frame:
    """A frozen value as JSON."""
    return dataclasses.asdict(value)


def field(frame: Mapping[str, Any], name: str, *types: type[_T]) -> _T:
    """`frame[name]` (None where absent), checked to be exactly one of `types`: a bool is no int. Raises BadFrame."""
    value = frame.get(name)
    if type(value) not in types:
        wanted = " or ".join("null" if each is _NULL else each.__name__ for each in types)
        raise BadFrame(f"`{name}` is to be {wanted}, not {type(value).__name__}")
    return value  # type: ignore[return-value]  # the check above is by identity of types


def decode_request(frame: Frame) -> RunRequest:
    return RunRequest(
        text=field(frame, "text", str),
        file=field(frame, "file", str, _NULL),
        params=field(frame, "params", dict),
        to=field(frame, "to", str, _NULL),
        use_cache=field(frame, "use_cache", bool),
        by=field(frame, "by", str),
        start_from=field(frame, "start_from", str, _NULL),
        only=field(frame, "only", str, _NULL),
        failed=field(frame, "failed", bool),
        environment=field(frame, "environment", dict, _NULL),
        parallel=field(frame, "parallel", int, _NULL),
        breakpoints=tuple(_breakpoint(each) for each in field(frame, "breakpoints", list, tuple)),
        paused=field(frame, "paused", bool),
    )


def decode_breakpoint(frame: Frame) -> Breakpoint:
    return _breakpoint((field(frame, "task", str), field(frame, "when", str)))


def _breakpoint(found: Any) -> Breakpoint:
    match found:
        case (str(task), "before" | "after" as when):
            return Breakpoint(task, When(when))
        case _:
            raise BadFrame("a breakpoint is a task, and `before` or `after`")


def decode_summary(frame: Frame) -> RunSummary:
    return RunSummary(
        run=field(frame, "run", str),
        pipeline=field(frame, "pipeline", str),
        file=field(frame, "file", str, _NULL),
        state=field(frame, "state", str),
        started=field(frame, "started", float, int),
        finished=field(frame, "finished", float, int, _NULL),
        tasks=field(frame, "tasks", int),
        counts=field(frame, "counts", dict),
        folder=field(frame, "folder", str),
        trouble=field(frame, "trouble", str),
        paused=field(frame, "paused", str),
        idle=field(frame, "idle", float, int),
    )


def decode_preview(frame: Frame) -> Preview:
    return Preview(
        digest=field(frame, "digest", str),
        type=field(frame, "type", str),
        kind=field(frame, "kind", str),
        value=frame.get("value"),
    )


def decode_rules(frame: Frame) -> Rules:
    return Rules(
        older_than=field(frame, "older_than", float, int, _NULL),
        keep_runs=field(frame, "keep_runs", int, _NULL),
        max_size=field(frame, "max_size", int, _NULL),
    )


def decode_collected(frame: Frame) -> Collected:
    return Collected(
        runs=tuple(map(str, field(frame, "runs", list, tuple))),
        entries=field(frame, "entries", int),
        artifacts=field(frame, "artifacts", int),
        freed=field(frame, "freed", int),
        left=field(frame, "left", int),
        dry_run=field(frame, "dry_run", bool),
    )


def decode_why(frame: Frame) -> Why:
    code = field(frame, "code", dict, _NULL)
    return Why(
        run=field(frame, "run", str),
        task=field(frame, "task", str),
        status=field(frame, "status", str),
        reason=field(frame, "reason", str),
        compared=field(frame, "compared", bool),
        before=field(frame, "before", str, _NULL),
        code=None if code is None else _code_change(code),
        parameters=_changes(frame, "parameters"),
        inputs=tuple(
            InputChange(
                field(each, "port", str), _origins(each, "before"), _origins(each, "now"), field(each, "changed", bool)
            )
            for each in _objects(frame, "inputs")
        ),
        files=_changes(frame, "files"),
        environment=_changes(frame, "environment"),
        pipelines=tuple(map(_code_change, _objects(frame, "pipelines"))),
    )


def _code_change(frame: Frame) -> CodeChange:
    return CodeChange(*(field(frame, name, str) for name in ("before", "now", "diff")))


def _objects(frame: Frame, name: str) -> list[Frame]:
    found = field(frame, name, list, tuple)
    if not all(isinstance(each, dict) for each in found):
        raise BadFrame(f"`{name}` is to be a list of objects")
    return list(found)


def _changes(frame: Frame, name: str) -> tuple[Change, ...]:
    return tuple(
        Change(
            name=field(each, "name", str),
            before=each.get("before"),
            now=each.get("now"),
            was_there=field(each, "was_there", bool),
            is_there=field(each, "is_there", bool),
        )
        for each in _objects(frame, name)
    )


def _origins(frame: Frame, name: str) -> tuple[Origin, ...]:
    return tuple(
        Origin(field(each, "task", str), field(each, "digest", str), field(each, "run", str, _NULL))
        for each in _objects(frame, name)
    )


def decode_problem(frame: Frame) -> Problem:
    place = field(frame, "where", dict)
    try:
        severity = Severity(field(frame, "severity", str))
    except ValueError as error:
        raise BadFrame(str(error)) from None
    return Problem(
        code=field(frame, "code", str),
        message=field(frame, "message", str),
        where=Where(
            file=field(place, "file", str, _NULL),
            line=field(place, "line", int, _NULL),
            column=field(place, "column", int, _NULL),
            node=field(place, "node", str, _NULL),
            port=field(place, "port", str, _NULL),
            parameter=field(place, "parameter", str, _NULL),
        ),
        hint=field(frame, "hint", str),
        severity=severity,
    )


def encode_error(error: Exception) -> Frame:
    """An error a client can act on keeps its type; any other becomes `EngineFailed`, told in one line."""
    if isinstance(error, RunRefused):
        return {"kind": "run-refused", "problems": [encode(problem) for problem in error.problems]}
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    for kind, known in _PLAIN_ERRORS.items():
        if isinstance(error, known):
            return {"kind": kind, "message": message}
    return {"kind": "engine-failed", "message": f"{type(error).__name__}: {message}"}


def decode_error(frame: object) -> Exception:
    """The exception to raise here for one that was raised there."""
    if not isinstance(frame, dict):
        return EngineFailed("the engine sent an error that can't be read")
    if frame.get("kind") == "run-refused":
        return RunRefused(tuple(decode_problem(problem) for problem in field(frame, "problems", list)))
    known = _PLAIN_ERRORS.get(str(frame.get("kind")), EngineFailed)
    return known(str(frame.get("message", "")))
