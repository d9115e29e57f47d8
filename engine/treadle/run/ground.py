"""Ground: what every task of a plan is made from, beside the node that it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from treadle.catalog.slices import Slice
from treadle.run.cleaning import Care
from treadle.spec.component import Component
from treadle.spec.pipeline import Pipeline
from treadle.spec.subpipelines import PipelineFiles
from treadle.spec.values import Value

__all__ = ["Components", "Ground", "Scopes"]

Scopes = Mapping[str, Mapping[str, Value]]
"""What references stand for: `{"params": …, "run": …, "env": …}`."""


class Components(Protocol):
    """What of the catalog is needed: `catalog.catalog.Catalog` has it."""

    def get(self, uses: str) -> Component | None: ...

    def slice(self, uses: str) -> Slice: ...

    def input_kinds(self, uses: str) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Ground:
    """`care` is the whole pipeline's; `files` are the pipelines that mapped nodes use."""

    pipeline: Pipeline
    catalog: Components
    scopes: Scopes
    care: Care
    files: PipelineFiles = field(default_factory=dict)
