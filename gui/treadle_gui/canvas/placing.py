"""Places for nodes that the file gives none, as in a pipeline written by hand. Nothing of it is saved."""

from __future__ import annotations

from collections.abc import Mapping

from treadle.spec.layout import arrange
from treadle.spec.pipeline import Pipeline, Point

__all__ = ["placed"]

_APART = 64.0


def placed(pipeline: Pipeline, sizes: Mapping[str, tuple[float, float]]) -> dict[str, Point]:
    """A position for every node: its own, else one from the layout, set below those that have their own."""
    kept = {name: at for name, at in pipeline.view.items() if name in pipeline.nodes}
    layout = arrange(pipeline, sizes)
    homeless = {name: at for name, at in layout.items() if name not in kept}
    if kept and homeless:
        left = min(x for x, _ in kept.values())
        floor = max(y + sizes[name][1] for name, (_, y) in kept.items()) + _APART
        ceiling, edge = min(y for _, y in homeless.values()), min(x for x, _ in homeless.values())
        homeless = {name: (x - edge + left, y - ceiling + floor) for name, (x, y) in homeless.items()}
    return {**kept, **homeless}
