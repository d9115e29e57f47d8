"""How lines of a log are painted: number, name, level, text, what is selected and what was found.

Pens are made once a theme. Nothing here may raise while a painter is open, since Qt would end the app for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from treadle_gui.panels.logs.levels import Level
from treadle_gui.panels.logs.rows import LogRow
from treadle_gui.style.tokens import Theme

__all__ = ["LogInk", "LogPainter", "PaintedLine"]

_NAME_COLUMNS = 16


@dataclass(frozen=True, slots=True)
class PaintedLine:
    """A line in view. `spans` are what was found (column, length), `selected` columns from, to."""

    row: LogRow
    text: str
    name: str
    spans: Sequence[tuple[int, int]]
    selected: tuple[int, int] | None
    is_current: bool


class LogInk:
    """A theme's pens and brushes for logs."""

    def __init__(self, theme: Theme) -> None:
        self.background = QColor(theme.field)
        self.number = QPen(QColor(theme.placeholder))
        self.names = [QPen(QColor(colour)) for colour in theme.charts]
        self.levels = {
            Level.DEBUG: QPen(QColor(theme.muted)),
            Level.INFO: QPen(QColor(theme.text)),
            Level.WARNING: QPen(QColor(theme.warning)),
            Level.ERROR: QPen(QColor(theme.failed)),
        }
        self.stripes = {Level.WARNING: QColor(theme.warning), Level.ERROR: QColor(theme.failed)}
        self.selected = QColor(theme.selected)
        self.current = QColor(theme.hover)
        self.found = QColor(theme.warning)
        self.found.setAlpha(90)


class LogPainter:
    """Paints lines one under the other on columns of a monospaced font."""

    def __init__(self, ink: LogInk, font: QFont) -> None:
        self.ink = ink
        self.font = font
        metrics = QFontMetricsF(font)
        self.line_height = round(metrics.height()) + 3
        # Not a whole number of pixels in most fonts: a mark in column 100 would be off by several characters.
        self.column_width = max(1.0, metrics.horizontalAdvance("0" * 100) / 100)
        self._baseline = round(metrics.ascent()) + 1

    def paint(
        self, surface: QWidget, dirty: QRect, lines: Sequence[PaintedLine], first_column: int, gutter: int
    ) -> None:
        """Paints `lines` from the top of `surface`, text from `first_column` on, right of `gutter` columns."""
        columns = int(surface.width() / self.column_width) - gutter + 2
        painter = QPainter(surface)
        try:
            painter.fillRect(dirty, self.ink.background)
            painter.setFont(self.font)
            for index, line in enumerate(lines):
                self._line(painter, line, index * self.line_height, surface.width(), (first_column, columns, gutter))
        finally:
            painter.end()

    def _line(self, painter: QPainter, line: PaintedLine, top: int, width: int, frame: tuple[int, int, int]) -> None:
        first, columns, gutter = frame
        left, base = round(gutter * self.column_width), top + self._baseline
        if line.is_current:
            painter.fillRect(QRect(0, top, width, self.line_height), self.ink.current)
        painter.setClipRect(QRect(left, top, width - left, self.line_height))
        if line.selected is not None:
            start, end = line.selected
            self._band(painter, start - first, min(end, first + columns) - start, (left, top), self.ink.selected)
        for start, length in line.spans:
            self._band(painter, start - first, length, (left, top), self.ink.found)
        painter.setPen(self.ink.levels[line.row.level])
        painter.drawText(left, base, line.text[first : first + columns])
        painter.setClipping(False)
        self._gutter(painter, line, top, gutter)

    def _gutter(self, painter: QPainter, line: PaintedLine, top: int, gutter: int) -> None:
        stripe = self.ink.stripes.get(line.row.level)
        if stripe is not None:
            painter.fillRect(QRect(0, top, 3, self.line_height), stripe)
        base, right = top + self._baseline, round((gutter - 1) * self.column_width)
        if line.name:
            painter.setPen(self.ink.names[line.row.log % len(self.ink.names)])
            painter.drawText(round(self.column_width), base, _shortened(line.name))
        painter.setPen(self.ink.number)
        box = QRect(0, top, right, self.line_height)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(line.row.line + 1))

    def _band(self, painter: QPainter, column: int, length: int, origin: tuple[int, int], colour: QColor) -> None:
        left, top = origin
        width = max(length, 0) * self.column_width
        painter.fillRect(QRectF(left + column * self.column_width, top, width, self.line_height), colour)


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_COLUMNS else f"{name[: _NAME_COLUMNS - 1]}…"
