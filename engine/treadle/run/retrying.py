"""When a failed attempt is tried again, and after which pause. No clock and no randomness: jitter comes from a hash.

pause(n) = min(delay · backoff^(n-1), maximum) · (1 + jitter · u),   u in [-1, 1) from (run, task, n)
"""

from __future__ import annotations

import hashlib
from typing import Final

from treadle.execute.protocol import Crashed, Failed, Outcome, TimedOut
from treadle.run.plan import PlanTask

__all__ = ["is_retried", "lacks_room", "pause"]

_STORE_FULL: Final = "StoreFull"
_LONGEST: Final = 365 * 86400.0


def lacks_room(outcome: Outcome | None) -> bool:
    """Whether the attempt came to nothing only because the disk had no room for what it gave."""
    return isinstance(outcome, Failed) and outcome.error == _STORE_FULL and any(map(_is_store_full, outcome.kinds))


def _is_store_full(kind: str) -> bool:
    return kind.endswith(f"_store.blobs.{_STORE_FULL}") or kind == f"treadle.store.blobs.{_STORE_FULL}"


def is_retried(task: PlanTask, outcome: Outcome | None) -> bool:
    """Whether a failure of this kind is one that `task` is tried again for. None: its end was never seen."""
    wanted = task.retry.failures
    if wanted is None or lacks_room(outcome):
        return True
    match outcome:
        case Failed(error=error, kinds=kinds):
            return "failed" in wanted or any(_names(name, kind) for name in wanted for kind in (error, *kinds))
        case TimedOut():
            return "timed_out" in wanted
        case Crashed() | None:
            return "crashed" in wanted
        case _:
            return False


def _names(name: str, kind: str) -> bool:
    """Whether `name` names the exception class `kind`, which may be qualified: `requests.exceptions.Timeout`."""
    return name == kind or name == kind.rpartition(".")[2]


def pause(task: PlanTask, run: str, number: int) -> float:
    """Seconds between attempt `number` (from 1, counted since the last resume) and the next."""
    retry = task.retry
    longest = _LONGEST if retry.maximum is None else retry.maximum
    try:
        grown = task.retry_delay * (retry.backoff or 1.0) ** (number - 1)
    except OverflowError:
        grown = longest
    return min(grown, longest) * (1.0 + (retry.jitter or 0.0) * _chance(f"{run}\0{task.id}\0{number}"))


def _chance(seed: str) -> float:
    """A number in [-1, 1) that `seed` alone decides."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / (1 << 47) - 1.0
