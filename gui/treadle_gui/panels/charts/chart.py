"""Chart: curves over a shared x, with a crosshair, a marked span and a second scale for the machine.

The charts share one time window, so that what stands above one another happened together. Curves are given ready to
draw (`decimation.py`): at most two points a pixel, one pixel wide, without antialiasing unless there are few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from treadle_gui.panels.charts.units import clock_text
from treadle_gui.style.tokens import METRICS, Theme

__all__ = ["Chart", "Curve"]

_LEFT_AXIS: Final = 52
_RIGHT_AXIS: Final = 36
_FEW_POINTS: Final = 1_000
_NEW_AT_ONCE: Final = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """`key` names it from one update to the next; `on_right` belongs to the right scale, from 0 to 100."""

    key: str
    x: NDArray[Any]
    y: NDArray[Any]
    colour: str
    is_strong: bool = False
    is_dashed: bool = False
    on_right: bool = False


class _Axis(pg.AxisItem):
    """An axis whose numbers are written by a function."""

    def __init__(self, orientation: str, text_of: Callable[[float], str]) -> None:
        super().__init__(orientation)
        self._text_of = text_of

    def tickStrings(self, values: Iterable[float], scale: float, spacing: float) -> list[str]:
        return [self._text_of(value) for value in values]


class Chart(pg.PlotWidget):
    """`hovered(x or None)`: where the mouse is; `moved_by_person()`: somebody panned or zoomed along x."""

    hovered = Signal(object)
    moved_by_person = Signal()

    def __init__(
        self,
        theme: Theme,
        name: str,
        y_text: Callable[[float], str],
        *,
        x_text: Callable[[float], str] = clock_text,
        right_text: Callable[[float], str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        axes = {"left": _Axis("left", y_text), "bottom": _Axis("bottom", x_text)}
        super().__init__(parent, axisItems=axes)
        self._top = 1.0
        self._curves: dict[str, pg.PlotDataItem] = {}
        self._looks: dict[str, tuple[str, bool, bool]] = {}
        # pyqtgraph has no types of its own.
        self._plot: Any = self.getPlotItem()
        self._right = self._add_right_scale(right_text) if right_text is not None else None
        self._span = pg.LinearRegionItem(movable=False)
        self._cross = pg.InfiniteLine(angle=90)
        self._apply_layout()
        self.set_theme(theme)
        self.setAccessibleName(name)
        self._plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self._plot.vb.sigRangeChangedManually.connect(self._moved)

    def _apply_layout(self) -> None:
        plot = self._plot
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMouseEnabled(x=True, y=False)
        plot.getAxis("left").setWidth(_LEFT_AXIS)
        plot.vb.setLimits(yMin=0)
        plot.setContentsMargins(0, 0, 8, 0)
        self._span.setZValue(-10)
        self._span.hide()
        self._cross.hide()
        plot.addItem(self._span, ignoreBounds=True)
        plot.addItem(self._cross, ignoreBounds=True)

    def _add_right_scale(self, text_of: Callable[[float], str]) -> pg.ViewBox:
        box = pg.ViewBox(enableMenu=False)
        axis = _Axis("right", text_of)
        axis.setWidth(_RIGHT_AXIS)
        self._plot.setAxisItems({"right": axis})
        self._plot.showAxis("right")
        self._plot.scene().addItem(box)
        axis.linkToView(box)
        box.setXLink(self._plot)
        box.setYRange(0, 100, padding=0)
        box.setMouseEnabled(x=False, y=False)
        self._plot.vb.sigResized.connect(self._fit_right_scale)
        return box

    def _fit_right_scale(self) -> None:
        if self._right is not None:
            self._right.setGeometry(self._plot.vb.sceneBoundingRect())

    def set_theme(self, theme: Theme) -> None:
        self.setBackground(QColor(theme.field))
        line, muted = pg.mkPen(theme.line), pg.mkPen(theme.muted)
        for name in ("left", "bottom", "right"):
            axis = self._plot.getAxis(name)
            axis.setPen(line)
            axis.setTextPen(muted)
            axis.setStyle(tickLength=-4, maxTickLevel=1)
            font = self.font()
            font.setPixelSize(METRICS.text_small)
            axis.setTickFont(font)
        self._plot.showGrid(y=True, alpha=0.25)
        self._cross.setPen(pg.mkPen(theme.accent))
        shade = QColor(theme.accent)
        shade.setAlpha(28)
        self._span.setBrush(shade)
        shade.setAlpha(120)
        for edge in self._span.lines:
            edge.setPen(pg.mkPen(shade))

    @property
    def plot_pixels(self) -> int:
        """Width of the plotted area."""
        return max(1, int(self._plot.vb.width()))

    def curve(self, key: str) -> pg.PlotDataItem | None:
        return self._curves.get(key)

    def show_curves(self, curves: Sequence[Curve]) -> bool:
        """Draws exactly these; ones drawn before are taken away. False: some are left for the next call.

        Making a curve costs pyqtgraph more than a millisecond, so a call makes only a few.
        """
        room = _NEW_AT_ONCE
        for gone in self._curves.keys() - {curve.key for curve in curves}:
            item = self._curves.pop(gone)
            self._looks.pop(gone, None)
            (item.getViewBox() or self._plot).removeItem(item)
        smooth = sum(len(curve.x) for curve in curves) <= _FEW_POINTS
        for curve in curves:
            item = self._curves.get(curve.key)
            if item is None:
                if not room:
                    continue
                room -= 1
                item = self._add(curve)
            self._set_look(item, curve)
            item.setData(curve.x, curve.y, antialias=smooth)
        return len(self._curves) == len(curves)

    def _set_look(self, item: pg.PlotDataItem, curve: Curve) -> None:
        # Each of these makes pyqtgraph go through all its points again.
        look = (curve.colour, curve.is_strong, curve.is_dashed)
        if self._looks.get(curve.key) != look:
            self._looks[curve.key] = look
            style = Qt.PenStyle.DashLine if curve.is_dashed else Qt.PenStyle.SolidLine
            item.setPen(pg.mkPen(curve.colour, width=2 if curve.is_strong else 1, style=style))
            item.setZValue(5 if curve.is_strong else 0)

    def _add(self, curve: Curve) -> pg.PlotDataItem:
        item = pg.PlotDataItem(skipFiniteCheck=False)
        (self._right if curve.on_right and self._right is not None else self._plot).addItem(item)
        self._curves[curve.key] = item
        return item

    def set_window(self, low: float, high: float, top: float) -> None:
        """Shows x from `low` to `high`, y from 0 to `top`."""
        self._top = top
        self._plot.vb.setRange(xRange=(low, high), yRange=(0, top), padding=0, disableAutoRange=True)

    def fit(self, curves: Sequence[Curve]) -> None:
        """Shows all of `curves`, whatever their range; numbers that are not finite are left out."""
        x = np.concatenate([curve.x for curve in curves])
        y = np.concatenate([curve.y for curve in curves])
        y = y[np.isfinite(y)]
        if not len(x) or not len(y):
            return
        margin = 0.06 * float(np.ptp(y)) or 0.06 * abs(float(y[0])) or 1.0
        self._plot.vb.setLimits(yMin=None)
        self._plot.vb.setRange(
            xRange=(float(x.min()), max(float(x.max()), float(x.min()) + 1)),
            yRange=(float(y.min()) - margin, float(y.max()) + margin),
            padding=0,
            disableAutoRange=True,
        )

    @property
    def top(self) -> float:
        """The greatest y shown."""
        return self._top

    @property
    def window_x(self) -> tuple[float, float]:
        low, high = self._plot.vb.viewRange()[0]
        return float(low), float(high)

    def mark_span(self, span: tuple[float, float] | None) -> None:
        """Shades x from, to: when the chosen node ran."""
        self._span.setVisible(span is not None)
        if span is not None:
            self._span.setRegion(span)

    def point_at(self, x: float | None) -> None:
        """Moves the crosshair, or takes it away."""
        self._cross.setVisible(x is not None)
        if x is not None:
            self._cross.setPos(x)

    def leaveEvent(self, ev: QEvent) -> None:
        super().leaveEvent(ev)
        self.hovered.emit(None)

    def _mouse_moved(self, place: QPointF) -> None:
        inside = self._plot.vb.sceneBoundingRect().contains(place)
        self.hovered.emit(float(self._plot.vb.mapSceneToView(place).x()) if inside else None)

    def _moved(self, *_: object) -> None:
        self.moved_by_person.emit()
