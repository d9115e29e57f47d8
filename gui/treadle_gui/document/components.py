"""What a document needs of the catalog, and every component that its nodes use: the catalog's, and the pipelines that
are nodes themselves, folded in place or files of the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from treadle.spec.component import Component
from treadle.spec.interfaces import known_components
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.subpipelines import NO_FILES, PipelineFiles

__all__ = ["NO_COMPONENTS", "Components", "Known"]


class Components(Protocol):
    """`treadle.catalog.catalog.Catalog` is one."""

    @property
    def components(self) -> Mapping[str, Component]: ...

    @property
    def pipelines(self) -> PipelineFiles:
        """What the project's pipeline files say."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...


class _Nothing:
    components: Mapping[str, Component] = {}
    pipelines: PipelineFiles = NO_FILES
    problems: tuple[Problem, ...] = ()


NO_COMPONENTS: Final[Components] = _Nothing()


class Known:
    """`known_components`, worked out again only where the nodes or the catalog are others now."""

    def __init__(self) -> None:
        self._nodes: Mapping[str, Node] | None = None
        self._catalog: Components | None = None
        self._found: Mapping[str, Component] = {}

    def of(self, pipeline: Pipeline, catalog: Components) -> Mapping[str, Component]:
        if pipeline.nodes is not self._nodes or catalog is not self._catalog:
            self._nodes, self._catalog = pipeline.nodes, catalog
            self._found = known_components(pipeline, catalog.components, catalog.pipelines)
        return self._found
