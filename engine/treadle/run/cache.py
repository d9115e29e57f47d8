"""The cache: earlier successes by what they depended on, and the reason why a task has to run after all.

    <cache>/keys/ab/abcd….json         outputs by key
    <cache>/latest/<pipeline>/<task>.json   the recipe of a task's last success, for the explanation

Entries are small files, replaced whole; one that is damaged or whose artifacts are gone is a miss, never an error.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from treadle.run.plan import Plan, PlanTask
from treadle.run.recipe import NEVER_RAN, Recipe, differences, recipe_from_json
from treadle.run.recipe_log import Comparison, RecipeLog
from treadle.run.surroundings import FileIdentities, PackageVersions
from treadle.spec.environments import Environment
from treadle.spec.quantities import format_duration
from treadle.store.artifacts import from_fields, to_fields
from treadle.store.atomic import file_name
from treadle.store.references import ArtifactRef

__all__ = ["ASKED_FOR", "SWITCHED_OFF", "CacheIndex", "Hit", "Inputs", "LookUp", "Miss", "TaskCache"]

Inputs = Mapping[str, tuple[ArtifactRef, ...]]

SWITCHED_OFF: Final = "cache switched off"
ASKED_FOR: Final = "it was asked to run anew"
_NO_OUTPUT: Final = "it gives no output: it runs for what it does"
_GONE: Final = "the result of its last run is no longer kept"
_FORGOTTEN: Final = "the cache was cleared since its last run"


@dataclass(frozen=True, slots=True)
class Hit:
    """An earlier success with the same key, in run `run`. `made` in epoch seconds, 0 where that isn't known."""

    outputs: Mapping[str, ArtifactRef]
    run: str
    made: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Miss:
    """`reason` is a sentence's worth for a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """A task's key and what the cache has under it. `recipe` is None where its result is not to be kept."""

    key: str
    found: Hit | Miss
    recipe: Recipe | None


class CacheIndex:
    """Entries below `folder`, which need not exist. `holds` says whether an artifact's bytes are still there."""

    def __init__(self, folder: Path, holds: Callable[[ArtifactRef], bool]) -> None:
        self._folder = folder
        self._holds = holds

    def look_up(self, key: str) -> Hit | Miss | None:
        """What is kept under `key`: None for nothing, a Miss where its artifacts are gone."""
        entry = _read(self._entry(key))
        match entry:
            case {"key": str(kept), "run": str(run), "outputs": dict(fields)} if kept == key:
                pass
            case _:
                return None
        try:
            outputs = {port: from_fields(ref) for port, ref in fields.items()}
        except ValueError:
            return None
        if not all(map(self._holds, outputs.values())):
            return Miss(_GONE)
        with contextlib.suppress(OSError):  # so that what is in use is not taken for old
            os.utime(self._entry(key))
        made = entry.get("made")
        return Hit(outputs, run, made if isinstance(made, (int, float)) else 0.0)

    def last(self, pipeline: str, task: str) -> tuple[Recipe | None, str | None]:
        """The recipe of the task's last success or hit, and the run that was in."""
        found = _read(self._latest(pipeline, task))
        run = found.get("run") if isinstance(found, dict) else None
        return recipe_from_json(found), run if isinstance(run, str) else None

    def keep(self, key: str, outputs: Mapping[str, ArtifactRef], run: str, made: float = 0.0) -> None:
        """`made` in epoch seconds. Raises OSError."""
        fields = {port: to_fields(ref) for port, ref in outputs.items()}
        _replace(self._entry(key), {"key": key, "run": run, "outputs": fields, "made": made})

    def remember(self, pipeline: str, task: str, recipe: Recipe, run: str) -> None:
        """Makes `recipe` the task's last, as of `run`. Raises OSError."""
        _replace(self._latest(pipeline, task), {**recipe.fields(), "run": run})

    def _entry(self, key: str) -> Path:
        return self._folder / "keys" / key[:2] / f"{key}.json"

    def _latest(self, pipeline: str, task: str) -> Path:
        return self._folder / "latest" / file_name(pipeline) / f"{file_name(task)}.json"


class TaskCache:
    """The cache as one run uses it. Its methods read files: call them off the event loop, from one thread at a time."""

    def __init__(
        self,
        plan: Plan,
        index: CacheIndex,
        files: FileIdentities,
        cwd: Path,
        *,
        use: bool = True,
        log: RecipeLog | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`use=False` looks nothing up, but keeps results for the next run. `cwd` is what relative paths begin at.
        `log` is told of every recipe."""
        self._plan = plan
        self._index = index
        self._files = files
        self._cwd = cwd
        self._use = use
        self._log = log
        self._now = now
        self._packages = PackageVersions()

    def look_up(self, task: PlanTask, inputs: Inputs, anew: bool = False) -> LookUp:
        """What stands in for `task` on `inputs`, or why nothing does: with `anew` nothing ever does."""
        recipe = self._recipe(task, inputs)
        before, run = self._index.last(self._plan.pipeline, task.id)
        if self._log is not None:
            self._log.note(task.id, Comparison(recipe, before, run))
        answer = self._answer(task, recipe, before)
        return replace(answer, found=Miss(ASKED_FOR)) if anew else answer

    def _answer(self, task: PlanTask, recipe: Recipe, before: Recipe | None) -> LookUp:
        key = recipe.key
        if not task.cache:
            return LookUp(key, Miss(f"{SWITCHED_OFF} for this node"), None)
        if not task.outputs:
            return LookUp(key, Miss(_NO_OUTPUT), None)
        if not self._use:
            return LookUp(key, Miss(SWITCHED_OFF), recipe)
        found = self._index.look_up(key) or Miss(_why(before, recipe))
        needed = {output.name for output in task.outputs if not output.optional}
        if isinstance(found, Hit) and task.cache_expires is not None and self._now() - found.made > task.cache_expires:
            found = Miss(f"its result is older than {format_duration(task.cache_expires)}")
        if isinstance(found, Hit) and needed - set(found.outputs):
            found = Miss(_GONE)
        if isinstance(found, Hit):
            with contextlib.suppress(OSError):  # only a later explanation would miss it
                self._index.remember(self._plan.pipeline, task.id, recipe, self._plan.run)
        return LookUp(key, found, recipe)

    def keep(self, task: PlanTask, recipe: Recipe, outputs: Mapping[str, ArtifactRef]) -> None:
        """Keeps a success, unless a file it reads changed while it ran. Raises OSError."""
        if self._identities(task) == recipe.files:
            self._index.keep(recipe.key, outputs, self._plan.run, self._now())
            self._index.remember(self._plan.pipeline, task.id, recipe, self._plan.run)

    def save(self) -> None:
        """Remembers what files held. Raises OSError."""
        self._files.save()

    def _recipe(self, task: PlanTask, inputs: Inputs) -> Recipe:
        slice_ = self._plan.slices[task.slice]
        return Recipe(
            uses=task.uses,
            code=slice_.digest,
            outputs=tuple(f"{output.name}:{output.type}" for output in task.outputs),
            params=task.params,
            files=self._identities(task),
            inputs={port: tuple(f"{ref.codec}:{ref.digest}" for ref in refs) for port, refs in inputs.items()},
            sources={port: tuple(source.task for source in sources) for port, sources in task.inputs.items()},
            environment=self._surroundings(task.environment, slice_.imports),
            version=task.cache_version,
        )

    def _surroundings(self, environment: Environment, imports: Iterable[str]) -> dict[str, str]:
        """Versions, or what a node with an environment of its own says of it."""
        python, requirements = environment.python, environment.requirements
        own = {"the interpreter": python, "requirements": None if requirements is None else ", ".join(requirements)}
        said = {name: value for name, value in own.items() if value is not None}
        variables = {f"${name}": value for name, value in environment.variables.items()}
        return {**(said or self._packages.of(imports)), **variables}

    def _identities(self, task: PlanTask) -> dict[str, str]:
        folder = self._cwd / (task.environment.folder or "")
        paths = {name: task.params.get(name) for name in task.paths}
        return {
            name: identity
            for name, path in paths.items()
            if isinstance(path, str) and path and (identity := self._files.identify(folder / path))
        }


def _why(before: Recipe | None, now: Recipe) -> str:
    return NEVER_RAN if before is None else differences(before, now) or _FORGOTTEN


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _replace(path: Path, value: Any) -> None:
    # Without fsync: an entry that a power cut damages is a miss, and hundreds a second are written.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    data = json.dumps(value).encode()
    try:
        try:
            temporary.write_bytes(data)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(data)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
