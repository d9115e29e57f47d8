"""How an attempt ended, decided from what is known of it: one pure function from facts to an Outcome."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Any

from treadle.execute.protocol import AttemptRequest, Cancelled, Crashed, Failed, Outcome, Succeeded, TimedOut
from treadle.store.artifacts import from_fields

__all__ = ["BadResult", "crash", "judge_result", "settle", "size_text"]


class BadResult(Exception):
    """A result frame that says nothing sensible."""


@dataclass(frozen=True, slots=True)
class _Text:
    """Fields of a `failed` frame, checked."""

    frame: dict[str, Any]

    def text(self, name: str) -> str:
        value = self.frame.get(name)
        if not isinstance(value, str):
            raise BadResult(f"its failure has no {name}")
        return value


def settle(
    claimed: Succeeded | Failed | None,
    ending: Outcome | None,
    status: int,
    memory: int,
    ran_out: bool | None = None,
) -> Outcome:
    """How it ended: by what its result claims, or by what we ended it for, or by itself.

    Something that succeeded while it was being ended did succeed. A failure then is only how it took SIGTERM. A crash
    that we saw (garbage on its channel, too much memory) stands against any result. `status` is from `wait4`;
    `ran_out` as in `crash`.
    """
    match ending, claimed:
        case None, None:
            return crash(status, memory, ran_out)
        case None, Succeeded() | Failed():
            return claimed
        case TimedOut() | Cancelled(), Succeeded():
            return claimed
        case _:
            assert ending is not None
            return ending


def judge_result(frame: dict[str, Any], request: AttemptRequest) -> Succeeded | Failed:
    """The outcome that a result frame claims. Raises BadResult."""
    if frame["kind"] == "failed":
        fields = _Text(frame)
        file, line, kinds = frame.get("file"), frame.get("line"), frame.get("kinds")
        names = tuple(map(str, kinds)) if isinstance(kinds, list) else ()
        return Failed(
            error=fields.text("error"), message=_with_limit(fields.text("message"), names, request),
            traceback=fields.text("traceback"), file=file if isinstance(file, str) else None,
            line=line if isinstance(line, int) else None, kinds=names,
        )  # fmt: skip
    outputs = frame.get("outputs")
    if not isinstance(outputs, dict):
        raise BadResult("its result has no outputs")
    missing = [each.name for each in request.outputs if each.name not in outputs and not each.optional]
    if missing:
        raise BadResult(f"its result lacks {', '.join(missing)}")
    try:
        taken = (output.name for output in request.outputs if output.name in outputs)
        return Succeeded({name: from_fields(outputs[name]) for name in taken})
    except ValueError as error:
        raise BadResult(str(error)) from None


def _with_limit(message: str, kinds: tuple[str, ...], request: AttemptRequest) -> str:
    """Where memory ran out within the node's limit, the message says how much that is."""
    limit = request.resources.memory
    if limit is None or "MemoryError" not in kinds:
        return message
    return f"{message} (its limit is {size_text(limit)})"


_KILLED_BY = {
    True: ": the kernel was ending processes because memory had run out",
    False: ": by a person or another program, for the kernel ended none for want of memory",
    None: ": by a person, another program, or the kernel where memory had run out",
}


def crash(status: int, memory: int, ran_out: bool | None = None) -> Crashed:
    """The crash that a `wait4` status means. `memory` is the most the tree was seen to hold, `ran_out` whether the
    kernel ended processes meanwhile because memory had run out; None where it doesn't tell.
    """
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        return Crashed(f"the process left with exit code {code} before it gave a result", exit_code=code)
    number = os.WTERMSIG(status)
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    reason = f"the process was ended by {name}"
    if number == signal.SIGKILL:
        reason += f"{_KILLED_BY[ran_out]} (it held {size_text(memory)})"
    elif number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL):
        reason += ", a fault in native code; the end of the log shows where it was"
    return Crashed(reason, signal=name)


def size_text(count: int) -> str:
    """`1.5 GiB`, for a person."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"
