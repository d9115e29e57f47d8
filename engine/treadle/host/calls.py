"""Calls: each method of the engine as a client calls it: its arguments read from the frame, its answer as JSON values.

To serve another method, add it to the table of its kind; its client's side is in `client.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeAlias

import treadle
from treadle.host.api import Engine
from treadle.host.messages import decode_breakpoint, decode_request, decode_rules, encode, field
from treadle.host.wire import BadFrame, Frame

__all__ = ["call"]

_Call: TypeAlias = Callable[[Engine, Frame], Awaitable[Any]]
_NULL: Final = type(None)


async def call(engine: Engine, method: str, arguments: Frame) -> Any:
    """What the engine answers. Raises what the engine raises, and BadFrame where there is no such method, or an
    argument of it is missing or of another type."""
    found = _CALLS.get(method)
    if found is None:
        raise BadFrame(f"this engine has no {method!r}: its version is {treadle.__version__}")
    return await found(engine, arguments)


def _run(given: Frame) -> str:
    return field(given, "run", str)


def _task(given: Frame) -> str:
    return field(given, "task", str)


def _any_task(given: Frame) -> str | None:
    return field(given, "task", str, _NULL)


def _by(given: Frame) -> str:
    return field(given, "by", str)


async def _answer(engine: Engine, given: Frame) -> None:
    approved, note = field(given, "approved", bool), field(given, "note", str)
    await engine.answer(_run(given), _task(given), approved=approved, note=note, by=_by(given))


async def _set_breakpoint(engine: Engine, given: Frame) -> None:
    here, on = decode_breakpoint(given), field(given, "on", bool)
    await engine.set_breakpoint(_run(given), *here, on, _by(given))


async def _change_params(engine: Engine, given: Frame) -> None:
    await engine.change_params(_run(given), _task(given), field(given, "values", dict), _by(given))


async def _runs(engine: Engine, given: Frame) -> Any:
    return [encode(summary) for summary in await engine.runs(field(given, "limit", int))]


async def _summary(engine: Engine, given: Frame) -> Any:
    return encode(await engine.summary(_run(given)))


async def _why(engine: Engine, given: Frame) -> Any:
    return encode(await engine.why(_run(given), _task(given)))


async def _preview(engine: Engine, given: Frame) -> Any:
    offset, limit = field(given, "offset", int), field(given, "limit", int)
    return encode(await engine.preview(field(given, "digest", str), offset, limit))


async def _collect(engine: Engine, given: Frame) -> Any:
    rules = decode_rules(field(given, "rules", dict))
    return encode(await engine.collect(rules, field(given, "dry_run", bool)))


_BEGINNING: Final[Mapping[str, _Call]] = {
    "start": lambda engine, given: engine.start(decode_request(given)),
    "resume": lambda engine, given: engine.resume(_run(given)),
    "retry": lambda engine, given: engine.retry(_run(given), _task(given)),
}
_STEERING: Final[Mapping[str, _Call]] = {
    "cancel": lambda engine, given: engine.cancel(_run(given), _any_task(given)),
    "answer": _answer,
    "pause": lambda engine, given: engine.pause(_run(given), _by(given)),
    "go_on": lambda engine, given: engine.go_on(_run(given), _by(given)),
    "step": lambda engine, given: engine.step(_run(given), _any_task(given), _by(given)),
    "set_breakpoint": _set_breakpoint,
    "change_params": _change_params,
}
_LOOKING: Final[Mapping[str, _Call]] = {
    "runs": _runs,
    "summary": _summary,
    "why": _why,
    "preview": _preview,
}
_PROJECT: Final[Mapping[str, _Call]] = {
    "collect": _collect,
    "trusted": lambda engine, _given: engine.trusted(),
    "trust": lambda engine, _given: engine.trust(),
}
_CALLS: Final[Mapping[str, _Call]] = {**_BEGINNING, **_STEERING, **_LOOKING, **_PROJECT}
