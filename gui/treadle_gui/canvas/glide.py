"""Glide: nodes move to where an arrangement puts them, so that the eye can follow. The document is there already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation

from treadle.spec.pipeline import Point
from treadle_gui.canvas.scene import CanvasScene
from treadle_gui.style.tokens import METRICS

__all__ = ["Glide"]

_MOST: Final = 300
"""More nodes than this jump."""


class Glide:
    def __init__(self, stage: CanvasScene, parent: QObject) -> None:
        self.moves = METRICS.motion > 0
        self._stage = stage
        self._from: Mapping[str, Point] = {}
        self._to: Mapping[str, Point] = {}
        self._animation = QVariantAnimation(parent)
        self._animation.setDuration(METRICS.motion)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._advance)

    def start(self, before: Mapping[str, Point], after: Mapping[str, Point]) -> None:
        """From `before` to `after`, where the nodes stand already."""
        if not self.moves or len(after) > _MOST:
            return
        self._from, self._to = before, after
        self._animation.start()

    def finish(self) -> None:
        """At once where they belong: something else happens now."""
        if self._animation.state() is QVariantAnimation.State.Running:
            self._animation.stop()
            self._stage.place(self._to)

    def _advance(self, t: float) -> None:
        self._stage.place(
            {
                name: (
                    self._from[name][0] + (x - self._from[name][0]) * t,
                    self._from[name][1] + (y - self._from[name][1]) * t,
                )
                for name, (x, y) in self._to.items()
                if name in self._from
            }
        )
