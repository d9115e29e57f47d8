"""The cache: earlier successes by what they depended on, and the reason why a task has to run after all.

    recipe ─► key ─► index ─► a hit, whose artifacts are looked for │ a miss, and what changed since the last success
    success ─► kept with the next flush

An entry that is damaged or whose artifacts are gone is a miss, never an error.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from treadle.run.cache_index import CacheIndex, Hit, Last, Result
from treadle.run.plan import Plan, PlanTask
from treadle.run.recipe import NEVER_RAN, Recipe, differences, recipe_from_text
from treadle.run.recipe_log import RecipeLog
from treadle.run.surroundings import FileIdentities, PackageVersions
from treadle.spec.environments import Environment
from treadle.spec.quantities import format_duration
from treadle.spec.values import Value
from treadle.store.references import ArtifactRef

__all__ = ["ASKED_FOR", "SWITCHED_OFF", "Asked", "Holds", "Inputs", "LookUp", "Miss", "TaskCache"]

Inputs = Mapping[str, tuple[ArtifactRef, ...]]
Holds = Callable[[ArtifactRef], bool]

SWITCHED_OFF: Final = "cache switched off"
ASKED_FOR: Final = "it was asked to run anew"
_NO_OUTPUT: Final = "it gives no output: it runs for what it does"
_GONE: Final = "the result of its last run is no longer kept"
_FORGOTTEN: Final = "the cache was cleared since its last run"


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


class Asked(NamedTuple):
    """A task to be looked up, and what it is to read: `anew` where it is to run whatever the cache has."""

    task: PlanTask
    inputs: Inputs
    anew: bool = False


class TaskCache:
    """The cache as one run uses it. `glance` is for the event loop; the rest reads files: for one other thread."""

    def __init__(
        self,
        plan: Plan,
        index: CacheIndex,
        files: FileIdentities,
        cwd: Path,
        *,
        holds: Holds,
        use: bool = True,
        log: RecipeLog | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`use=False` looks nothing up, but keeps results for the next run. `cwd` is what relative paths begin at.
        `holds` says whether an artifact's bytes are still there. `log` is told of every recipe."""
        self._plan = plan
        self._index = index
        self._files = files
        self._cwd = cwd
        self._holds = holds
        self._use = use
        self._log = log
        self._now = now
        self._packages = PackageVersions()
        self._kept: deque[tuple[PlanTask, Recipe, Result]] = deque()

    def glance(self, asked: Sequence[Asked]) -> dict[str, LookUp]:
        """As `look_up`, by task, of those for which that takes no file to be read."""
        recipes = [
            (each, self._recipe(each.task, each.inputs))
            for each in asked
            if not each.task.paths and self._packages.knows(self._plan.slices[each.task.slice].imports)
        ]
        hits = self._index.look_up_all([recipe.key for each, recipe in recipes if self._may_stand_in(each)])
        missed = [(each, recipe) for each, recipe in recipes if recipe.key not in hits]  # else: is it still there?
        lasts = self._index.last_all(self._plan.pipeline, [each.task.id for each, _ in missed])
        return {each.task.id: self._looked_up(each, recipe, None, lasts.get(each.task.id)) for each, recipe in missed}

    def look_up(self, task: PlanTask, inputs: Inputs, anew: bool = False) -> LookUp:
        """What stands in for `task` on `inputs`, or why nothing does: with `anew` nothing ever does."""
        asked, recipe = Asked(task, inputs, anew), self._recipe(task, inputs)
        found = self._index.look_up(recipe.key) if self._may_stand_in(asked) else None
        return self._looked_up(asked, recipe, found, self._index.last(self._plan.pipeline, task.id))

    def _looked_up(self, asked: Asked, recipe: Recipe, found: Hit | None, last: Last | None) -> LookUp:
        if self._log is not None:
            self._log.note(asked.task.id, recipe.text, *(last or ()))
        answer = self._answer(asked.task, recipe, found, last)
        return replace(answer, found=Miss(ASKED_FOR)) if asked.anew else answer

    def _why_never(self, task: PlanTask) -> str:
        """Why no earlier success may ever stand in for it."""
        if task.kind.waits:
            return "it waits anew in each run"
        if task.teardown_of:
            return "it cleans up in each run"
        if task.at_end is not None:
            return "it is for the end of each run"
        return "it sets up in each run" if task.id in self._set_ups else f"{SWITCHED_OFF} for this node"

    @cached_property
    def _set_ups(self) -> frozenset[str]:
        return frozenset(id_ for task in self._plan.tasks.values() for id_ in task.teardown_of)

    def _may_stand_in(self, asked: Asked) -> bool:
        """Whether it matters what there is."""
        return asked.task.cache and bool(asked.task.outputs) and self._use and not asked.anew

    def _answer(self, task: PlanTask, recipe: Recipe, found: Hit | None, last: Last | None) -> LookUp:
        key = recipe.key
        if not task.cache:
            return LookUp(key, Miss(self._why_never(task)), None)
        if not task.outputs:
            return LookUp(key, Miss(_NO_OUTPUT), None)
        if not self._use:
            return LookUp(key, Miss(SWITCHED_OFF), recipe)
        if found is None:
            return LookUp(key, Miss(_why(None if last is None else recipe_from_text(last.recipe), recipe)), recipe)
        if (fault := self._fault_of(found, task)) is not None:
            return LookUp(key, fault, recipe)
        self._index.use(key, self._now())
        self._index.remember(self._plan.pipeline, task.id, Last(recipe.text, self._plan.run))
        return LookUp(key, self._with_what_is_there(found), recipe)

    def _with_what_is_there(self, found: Hit) -> Hit:
        """What was kept besides the outputs stands with them as far as it is still there: it is nobody's input."""
        outputs, kept = found.result
        there = {name: ref for name, ref in kept.items() if self._holds(ref)}
        return found if len(there) == len(kept) else replace(found, result=Result(outputs, there))

    def _fault_of(self, found: Hit, task: PlanTask) -> Miss | None:
        """Why what was found can't stand in."""
        needed, outputs = {output.name for output in task.outputs if not output.optional}, found.result.outputs
        if needed - set(outputs) or not all(map(self._holds, outputs.values())):
            return Miss(_GONE)
        if task.cache_expires is not None and self._now() - found.made > task.cache_expires:
            return Miss(f"its result is older than {format_duration(task.cache_expires)}")
        return None

    def prepare(self) -> None:
        """Finds out the versions of what the plan's slices import, so that a glance may do."""
        for slice_ in self._plan.slices.values():
            self._packages.of(slice_.imports)

    def keep(self, task: PlanTask, recipe: Recipe, result: Result) -> None:
        """Takes a success for the next `flush`. From any thread."""
        self._kept.append((task, recipe, result))

    def flush(self) -> None:
        """Keeps what succeeded, unless a file it reads changed while it ran."""
        for _ in range(len(self._kept)):
            task, recipe, result = self._kept.popleft()
            if self._identities(task) == recipe.files:
                self._index.keep(recipe.key, result, self._plan.run, self._now())
                self._index.remember(self._plan.pipeline, task.id, Last(recipe.text, self._plan.run))
        self._index.flush()
        if self._log is not None:
            self._log.flush()

    def close(self) -> None:
        """Writes all that there is to remember. Raises OSError."""
        self.flush()
        self._index.close()
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
        return {
            name: identity
            for parameter in task.paths
            for name, path in _named_paths(parameter, task.params.get(parameter))
            if path and (identity := self._files.identify(folder / path))
        }


def _named_paths(parameter: str, value: Value) -> Iterator[tuple[str, str]]:
    """Each path that a parameter names, under a name of its own: of a list, the parameter's and the path."""
    if isinstance(value, str):
        yield parameter, value
    for path in value if isinstance(value, list) else ():
        if isinstance(path, str):
            yield f"{parameter} {path}", path


def _why(before: Recipe | None, now: Recipe) -> str:
    return NEVER_RAN if before is None else differences(before, now) or _FORGOTTEN
