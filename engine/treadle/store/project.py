"""Project: a folder of pipelines, components and data, and where Treadle keeps what it makes there.

    <root>/components/*.py        the project's own components
    <root>/.treadle/runs/<run>/   one folder a run (see `RUN_FILES`)
    <root>/.treadle/artifacts/    values, named by their content
    <root>/.treadle/cache/        what has run with which inputs
    <root>/.treadle/index.sqlite  a list of runs, rebuilt from their folders whenever it is gone

Finding a project makes nothing on disk.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadle.store.atomic import file_name
from treadle.store.owners import user_id

__all__ = ["Project", "RunFolder", "find_project"]

_RUN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\Z")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A run's folder: it can be sent to a colleague, and holds all there is to know but the values themselves."""

    path: Path

    @property
    def pipeline(self) -> Path:
        return self.path / "pipeline.yaml"

    @property
    def pipelines(self) -> Path:
        """The sub-pipelines' files as they were, under their paths in the project."""
        return self.path / "pipelines"

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def recipes(self) -> Path:
        """What its tasks' results depended on: see `run/recipe_log.py`."""
        return self.path / "recipes.jsonl"

    def attempt(self, task: str, number: int) -> Path:
        """Where attempt `number` (from 1) of `task` has its `output.log` and `metrics.jsonl`."""
        return Path(self.attempt_path(task, number))

    def attempt_path(self, task: str, number: int) -> str:
        """As `attempt`, as a text: thousands a second are asked for, and paths are not free."""
        return f"{self.path}/attempts/{file_name(task)}/{number}"

    def log(self, task: str, number: int) -> Path:
        return self.attempt(task, number) / "output.log"


@dataclass(frozen=True, slots=True)
class Project:
    """`root` is absolute. Nothing is made before something is kept in it."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / ".treadle"

    @property
    def runs(self) -> Path:
        return self.state / "runs"

    @property
    def artifacts(self) -> Path:
        return self.state / "artifacts"

    @property
    def cache(self) -> Path:
        return self.state / "cache"

    @property
    def index_file(self) -> Path:
        return self.state / "index.sqlite"

    @property
    def components(self) -> Path:
        return self.root / "components"

    def planted(self) -> Path | None:
        """A part of the project that is not its owner's doing: in a folder that everybody may write to, and made by
        neither us, nor root, nor the folder's owner.
        """
        try:
            facts = self.root.stat()
        except OSError:
            return None
        if not facts.st_mode & stat.S_IWOTH:
            return None
        ours = {0, user_id(), facts.st_uid}
        return next(
            (part for part in (self.state, self.components) if part.exists() and _owner(part) not in ours), None
        )

    def run_folder(self, run: str) -> Path:
        """The folder of `run`, there or not. Raises ValueError where `run` could not be a run's id."""
        if not _RUN_ID.match(run):
            raise ValueError(f"{run!r} is not a run's id")
        return self.runs / run

    def run(self, run: str) -> RunFolder:
        """As `run_folder`, with its files by name."""
        return RunFolder(self.run_folder(run))

    def run_ids(self) -> list[str]:
        """Every run with a folder, oldest first by name."""
        if not self.runs.is_dir():
            return []
        return sorted(folder.name for folder in self.runs.iterdir() if folder.is_dir() and _RUN_ID.match(folder.name))


def find_project(file: Path) -> Project:
    """The project that `file` (or a folder) belongs to.

    It is the nearest folder at or above it that holds `.treadle/` or `components/`, else the file's own. A folder of
    somebody else is none, unless the file lies in one of theirs: else whoever may write to `/tmp` could give
    components to every pipeline below it.
    """
    start = Path(os.path.realpath(file))  # which a link to itself is no error for: who reads it will be told
    folder = start if start.is_dir() else start.parent
    trusted = {0, user_id(), _owner(folder)}
    for candidate in (folder, *folder.parents):
        project = Project(candidate)
        marked = project.state.is_dir() or project.components.is_dir()
        if marked and _owner(candidate) in trusted and (candidate == folder or project.planted() is None):
            return project
    return Project(folder)


def _owner(path: Path) -> int:
    """Its user; -1 where it is not there."""
    try:
        return path.stat().st_uid
    except OSError:
        return -1
