"""Panes: the docks around the canvas and what they follow: the shown document, its run, the theme."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

from treadle_gui.panels.inspector.inspector import Inspector
from treadle_gui.panels.palette import Palette
from treadle_gui.panels.problems import Problems
from treadle_gui.panels.run_panels import RunPanels
from treadle_gui.style.tokens import Theme

__all__ = ["Panes"]

_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


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
        window.resizeDocks([first], [230], Qt.Orientation.Vertical)

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self._window.addDockWidget(area, dock)
        if area is _BOTTOM:
            dock.setTitleBarWidget(QWidget())  # the tabs name them already
        self.docks[name] = dock
        return dock

    def bring_up(self, name: str) -> None:
        """Shows a pane in front of those it shares its place with."""
        self.docks[name].show()
        self.docks[name].raise_()

    def set_theme(self, theme: Theme) -> None:
        for pane in (self.palette, self.inspector, self.problems, self.run):
            pane.set_theme(theme)

    def _count_problems(self, errors: int, warnings: int) -> None:
        total = errors + warnings
        self.docks["problems"].setWindowTitle(f"Problems ({total})" if total else "Problems")
