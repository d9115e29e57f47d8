"""What a canvas draws of a document: its nodes, and at the sides the ports that the pipeline itself has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from treadle.spec.borders import border_components, bordered
from treadle.spec.component import Component
from treadle.spec.interfaces import interface
from treadle.spec.pipeline import Pipeline
from treadle_gui.document.components import Components

__all__ = ["Drawings", "Drawn"]


class Drawn(NamedTuple):
    """A pipeline as it is drawn, and the components that its nodes use."""

    pipeline: Pipeline
    components: Mapping[str, Component]


class Drawings:
    """Made again only where the pipeline or the catalog are others now."""

    def __init__(self) -> None:
        self._of: tuple[Pipeline, Components] | None = None
        self._drawn = Drawn(Pipeline(), {})

    def with_border(self, pipeline: Pipeline, components: Mapping[str, Component], catalog: Components) -> Drawn:
        """`components` are what the nodes of `pipeline` use."""
        if self._of is None or self._of[0] is not pipeline or self._of[1] is not catalog:
            self._of = (pipeline, catalog)
            own = interface("", pipeline, catalog.components, catalog.pipelines)
            self._drawn = Drawn(bordered(pipeline), {**components, **border_components(own)})
        return self._drawn
