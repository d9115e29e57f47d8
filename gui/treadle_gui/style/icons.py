"""Icons: Material Design Icons (mdi6) by their short names, drawn as vectors in any colour.

An unknown name gives a fallback icon, never an error: component authors write these names.
QtAwesome keeps each (name, colour) it has drawn, so asking again costs a look-up.
"""

from __future__ import annotations

from typing import Any, Final, cast

import qtawesome
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QIconEngine, QLinearGradient, QPainter, QPainterPath, QPen, QPixmap

from treadle_gui.style.tokens import DARK, Theme

__all__ = ["FALLBACK", "app_icon", "glyph", "glyph_font", "has_icon", "icon", "pixmap", "themed_icon"]

FALLBACK: Final = "cube-outline"
_FONT: Final = "mdi6"


def _charmap() -> dict[str, str]:
    resource = cast("Any", qtawesome)._instance()  # noqa: SLF001 the only way to ask which names there are
    return cast("dict[str, str]", resource.charmap[_FONT])


def has_icon(name: str) -> bool:
    """Whether `name` (without a prefix) is an mdi6 icon. Needs a QApplication."""
    return name in _charmap()


def _known(name: str) -> str:
    bare = name.removeprefix("mdi6.").removeprefix("mdi.")
    return bare if has_icon(bare) else FALLBACK


def icon(name: str, colour: str, disabled: str | None = None) -> QIcon:
    """The icon `name` in `colour` (`#RRGGBB`), and in `disabled` where its action is."""
    options = {"color": QColor(colour)}
    if disabled is not None:
        options["color_disabled"] = QColor(disabled)
    return cast("QIcon", qtawesome.icon(f"{_FONT}.{_known(name)}", **options))


def themed_icon(name: str, theme: Theme) -> QIcon:
    """The icon as tool bars, menus and lists show it."""
    return icon(name, theme.text, theme.faint)


def pixmap(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon as `size` device-independent pixels square, sharp at `ratio` device pixels each."""
    return icon(name, colour).pixmap(QSize(size, size), ratio)


def glyph(name: str) -> str:
    """The icon's character in the mdi6 font, for painting as text."""
    return _charmap()[_known(name)]


def glyph_font(size: int) -> QFont:
    """The font that `glyph` is painted in, at `size` pixels."""
    font = cast("QFont", qtawesome.font(_FONT, size))
    font.setPixelSize(size)
    return font


class _AppIconEngine(QIconEngine):
    """Paints the mark at whatever size is asked for."""

    def paint(self, painter: QPainter, rect: Any, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint_mark(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        try:
            paint_mark(painter, QRectF(0, 0, size.width(), size.height()))
        finally:
            painter.end()
        return drawn

    def clone(self) -> QIconEngine:
        return _AppIconEngine()


def paint_mark(painter: QPainter, rect: QRectF) -> None:
    """Treadle's mark: three nodes and the thread between them, on a rounded tile."""
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / 64, side / 64)
    tile = QLinearGradient(0, 0, 64, 64)
    tile.setColorAt(0, QColor(DARK.primary_hover))
    tile.setColorAt(1, QColor(DARK.primary_pressed))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tile)
    painter.drawRoundedRect(QRectF(2, 2, 60, 60), 14, 14)
    thread = QPainterPath(QPointF(18, 22))
    thread.cubicTo(36, 22, 28, 32, 46, 32)
    thread.moveTo(18, 44)
    thread.cubicTo(34, 44, 30, 32, 46, 32)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(DARK.on_primary), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPath(thread)
    painter.setPen(Qt.PenStyle.NoPen)
    for x, y, colour in ((18, 22, DARK.on_primary), (18, 44, DARK.on_primary), (46, 32, DARK.succeeded)):
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(x, y), 7.5, 7.5)
    painter.restore()


def app_icon() -> QIcon:
    """Treadle's own icon, sharp at any size."""
    return QIcon(_AppIconEngine())
