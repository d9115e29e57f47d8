"""Catalog: every component that a project's pipelines may use, built-in and its own.

Both are read by the same code. A project's module can't take a built-in's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from treadle.catalog.cache import ReadingCache
from treadle.catalog.discovery import Discovery, discover_builtins, discover_project
from treadle.catalog.gradual import GradualComponents, GradualReadings
from treadle.catalog.reader import ModuleReading, read_module
from treadle.catalog.slicer import Cutter, NotSliceable
from treadle.catalog.slices import Slice
from treadle.catalog.sources import SourceText
from treadle.spec.component import Component
from treadle.spec.interfaces import offered
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import NO_FILES, PipelineFiles

__all__ = ["Catalog", "NotSliceable", "load_catalog", "open_catalog"]


class Catalog:
    """Components by `uses`, and what is wrong with the files they were read from. Slices are cut when asked for."""

    def __init__(
        self,
        readings: Mapping[str, ModuleReading],
        problems: tuple[Problem, ...],
        sources: Mapping[bool, Mapping[str, SourceText]],
        pipelines: PipelineFiles = NO_FILES,
    ) -> None:
        """`sources` are the built-in modules (True) and the project's (False). Of the project's `pipelines` those are
        components that have ports."""
        self._readings = readings
        self._pipelines = pipelines
        self._components = _components(readings, pipelines)
        self._problems = problems
        self._sources = sources
        self._slices: dict[str, Slice] = {}
        self._cutters: dict[str, Cutter] = {}

    @property
    def components(self) -> Mapping[str, Component]:
        return self._components

    @property
    def pipelines(self) -> PipelineFiles:
        """What the project's pipeline files say, where they were asked for."""
        return self._pipelines

    def with_pipelines(self, pipelines: PipelineFiles) -> Catalog:
        """This catalog, offering those of the project's pipelines that have ports."""
        return Catalog(self._readings, self._problems, self._sources, pipelines)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return (*self._problems, *(problem for reading in self._readings.values() for problem in reading.problems))

    def get(self, uses: str) -> Component | None:
        return self._components.get(uses)

    def slice(self, uses: str) -> Slice:
        """The component's function with all it reaches. Raises KeyError if unknown, NotSliceable if it can't be cut."""
        if uses not in self._slices:
            source = self._components[uses].source
            if source.module not in self._cutters:
                sources = self._sources[self._components[uses].builtin]
                self._cutters[source.module] = Cutter(source.module, sources)
            self._slices[uses] = self._cutters[source.module].cut(source.function)
        return self._slices[uses]

    def input_kinds(self, uses: str) -> Mapping[str, str]:
        """How the function wants each input: `"pandas"`, `"polars"`, `"pyarrow"`, `"numpy"`, `"path"` or `""`."""
        return self._readings[self._components[uses].source.module].kinds[uses]


def _components(readings: Mapping[str, ModuleReading], pipelines: PipelineFiles) -> Mapping[str, Component]:
    if isinstance(readings, GradualReadings):
        return GradualComponents(readings, offered(pipelines, GradualComponents(readings, {})))
    components = {each.uses: each for reading in readings.values() for each in reading.components}
    return components | offered(pipelines, components)


def load_catalog(project: Path | None, cache: Path | None = None) -> Catalog:
    """The built-in components and those of `project`, a folder. `cache` is a folder for what was read, or None."""
    opened, problems, sources = _opened(project, cache)
    return Catalog(dict(opened), problems, sources)


def open_catalog(project: Path, cache: Path) -> Catalog:
    """As `load_catalog`, but each module is read when something of it is asked for: by one thread at a time."""
    return Catalog(*_opened(project, cache))


def _opened(
    project: Path | None, cache: Path | None
) -> tuple[GradualReadings, tuple[Problem, ...], dict[bool, dict[str, SourceText]]]:
    readings_cache = ReadingCache(cache)
    builtins = discover_builtins()
    own = discover_project(project) if project is not None else Discovery()
    shadowing = [name for name in own.offering if name in builtins.sources]
    offering = [(builtins.sources, name) for name in builtins.offering]
    offering += [(own.sources, name) for name in own.offering if name not in shadowing]
    readings = {name: partial(_reading, sources[name], sources, readings_cache) for sources, name in offering}
    problems = (*builtins.problems, *own.problems, *(_shadows(own.sources[name]) for name in shadowing))
    return GradualReadings(readings), problems, {True: builtins.sources, False: own.sources}


def _shadows(source: SourceText) -> Problem:
    return Problem(
        "shadows-builtin",
        f"{source.file} has the name of the built-in module {source.module!r}",
        Where(file=source.file),
        "rename the file; its components are not used",
    )


def _reading(source: SourceText, sources: Mapping[str, SourceText], cache: ReadingCache) -> ModuleReading:
    known = cache.get(source, sources)
    if known is not None:
        return known
    reading = read_module(source.text, source.file, source.module, source.builtin)
    modules = frozenset({source.module})
    if reading.components:
        reading, modules = _with_slices(reading, source, sources)
    cache.put(source, sources, modules, reading)
    return reading


def _with_slices(
    reading: ModuleReading, source: SourceText, sources: Mapping[str, SourceText]
) -> tuple[ModuleReading, frozenset[str]]:
    """The reading with what only slicing tells: packages imported, and why a component can't be cut out."""
    problems = list(reading.problems)
    try:
        cutter = Cutter(source.module, sources)
    except NotSliceable as refusal:
        # Which modules it depends on is not known, so any change reads it again.
        return replace(reading, problems=(*problems, *refusal.problems)), frozenset(sources)
    components = []
    for component in reading.components:
        try:
            component = replace(component, imports=cutter.imports(component.source.function))
        except NotSliceable as refusal:
            problems += [problem for problem in refusal.problems if problem not in problems]
        components.append(component)
    return replace(reading, components=tuple(components), problems=tuple(problems)), cutter.modules
