"""Exported: what a converter hands back, a text and what it could not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from treadle.catalog.slices import Slice
from treadle.spec.component import Component
from treadle.spec.problems import Problem

__all__ = ["Components", "Exported"]


@dataclass(frozen=True, slots=True)
class Exported:
    """`text` is empty where a problem is an error; warnings name what the target will not do as Treadle does."""

    text: str
    problems: tuple[Problem, ...] = ()


class Components(Protocol):
    """What a converter asks of a catalog."""

    def get(self, uses: str) -> Component | None: ...

    def slice(self, uses: str) -> Slice: ...

    def input_kinds(self, uses: str) -> Mapping[str, str]: ...
