"""Offering: what a person most likely wants to see next comes to the front, where the pane in front has nothing to say.

| what happened                    | comes to the front | instead of                               |
| -------------------------------- | ------------------ | ---------------------------------------- |
| a node that gave something chosen | its data           | problems, where there are none           |
| a run succeeded and gave figures | metrics            | problems, where there are none           |
| a run failed                     | problems           | the charts, metrics and data of that run |

Logs, details and history stay: somebody reads them.
"""

from __future__ import annotations

from typing import Final

from treadle.run.state import RunState, RunStatus
from treadle_gui.runs.session import RunSession
from treadle_gui.window.panes import Panes

__all__ = ["Offering"]

_GIVES_WAY: Final = frozenset({"resources", "metrics", "data"})


class Offering:
    def __init__(self, panes: Panes) -> None:
        self._panes = panes
        self._is_done = True

    def follow(self, session: RunSession | None) -> None:
        """Another run is shown."""
        self._is_done = session is None or session.state.status.is_done

    def see(self, state: RunState) -> None:
        """The run that is shown began, ended, or was changed by somebody."""
        ended = state.status.is_done and not self._is_done
        self._is_done = state.status.is_done
        if ended and state.status is RunStatus.SUCCEEDED and self._panes.run.metrics.has_figures:
            self._instead_of_no_problems("metrics")
        elif ended and state.status is RunStatus.FAILED and self._panes.front in _GIVES_WAY:
            self._panes.bring_up("problems")

    def choose(self, task: str, state: RunState) -> None:
        """One node was chosen."""
        found = state.tasks.get(task)
        if found is not None and found.outputs:
            self._instead_of_no_problems("data")

    def _instead_of_no_problems(self, pane: str) -> None:
        if self._panes.front == "problems" and not self._panes.problems.entries:
            self._panes.bring_up(pane)
