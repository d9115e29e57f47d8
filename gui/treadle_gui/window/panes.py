"""Panes: the docks around the canvas and what they follow: the shown document, its run, the theme."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QTabBar, QTabWidget, QToolButton, QWidget

from treadle_gui.panels.inspector.inspector import Inspector
from treadle_gui.panels.palette import Palette
from treadle_gui.panels.problems import Problems
from treadle_gui.panels.run_panels import RunPanels
from treadle_gui.style.icons import icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel
from treadle_gui.window.focus_way import first_stop

__all__ = ["Panes"]

_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


_FEATURES = QDockWidget.DockWidgetFeature.DockWidgetClosable | QDockWidget.DockWidgetFeature.DockWidgetMovable


class DockTitle(QWidget):
    """A pane's name and a button that puts the pane away; the View menu brings it back."""

    def __init__(self, dock: QDockWidget, theme: Theme) -> None:
        super().__init__()
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setToolTip(f"Hide {dock.windowTitle()}")
        self._close.setAccessibleName(f"Hide {dock.windowTitle()}")
        self._close.setFixedSize(22, 22)
        self._close.setStyleSheet("padding: 0;")
        self._close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(METRICS.gap + 4, 5, METRICS.gap_small + 2, 4)
        row.addWidget(PlainLabel(dock.windowTitle(), "section"), 1)
        row.addWidget(self._close)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self._close.setIcon(icon("close", theme.muted))


_BOTTOM_PART: Final = 0.3
_LEAST_BOTTOM: Final = 200
_TALL_PART: Final = 0.6
_ALMOST: Final = 64
"""What tabs and frames take of it."""


class Panes(QObject):
    """Every pane with its dock. Names are stable: the remembered layout goes by them."""

    def __init__(self, window: QMainWindow, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self.palette = Palette(theme)
        self.inspector = Inspector(theme)
        self.problems = Problems(theme)
        self.run = RunPanels(theme, self)
        self.docks: dict[str, QDockWidget] = {}
        self._theme = theme
        self._titles: list[DockTitle] = []
        self._watched: set[QTabBar] = set()
        self._arrange()
        self.problems.counts_changed.connect(self._count_problems)

    def _arrange(self) -> None:
        window = self._window
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        window.setTabPosition(_BOTTOM, QTabWidget.TabPosition.North)
        left = self._dock("palette", "Components", self.palette, Qt.DockWidgetArea.LeftDockWidgetArea)
        right = self._dock("inspector", "Inspector", self.inspector, Qt.DockWidgetArea.RightDockWidgetArea)
        first = self._dock("problems", "Problems", self.problems, _BOTTOM)
        for panel in self.run.all():
            window.tabifyDockWidget(first, self._dock(panel.id, panel.title, panel.widget, _BOTTOM))
        first.raise_()
        window.resizeDocks([left, right], [240, 320], Qt.Orientation.Horizontal)

    def share_out(self) -> None:
        """Gives the bottom its part of the window, which has to have its size: most is the canvas's."""
        part = max(_LEAST_BOTTOM, round(self._window.height() * _BOTTOM_PART))
        self._window.resizeDocks([self.docks["problems"]], [part], Qt.Orientation.Vertical)

    def watch_tabs(self) -> None:
        """A double click on a pane's tab gives the bottom most of the window, or its part again. Once it is shown."""
        only = Qt.FindChildOption.FindDirectChildrenOnly
        for bar in set(self._window.findChildren(QTabBar, options=only)) - self._watched:
            self._watched.add(bar)
            bar.tabBarDoubleClicked.connect(self.toggle_tall)

    @property
    def is_tall(self) -> bool:
        """Whether the bottom has most of the window."""
        height = self.docks[self.front].height() if self.front else 0
        return height >= round(self._window.height() * _TALL_PART) - _ALMOST

    def toggle_tall(self) -> None:
        """Gives the bottom most of the window, or its part again."""
        if self.is_tall:
            self.share_out()
        elif self.front:
            tall = round(self._window.height() * _TALL_PART)
            self._window.resizeDocks([self.docks[self.front]], [tall], Qt.Orientation.Vertical)

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        dock.setFeatures(_FEATURES)
        # The tabs name the panes at the bottom already.
        dock.setTitleBarWidget(QWidget() if area is _BOTTOM else self._title(dock))
        self.docks[name] = dock
        return dock

    def _title(self, dock: QDockWidget) -> QWidget:
        bar = DockTitle(dock, self._theme)
        self._titles.append(bar)
        return bar

    def bring_up(self, name: str) -> None:
        """Shows a pane in front of those it shares its place with."""
        self.docks[name].show()
        self.docks[name].raise_()

    def go_to(self, name: str) -> None:
        """Shows a pane and puts the focus into it."""
        self.bring_up(name)
        stop = first_stop(self.docks[name])
        if stop is not None:
            stop.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def front(self) -> str:
        """The pane that is seen of those that share the bottom; empty where none is."""
        panes = ("problems", *(panel.id for panel in self.run.all()))
        return next((name for name in panes if not self.docks[name].visibleRegion().isEmpty()), "")

    def focus_inspector(self) -> None:
        self.bring_up("inspector")
        self.inspector.focus_first()

    def focus_palette(self) -> None:
        self.bring_up("palette")
        self.palette.focus_search()

    def set_theme(self, theme: Theme) -> None:
        for pane in (self.palette, self.inspector, self.problems, self.run, *self._titles):
            pane.set_theme(theme)

    def _count_problems(self, errors: int, warnings: int) -> None:
        total = errors + warnings
        self.docks["problems"].setWindowTitle(f"Problems ({total})" if total else "Problems")
