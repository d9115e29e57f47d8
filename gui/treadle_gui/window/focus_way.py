"""Where Tab leads: from what is seen to what is seen, around the window as one reads it.

tool bar → components → tabs and canvas → inspector → panes at the bottom → status bar. Panes that stand behind others
take no part: Qt counts them as visible, and the focus would be nowhere to be seen.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStatusBar, QToolBar, QWidget

__all__ = ["first_stop", "next_stop"]


def next_stop(window: QMainWindow, now: QWidget | None, *, forward: bool) -> QWidget | None:
    """The widget that the focus goes to from `now`; None where nothing takes it."""
    stops = _stops(window)
    if not stops:
        return None
    if now not in stops:
        return stops[0 if forward else -1]
    return stops[(stops.index(now) + (1 if forward else -1)) % len(stops)]


def first_stop(dock: QDockWidget) -> QWidget | None:
    """What takes the focus when a person goes to a pane; None where nothing in it does."""
    return next((widget for widget in _chain(dock.window()) if dock.isAncestorOf(widget) and _takes(widget)), None)


def _stops(window: QMainWindow) -> list[QWidget]:
    places = {widget: _place(window, widget) for widget in _chain(window) if _takes(widget)}
    return sorted((widget for widget, place in places.items() if place is not None), key=lambda w: places[w] or 0)


def _chain(window: QWidget) -> list[QWidget]:
    """Every widget of the window in Qt's own order."""
    found, widget = [window], window.nextInFocusChain()
    while widget is not window and widget is not None:
        found.append(widget)
        widget = widget.nextInFocusChain()
    return found


def _takes(widget: QWidget) -> bool:
    by_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return by_tab and widget.isEnabled() and widget.isVisible() and widget.focusProxy() is None


def _place(window: QMainWindow, widget: QWidget) -> int | None:
    """The part of the window that a widget is in, as one goes round; None for a pane that stands behind another."""
    part: QWidget | None = widget
    while part is not None and part.parentWidget() is not window:
        part = part.parentWidget()
    match part:
        case QToolBar():
            return 0
        case QStatusBar():
            return 6
        case QDockWidget():
            return None if part.visibleRegion().isEmpty() else _SIDES.get(window.dockWidgetArea(part), 5)
        case _ if part is window.centralWidget():
            return 2
        case _:  # the tabs of the panes at the bottom
            return 4


_SIDES = {Qt.DockWidgetArea.LeftDockWidgetArea: 1, Qt.DockWidgetArea.RightDockWidgetArea: 3}
