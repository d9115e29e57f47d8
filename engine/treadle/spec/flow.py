"""When a node runs, and when it is tried again: the words of a pipeline's flow.

| trigger                       | runs when, of what it waits for,           |
| ----------------------------- | ------------------------------------------ |
| `all_success`                 | everything succeeded (the default)         |
| `all_failed`                  | everything failed                          |
| `all_done`                    | everything ended, however                  |
| `all_done_min_one_success`    | everything ran, and something succeeded    |
| `all_done_setup_success`      | everything ended, and a set-up succeeded   |
| `all_skipped`                 | everything was skipped                     |
| `one_success` `one_failed`    | something succeeded / failed: at once      |
| `one_done`                    | something succeeded or failed: at once     |
| `none_failed`                 | everything succeeded or was skipped        |
| `none_failed_min_one_success` | so, and something succeeded                |
| `none_skipped`                | everything ended, and nothing was skipped  |
| `always`                      | whatever: at once                          |

The names and their meaning are Airflow's (`airflow/task/trigger_rule.py`, 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["FAILURES", "AtEnd", "Kind", "Retry", "Trigger"]

FAILURES: Final = ("failed", "crashed", "timed_out")
"""How an attempt can go wrong, as `Retry.failures` names it; anything else there is an exception's name."""


class Kind(StrEnum):
    """Who carries a node out. The engine itself waits for a sensor and for an approval: they hold no worker. A script,
    a shell command and a notebook are programs of their own, begun and watched by a worker. A pipeline is carried out
    by its nodes: flattening leaves none.
    """

    FUNCTION = "function"
    SENSOR = "sensor"
    APPROVAL = "approval"
    SCRIPT = "script"
    SHELL = "shell"
    NOTEBOOK = "notebook"
    PIPELINE = "pipeline"

    @property
    def waits(self) -> bool:
        """It is deferred, not launched."""
        return self in (Kind.SENSOR, Kind.APPROVAL)

    @property
    def declares_ports(self) -> bool:
        """Each node of it says which ports it has; what passes them are files."""
        return self in (Kind.SCRIPT, Kind.SHELL, Kind.NOTEBOOK)


class Trigger(StrEnum):
    """What of the nodes that a node waits for has to have happened."""

    ALL_SUCCESS = "all_success"
    ALL_FAILED = "all_failed"
    ALL_DONE = "all_done"
    ALL_DONE_MIN_ONE_SUCCESS = "all_done_min_one_success"
    ALL_DONE_SETUP_SUCCESS = "all_done_setup_success"
    ALL_SKIPPED = "all_skipped"
    ONE_SUCCESS = "one_success"
    ONE_FAILED = "one_failed"
    ONE_DONE = "one_done"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    NONE_SKIPPED = "none_skipped"
    ALWAYS = "always"


class AtEnd(StrEnum):
    """A node that runs when all others have ended: whatever came of them, or only after success or failure."""

    ALWAYS = "always"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Retry:
    """How pauses between attempts grow, and which failures are tried again. None means inherited.

    The pause before attempt n + 1 is `retry_delay · backoff^(n-1)`, at most `maximum` seconds, and then up to the
    share `jitter` (0..1) longer or shorter. `failures` are words of `FAILURES` and names of exceptions; inherited from
    nowhere, every failure is tried again.
    """

    backoff: float | None = None
    maximum: float | None = None
    jitter: float | None = None
    failures: tuple[str, ...] | None = None
