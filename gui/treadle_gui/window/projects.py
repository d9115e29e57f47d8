"""Projects: every open pipeline has the components of the project that its file lies in; none is read for nobody."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from treadle_gui.document.document import Components
from treadle_gui.window.catalogs import Catalogs
from treadle_gui.window.page import Page
from treadle_gui.window.tabs import Tabs

__all__ = ["Projects"]


class Projects(QObject):
    """`home` is the project of what is no project's. `home_loaded(Components)`; `moved(Page)`: into another project."""

    home_loaded = Signal(object)
    moved = Signal(object)

    def __init__(self, home: Path, catalogs: Catalogs, tabs: Tabs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.home = home
        self._catalogs = catalogs
        self._tabs = tabs
        catalogs.loaded.connect(self._show)

    def begin(self) -> None:
        self._catalogs.follow(self.home)

    def attend(self, page: Page) -> None:
        """Keeps a page that was opened in step with its project, now and when its file goes into another."""
        self._follow(page)
        page.project_changed.connect(partial(self._on_moved, page))

    def _follow(self, page: Page) -> None:
        known = self._catalogs.known(page.project.root)
        if known is not None:
            page.document.set_catalog(known)
        self._catalogs.follow(page.project.root)

    def _on_moved(self, page: Page, left: Path) -> None:
        self._follow(page)
        if left != self.home and all(other.project.root != left for other in self._tabs.pages()):
            self._catalogs.forget(left)
        self.moved.emit(page)

    def _show(self, root: Path, catalog: Components) -> None:
        if root == self.home:
            self.home_loaded.emit(catalog)
        for page in self._tabs.pages():
            if page.project.root == root:
                page.document.set_catalog(catalog)
