"""The runs of a project as they stand on the disk: listed, read, and told apart from those still going on.

A run says `running` only as long as a process holds it: whoever finds one that nobody holds writes down that it was
interrupted.
"""

from __future__ import annotations

import contextlib

from treadle.host.api import Preview, RunBusy, RunSummary
from treadle.host.finding import LAST, find_run
from treadle.host.holding import hold, is_held
from treadle.run.history import Summaries, read_state
from treadle.run.start import interrupt
from treadle.run.state import RunState, RunStatus
from treadle.store.artifacts import ArtifactStore
from treadle.store.index import RunIndex, RunRow
from treadle.store.previews import preview
from treadle.store.project import Project
from treadle.store.references import ArtifactRef

__all__ = ["Records"]

_GOING_ON = (RunStatus.QUEUED, RunStatus.RUNNING)
_LOST = "the engine ended before the run did"


class Records:
    """What is kept of a project's runs. Its methods read files: call them off the event loop."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._summaries = Summaries()
        self._index = RunIndex(project, self._summaries.of)
        self._references: dict[str, ArtifactRef] = {}

    def find(self, written: str) -> str:
        """The id of the run that `written` names (see `find_run`). Raises UnknownRun."""
        if written == LAST and (newest := self._index.rows(1)):
            return newest[0].run
        return find_run(written, self._project.run_ids())

    def newest(self, limit: int) -> tuple[RunSummary, ...]:
        rows = self._index.rows(limit)
        settled = [self.settle(row.run) for row in rows if row.state in _GOING_ON]
        if any(settled):
            rows = self._index.rows(limit)
        return tuple(self._told(row) for row in rows)

    def summary(self, run: str) -> RunSummary:
        row = self._summaries.of(self._project.run_folder(run))
        if row.state in _GOING_ON and self.settle(run):
            row = self._summaries.of(self._project.run_folder(run))
        return self._told(row)

    def state(self, run: str) -> RunState:
        state = read_state(self._project.run(run))
        if state.status.is_going_on and self.settle(run):
            state = read_state(self._project.run(run))
        return state

    def settle(self, run: str) -> bool:
        """Writes that `run` was interrupted, where it says that it runs and nobody holds it; True where it did."""
        folder = self._project.run_folder(run)
        if is_held(folder):
            return False
        with contextlib.suppress(RunBusy, OSError):  # somebody goes on with it after all, or it can't be written to
            held = hold(folder)
            try:
                return interrupt(self._project, run, _LOST)
            finally:
                held.release()
        return False

    def recover(self) -> None:
        """Settles every run of the project."""
        for row in self._index.rows():
            if row.state in _GOING_ON:
                self.settle(row.run)

    def preview(self, digest: str, offset: int, limit: int) -> Preview:
        """Raises KeyError where no run of the project made that artifact, or it is gone."""
        reference = self._references.get(digest) or self._look_for(digest)
        made = preview(ArtifactStore(self._project.artifacts), reference, offset, limit)
        return Preview(made.digest, made.type, made.kind, made.value)

    def _look_for(self, digest: str) -> ArtifactRef:
        for row in self._index.rows():
            state = read_state(self._project.run(row.run))
            for task in state.tasks.values():
                self._references.update({ref.digest: ref for ref in (*task.outputs.values(), *task.kept.values())})
            if digest in self._references:
                return self._references[digest]
        raise KeyError(f"no run of this project made the artifact {digest}")

    def _told(self, row: RunRow) -> RunSummary:
        folder = self._project.run_folder(row.run)
        lost = row.state in _GOING_ON and not is_held(folder)  # and could not be written down
        return RunSummary(
            run=row.run,
            pipeline=row.pipeline,
            file=row.file,
            state=RunStatus.INTERRUPTED.value if lost else row.state,
            started=row.started,
            finished=row.finished,
            tasks=row.tasks,
            counts=row.counts,
            folder=str(folder),
            paused="" if lost else row.paused,
            idle=row.idle,
        )
