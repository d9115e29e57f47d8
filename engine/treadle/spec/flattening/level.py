"""Level: a pipeline at the place where it is used, while all of them become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from treadle.spec.flow import AtEnd
from treadle.spec.pipeline import Endpoint, Pipeline, Policy
from treadle.spec.resources import Resources
from treadle.spec.values import Value

__all__ = ["Level", "Sources"]

Sources = tuple[Endpoint, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """Everything in it but `pipeline` is in the words of the flat one."""

    pipeline: Pipeline
    prefix: str = ""
    chain: tuple[str, ...] = ()
    """The files that it stands in."""
    fed: Mapping[str, Mapping[str, Sources]] = field(default_factory=dict)
    """What comes from outside, by the inner node and input it feeds."""
    values: Mapping[str, Value] | None = None
    """Its parameters; None for the outermost, whose own are known when it runs."""
    edges: Mapping[str, Sources] = field(default_factory=dict)
    """Its parameters that are fed."""
    after: tuple[str, ...] = ()
    at_end: AtEnd | None = None
    policy: Policy = Policy()
    resources: Resources = Resources()

    @property
    def depth(self) -> int:
        return self.prefix.count("/")
