"""Extended: a catalog with components that only one pipeline has, those that its own sub-pipelines are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from treadle.catalog.slices import Slice
from treadle.spec.component import Component
from treadle.spec.interfaces import inner_components
from treadle.spec.pipeline import Pipeline
from treadle.spec.subpipelines import NO_FILES, PipelineFiles

__all__ = ["Extended"]


class _Components(Protocol):
    def get(self, uses: str, /) -> Component | None: ...

    def slice(self, uses: str) -> Slice: ...

    def input_kinds(self, uses: str) -> Mapping[str, str]: ...


class Extended:
    """`components`, and what the nodes of `pipeline` are that are pipelines."""

    def __init__(self, components: _Components, pipeline: Pipeline, files: PipelineFiles = NO_FILES) -> None:
        self._components = components
        self._inner = inner_components(pipeline, components, files)

    def get(self, uses: str, /) -> Component | None:
        return self._inner.get(uses) or self._components.get(uses)

    def slice(self, uses: str) -> Slice:
        return self._components.slice(uses)

    def input_kinds(self, uses: str) -> Mapping[str, str]:
        return self._components.input_kinds(uses)
