"""Ink: every pen, brush, font and path that painting needs, made once for a theme.

Making these inside `paint` costs more than drawing with them; nothing in `paint` makes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainterPath, QPen, QPolygonF

from treadle_gui.canvas.geometry import HEADER, PORT, STRIP
from treadle_gui.canvas.near_plates import NearPlates
from treadle_gui.canvas.near_text import NearFonts
from treadle_gui.style.apply import mono_font, sans_font
from treadle_gui.style.icons import glyph, glyph_font
from treadle_gui.style.states import state_colour, state_look
from treadle_gui.style.tokens import METRICS, PortShape, Theme

__all__ = ["NO_BRUSH", "NO_PEN", "Ink", "NodePaths", "PortInk", "StateInk", "mixed"]

NO_PEN: Final = QPen(Qt.PenStyle.NoPen)
NO_BRUSH: Final = QBrush(Qt.BrushStyle.NoBrush)

_DASHES: Final = [4.0, 3.0]
_DOTS: Final = [2.0, 4.0]
_CATEGORY_PORT: Final = {
    "Data": "Table",
    "Prepare": "Array",
    "Train": "Model",
    "Evaluate": "Metrics",
    "Report": "Figure",
    "Code": "Json",
    "Flow": "Text",
}


def mixed(colour: str, ground: str, share: float) -> QColor:
    """`colour` on `ground` as if `share` (0..1) opaque: cheaper to paint than a translucent one."""
    a, b = QColor(colour), QColor(ground)
    return QColor.fromRgbF(
        a.redF() * share + b.redF() * (1 - share),
        a.greenF() * share + b.greenF() * (1 - share),
        a.blueF() * share + b.blueF() * (1 - share),
    )


def _pen(colour: QColor | str, width: float) -> QPen:
    return QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _broken(colour: QColor | str, pattern: list[float]) -> QPen:
    made = _pen(colour, 2.0)
    made.setDashPattern(pattern)
    return made


@dataclass(frozen=True, slots=True)
class StateInk:
    """A state's brush, border, badge and strip."""

    colour: QColor
    brush: QBrush
    border: QPen
    outline: QPen
    glyph: str
    glyph_pen: QPen
    filled: bool
    idle: bool


@dataclass(frozen=True, slots=True)
class PortInk:
    """A port type's mark and the pens of edges that carry it."""

    colour: QColor
    brush: QBrush
    outline: QPen
    path: QPainterPath
    ring: QPainterPath
    edge: QPen
    edge_lit: QPen
    edge_quiet: QPen
    edge_running: QPen
    """Dashes, which run where motion is wanted."""
    edge_unused: QPen
    """Dots: the run went another way."""
    edge_unused_lit: QPen
    dim: QBrush
    dim_outline: QPen


@dataclass(frozen=True, slots=True)
class NodePaths:
    """The outlines of a node of one size."""

    body: QPainterPath
    header: QPainterPath
    strip: QPainterPath
    focus: QPainterPath


class Ink:
    """All of a theme's painting tools. One per canvas and theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self._states: dict[str, StateInk] = {}
        self._ports: dict[str, PortInk] = {}
        self._paths: dict[tuple[float, float], NodePaths] = {}
        self._near: dict[int, NearFonts] = {}
        self.plates = NearPlates()
        self._glyphs: dict[str, str] = {}
        self._categories: dict[str, QPen] = {}
        self._make_fonts()
        self._make_surfaces(theme)

    def _make_fonts(self) -> None:
        self.title_font = sans_font(METRICS.text_title, QFont.Weight.DemiBold)
        self.small_font = sans_font(METRICS.text_small)
        self.number_font = mono_font(METRICS.text_small - 1)
        self.icon_font = glyph_font(17)
        self.badge_font = glyph_font(13)
        self.mark_font = glyph_font(16)
        self.flow_font = glyph_font(13)
        self.title_metrics = QFontMetricsF(self.title_font)
        self.small_metrics = QFontMetricsF(self.small_font)
        self.number_metrics = QFontMetricsF(self.number_font)

    def _make_surfaces(self, theme: Theme) -> None:
        self.canvas = QColor(theme.canvas)
        self.dot = _pen(theme.canvas_dot, 1.6)
        self.node = QBrush(QColor(theme.node))
        self.header = QBrush(QColor(theme.node_header))
        self.header_selected = QBrush(mixed(theme.accent, theme.node_header, 0.16))
        plate = theme.node_header if theme.is_dark else theme.node
        self.plate = QBrush(QColor(plate))
        self.plate_selected = QBrush(mixed(theme.accent, plate, 0.16))
        self.border = _pen(theme.node_line, 1.0)
        self.border_hover = _pen(mixed(theme.accent, theme.node_line, 0.55), 1.5)
        self.border_of_ports = QPen(QColor(theme.faint), 1.5, Qt.PenStyle.DashLine)
        self.border_missing = QPen(QColor(theme.warning), 1.5, Qt.PenStyle.DashLine)
        self.selected = _pen(theme.accent, 2.0)
        self.focus = _pen(theme.accent, 2.0)
        self.focus.setDashPattern([2.5, 2.5])
        self.title = _pen(theme.text, 1)
        self.text = _pen(mixed(theme.text, theme.node, 0.88), 1)
        self.muted = _pen(theme.muted, 1)
        self.ghost_fill = QBrush(mixed(theme.node, theme.canvas, 0.85))
        self.ghost_pen = QPen(QColor(theme.accent), 1.5, Qt.PenStyle.DashLine)
        self.track = QBrush(mixed(theme.running, theme.node, 0.22))
        self.accent = QBrush(QColor(theme.accent))
        self.breakpoint = QBrush(QColor(theme.failed))
        self.breakpoint_hint = QBrush(mixed(theme.failed, theme.canvas, 0.4))
        self.breakpoint_edge = _pen(theme.canvas, 2.0)
        self.error = QPen(QColor(theme.failed))
        self.warning = QPen(QColor(theme.warning))
        self.band = _pen(theme.accent, 1.0)
        fill = QColor(theme.accent)
        fill.setAlpha(34)
        self.band_fill = QBrush(fill)
        self.refused = QPen(QColor(theme.failed), 2.0, Qt.PenStyle.DashLine)
        self.order = _pen(mixed(theme.muted, theme.canvas, 0.8), 1.4)
        self.order.setDashPattern([3.0, 4.0])
        self.label_fill = QBrush(mixed(theme.node_header, theme.canvas, 0.9))
        self.label_pen = _pen(theme.node_line, 1.0)

    def state(self, state: str) -> StateInk:
        """The ink of a task state by its name; `""` for one nobody ran."""
        made = self._states.get(state)
        if made is None:
            look = state_look(state)
            colour = QColor(state_colour(self.theme, state))
            ink = QColor(self.theme.on_state) if look.filled else colour
            idle = look.colour == "idle"
            border = _pen(self.theme.node_line if idle else colour, 1.0 if idle else 1.5)
            made = StateInk(
                colour, QBrush(colour), border, _pen(colour, 1.5), glyph(look.icon), QPen(ink), look.filled, idle
            )
            self._states[state] = made
        return made

    def port(self, type_name: str) -> PortInk:
        made = self._ports.get(type_name)
        if made is None:
            look = self.theme.port(type_name)
            colour = QColor(look.colour)
            dim = mixed(look.colour, self.theme.node, 0.35)
            strong, quiet = (mixed(look.colour, self.theme.canvas, share) for share in (0.72, 0.22))
            made = PortInk(
                colour=colour,
                brush=QBrush(colour),
                outline=_pen(colour, 2.0),
                path=_mark(look.shape, PORT),
                ring=_mark(look.shape, PORT + 4),
                edge=_pen(strong, 2.0),
                edge_lit=_pen(look.colour, 3.0),
                edge_quiet=_pen(quiet, 2.0),
                edge_running=_broken(look.colour, _DASHES),
                edge_unused=_broken(quiet, _DOTS),
                edge_unused_lit=_broken(strong, _DOTS),
                dim=QBrush(dim),
                dim_outline=_pen(dim, 2.0),
            )
            self._ports[type_name] = made
        return made

    def near(self, size: int) -> NearFonts:
        """The fonts of a node from halfway off, of a pixel size from `near_size`."""
        made = self._near.get(size)
        if made is None:
            made = self._near[size] = NearFonts(size)
        return made

    def category(self, name: str) -> QPen:
        """What a node's icon is painted with."""
        made = self._categories.get(name)
        if made is None:
            kind = _CATEGORY_PORT.get(name, "Any")
            made = self._categories[name] = QPen(QColor(self.theme.port(kind).colour))
        return made

    def glyph(self, icon: str) -> str:
        made = self._glyphs.get(icon)
        if made is None:
            made = self._glyphs[icon] = glyph(icon)
        return made

    @cached_property
    def warning_glyph(self) -> str:
        return glyph("alert")

    @cached_property
    def error_glyph(self) -> str:
        return glyph("alert-circle")

    def paths(self, width: float, height: float) -> NodePaths:
        """The outlines of a node of this size; few sizes occur, so they are kept."""
        made = self._paths.get((width, height))
        if made is None:
            made = self._paths[width, height] = _node_paths(width, height)
        return made


def _node_paths(width: float, height: float) -> NodePaths:
    box = QRectF(0, 0, width, height)
    body, header, strip, focus = QPainterPath(), QPainterPath(), QPainterPath(), QPainterPath()
    body.addRoundedRect(box, METRICS.radius, METRICS.radius)
    header.addRect(QRectF(0, 0, width, HEADER))
    strip.addRect(QRectF(0, 0, STRIP, height))
    outside = METRICS.radius + 4
    focus.addRoundedRect(box.adjusted(-4, -4, 4, 4), outside, outside)
    return NodePaths(body, header.intersected(body), strip.intersected(body), focus)


def _mark(shape: PortShape, half: float) -> QPainterPath:
    """A port mark around the origin."""
    path = QPainterPath()
    match shape:
        case PortShape.SQUARE:
            side = half * 0.92
            path.addRoundedRect(QRectF(-side, -side, 2 * side, 2 * side), 1.2, 1.2)
        case PortShape.TRIANGLE:
            tip = half * 1.15
            path.addPolygon(_polygon((-half, -tip), (tip, 0), (-half, tip)))
        case PortShape.DIAMOND:
            tip = half * 1.2
            path.addPolygon(_polygon((0, -tip), (tip, 0), (0, tip), (-tip, 0)))
        case PortShape.HEXAGON:
            tip, side = half * 1.15, half * 0.6
            path.addPolygon(_polygon((-tip, 0), (-side, -half), (side, -half), (tip, 0), (side, half), (-side, half)))
        case PortShape.CIRCLE:
            path.addEllipse(QPointF(0, 0), half, half)
    path.closeSubpath()
    return path


def _polygon(*corners: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in corners])
