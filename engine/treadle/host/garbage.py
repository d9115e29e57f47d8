"""Python's garbage collector in a process that goes on with runs: it looks at what is young, and seldom at the rest.

A full collection stops the event loop for tens of milliseconds once a run has a hundred thousand tasks. Their states
are freed as they are replaced; only cycles wait, and of those a run makes few.
"""

from __future__ import annotations

import gc
from typing import Final

__all__ = ["collect_mostly_the_young", "set_apart"]

_YOUNG: Final = 10_000
"""Objects more than were freed: looking at them takes about half a millisecond."""
_LARGE: Final = 10_000
_SELDOM: Final = 1_000
"""How many of those looks go before one at older objects: ten million objects, more than a large run keeps."""


def collect_mostly_the_young() -> None:
    """For this process from now on; what is loaded by now is never looked at again."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _SELDOM, _SELDOM)


def set_apart(tasks: int) -> None:
    """Of a run of so many tasks that was just made: what it is made of is no longer young, if there is much of it.

    It would be looked at once, which takes 17 ms in the middle of a run of 100,000. It goes with its run as before;
    only what was cyclic garbage by now stays.
    """
    if tasks >= _LARGE:
        gc.freeze()
