"""What a node shows that is a pipeline while it runs: one state for all inside, and how many have ended."""

from __future__ import annotations

from itertools import islice

from treadle.run.state import TaskStatus
from treadle.run.tallies import Tally
from treadle_gui.canvas.faces import RunFace, duration_text

__all__ = ["group_face"]

_FAILURES = 3


def group_face(tally: Tally) -> RunFace:
    """The face of a pipeline of which `tally` counts the tasks."""
    state, goes_on, took = tally.state, tally.done < tally.total, tally.took
    return RunFace(
        state=state.value,
        word=f"{tally.done} of {tally.total}" if goes_on else _ended(state, took),
        fraction=tally.done / tally.total if state is TaskStatus.RUNNING else None,
        message=f"{tally.done} of {tally.total} nodes inside have ended" if goes_on else "",
        error=", ".join(f"{name} {word}" for name, word in islice(tally.failures.items(), _FAILURES)),
    )


def _ended(state: TaskStatus, took: float | None) -> str:
    """How long it took; of what took no time, how it ended."""
    return state.replace("_", " ") if took is None else duration_text(took)
