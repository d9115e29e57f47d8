"""ArtifactRef: an immutable typed value, named by its content. The value itself stays in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from treadle.spec.values import Value

__all__ = ["ArtifactRef"]


@dataclass(frozen=True, slots=True)
class ArtifactRef:
    """What travels in events, plans and cache entries instead of the value.

    `digest` names the stored bytes (see `digests.py`); for a directory, its sorted manifest.
    `type` is the port type as text, `codec` the name in `store/codecs.py` that reads the bytes back.
    `meta` is what a person wants to know without reading it: rows, columns, a metric's values.
    """

    digest: str
    type: str
    codec: str
    size: int
    meta: Mapping[str, Value] = field(default_factory=dict)
