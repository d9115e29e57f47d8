"""What a node writes between FAR_ZOOM and TEXT_ZOOM: its title, as large on the screen at any of these zooms.

Sizes are in scene units and go in steps, so that zooming lays titles out anew now and then, not at each frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from treadle_gui.canvas.geometry import FAR_ZOOM, MARGIN, STRIP
from treadle_gui.style.apply import sans_font
from treadle_gui.style.icons import glyph_font

__all__ = ["NearFonts", "NearText", "badge_boxes", "near_size", "near_text", "wrapped"]

_PIXELS: Final = 11.0
"""The least size of a title on the screen; a step above it, it is the next."""
_STEP: Final = 1.18
_LINE_END: Final = "\u2028"
"""A static text ends a line at nothing else."""
_BREAKS: Final = str.maketrans({"_": "_ ", "-": "- ", ".": ". "})


class NearFonts:
    """The fonts of one step, and the marks that were drawn in it."""

    def __init__(self, size: int) -> None:
        self.title = sans_font(size, QFont.Weight.DemiBold)
        self.metrics = QFontMetricsF(self.title)
        self.icon = glyph_font(round(size * 1.5))
        self.badge = glyph_font(round(size * 0.9))
        self._marks: dict[str, tuple[QStaticText, QPointF]] = {}

    def draw(self, painter: QPainter, box: QRectF, glyph: str) -> None:
        """Draws `glyph` in the middle of `box`; the painter has the font `badge`."""
        known = self._marks.get(glyph)
        if known is None:
            text = _static(glyph)
            text.prepare(QTransform(), self.badge)
            half = text.size()
            known = self._marks[glyph] = (text, QPointF(half.width() / 2, half.height() / 2))
        painter.drawStaticText(box.center() - known[1], known[0])


@dataclass(frozen=True, slots=True)
class NearText:
    """A title in lines, and where its top left corner lies; `key` is what it was laid out for."""

    key: tuple[int, float, int]
    words: QStaticText
    at: QPointF
    beside: float
    """The room left for an icon before it."""
    elided: bool


@lru_cache(maxsize=64)  # asked for each node of a frame, at the one zoom there is
def near_size(level: float) -> int:
    """The pixel size of a title's font in the scene, at `level` screen pixels per scene unit."""
    step = math.floor(math.log(max(level, FAR_ZOOM) / FAR_ZOOM) / math.log(_STEP) + 1e-9)
    return round(_PIXELS / (FAR_ZOOM * _STEP**step))


@lru_cache(maxsize=256)
def badge_boxes(size: int, width: float, count: int) -> tuple[QRectF, ...]:
    """Squares for round marks at a node's upper right corner, the first one outermost and a little over the edge."""
    side = size * 1.25
    over = min(MARGIN - 3.0, side * 0.35)
    return tuple(QRectF(width + over - (place + 1) * side, -over, side, side) for place in range(count))


def near_text(title: str, box: tuple[float, float], left: float, marks: int, fonts: NearFonts, size: int) -> NearText:
    """Lays `title` out in one or two lines, as high as `box` (width, height) is, beside `left` and below `marks`."""
    width, height = box
    start = 2 * STRIP + size * 0.35 + left
    room = width - start - size * 0.3
    first = room - (width - badge_boxes(size, width, marks)[-1].left() - size * 0.3 if marks else 0.0)
    leading = fonts.metrics.height()
    rooms = (first, room) if 2 * leading <= height + size * 0.3 else (first,)
    words = wrapped(" ".join(title.split()), fonts.metrics, rooms)
    top = (height - leading * len(words)) / 2
    if marks and words[-1].endswith("…") and len(rooms) > 1 and len(words) == 1:
        # A word too long for the line beside the marks: below them there is more room.
        words, top = wrapped(" ".join(title.split()), fonts.metrics, (room,)), height - leading
    elided = words[-1].endswith("…") and not title.endswith("…")
    return NearText((size, left, marks), _static(_LINE_END.join(words)), QPointF(start, top), left, elided)


def wrapped(text: str, metrics: QFontMetricsF, rooms: Sequence[float]) -> list[str]:
    """`text` in at most as many lines as there are `rooms`, broken between words and after `_ - .`; the last elided."""
    lines: list[str] = []
    rest = text
    for room in rooms[:-1]:
        if metrics.horizontalAdvance(rest) <= room:
            break
        line = _head(rest, metrics, room)
        if not line:
            break
        lines.append(line.rstrip())
        rest = rest[len(line) :].lstrip()
    lines.append(metrics.elidedText(rest, Qt.TextElideMode.ElideRight, max(rooms[len(lines)], 0.0)))
    return lines


def _head(text: str, metrics: QFontMetricsF, room: float) -> str:
    """As many whole words of `text` as fit into `room`; nothing where not even one does."""
    head = ""
    for word in text.translate(_BREAKS).split(" "):
        joined = head + word
        longer = joined + " " if text[len(joined) :].startswith(" ") else joined
        if metrics.horizontalAdvance(joined) > room:
            return head
        head = longer
    return head


def _static(text: str) -> QStaticText:
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    return made
