"""Submitting: an attempt asked of the executor, with what there is for it to read and the secrets it gets."""

from __future__ import annotations

from collections.abc import Callable

from treadle.execute.protocol import AttemptFinished, AttemptId, Failed
from treadle.run.cache import Inputs
from treadle.run.commands import Launch
from treadle.run.means import Means
from treadle.run.recorder import Recorder
from treadle.run.requests import MissingSecret, Workplace, request_for, with_devices
from treadle.run.roster import Roster

__all__ = ["Submitting"]


class Submitting:
    """`put` takes what an attempt comes to that could not be asked for."""

    def __init__(
        self,
        roster: Roster,
        recorder: Recorder,
        means: Means,
        place: Workplace,
        put: Callable[[AttemptFinished], None],
    ) -> None:
        self._roster = roster
        self._recorder = recorder
        self._executor = means.executor
        self._secrets = means.secrets
        self._place = place
        self._put = put

    def submit(self, attempt: AttemptId, inputs: Inputs, launch: Launch) -> None:
        """Asks for it as `launch` says."""
        checkpoint = self._recorder.state.tasks[attempt.task].checkpoint
        try:
            request = request_for(
                self._roster, attempt, inputs, self._place, self._secrets, checkpoint, launch.together
            )
            request = with_devices(request, launch.devices)
        except MissingSecret as error:
            self._put(AttemptFinished(attempt, Failed("MissingSecret", str(error))))
        else:
            self._executor.submit(request)

    def cancel(self, attempt: AttemptId, by: str) -> None:
        self._executor.cancel(attempt, by)
