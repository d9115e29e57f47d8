"""Tabs: the open pipelines side by side; a mark on the unsaved ones; middle click closes."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QWidget

from treadle_gui.style.scrolling import scrolling
from treadle_gui.style.widgets import plain_tooltip
from treadle_gui.window.broken_page import BrokenPage
from treadle_gui.window.page import Page
from treadle_gui.window.welcome import Welcome

__all__ = ["AnyPage", "Tabs"]

AnyPage = Page | BrokenPage


class Tabs(QStackedWidget):
    """Pages in tabs, or the welcome page where there is none. `current_changed(Page | None)`."""

    current_changed = Signal(object)
    close_requested = Signal(object)

    def __init__(self, welcome: Welcome, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.welcome = welcome
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.setMovable(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.tabs.tabBar().installEventFilter(self)
        self.tabs.tabCloseRequested.connect(lambda place: self.close_requested.emit(self.tabs.widget(place)))
        self.tabs.currentChanged.connect(self._tell)
        self._start = scrolling(welcome)
        self.addWidget(self._start)
        self.addWidget(self.tabs)

    @property
    def current(self) -> Page | None:
        """The pipeline in front; None where there is none, or a broken file."""
        page = self.tabs.currentWidget()
        return page if isinstance(page, Page) else None

    @property
    def front(self) -> AnyPage | None:
        """What is in front, broken files included."""
        page = self.tabs.currentWidget()
        return page if isinstance(page, Page | BrokenPage) else None

    def pages(self) -> Iterator[Page]:
        return (page for page in map(self.tabs.widget, range(self.tabs.count())) if isinstance(page, Page))

    def every(self) -> list[AnyPage]:
        """Broken files included."""
        widgets = map(self.tabs.widget, range(self.tabs.count()))
        return [page for page in widgets if isinstance(page, Page | BrokenPage)]

    def add(self, page: AnyPage) -> None:
        place = self.tabs.addTab(page, "")
        if isinstance(page, Page):
            page.document.dirty_changed.connect(lambda _dirty: self._name(page))
            page.document.path_changed.connect(lambda _path: self._name(page))
            page.document.changed.connect(lambda _old, _new: self._name(page))
        self._name(page)
        self.setCurrentWidget(self.tabs)
        self.tabs.setCurrentIndex(place)
        self._tell()

    def remove(self, page: AnyPage) -> None:
        place = self.tabs.indexOf(page)
        if place >= 0:
            self.tabs.removeTab(place)
            page.deleteLater()
        if not self.tabs.count():
            self.setCurrentWidget(self._start)
            self._tell()

    def bring_up(self, page: AnyPage) -> None:
        self.tabs.setCurrentWidget(page)

    def step(self, by: int) -> None:
        """The next tab, or the one before, round the ends."""
        if self.tabs.count():
            self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % self.tabs.count())

    def _name(self, page: AnyPage) -> None:
        place = self.tabs.indexOf(page)
        if place < 0:
            return
        if isinstance(page, BrokenPage):
            title, tip = page.title, str(page.loaded.path)
        else:
            title = ("● " if page.document.is_dirty else "") + page.document.title
            tip = str(page.document.path or "Not saved yet")
        if self.tabs.tabText(place) != (escaped := title.replace("&", "&&")):
            self.tabs.setTabText(place, escaped)
        self.tabs.setTabToolTip(place, plain_tooltip(tip))

    def _tell(self) -> None:
        self.current_changed.emit(self.current)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        released = event.type() == QEvent.Type.MouseButtonRelease
        if isinstance(event, QMouseEvent) and released and event.button() == Qt.MouseButton.MiddleButton:
            place = self.tabs.tabBar().tabAt(event.position().toPoint())
            if place >= 0:
                self.close_requested.emit(self.tabs.widget(place))
                return True
        return super().eventFilter(watched, event)
