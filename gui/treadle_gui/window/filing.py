"""Filing: pipelines come into tabs (new, from files, from what a crash left) and leave them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle.spec.file_format import read
from treadle.spec.pipeline import Pipeline
from treadle.store.project import find_project
from treadle_gui.dialogs.asking import ask_open
from treadle_gui.document.document import NO_COMPONENTS, SUFFIX, Document
from treadle_gui.document.files import Loaded, load
from treadle_gui.document.recovery import Recovered
from treadle_gui.window.broken_page import BrokenPage
from treadle_gui.window.files import FILTERS, folder_at_hand, unused_name
from treadle_gui.window.page import Page
from treadle_gui.window.services import Services
from treadle_gui.window.tabs import AnyPage, Tabs
from treadle_gui.window.tasks import Tasks
from treadle_gui.window.theming import HasTheme

__all__ = ["Filing"]


class Filing(QObject):
    """`opened(Page)`: a pipeline came into a tab. `told(str)`: something a person should know, for the status bar."""

    opened = Signal(object)
    told = Signal(str)
    recent_changed = Signal()

    def __init__(self, window: QWidget, look: HasTheme, tabs: Tabs, services: Services, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._look = look
        self._tabs = tabs
        self._services = services
        self._tasks = tasks

    # Opening

    def new(self) -> Page:
        name = unused_name([page.document.title for page in self._tabs.pages()])
        return self._show(Document(Pipeline(name=name), NO_COMPONENTS))

    async def ask_and_open(self) -> None:
        file = await ask_open(self._window, "Open a pipeline", str(folder_at_hand(self._tabs, self._services)), FILTERS)
        if file is not None:
            await self.open(Path(file))

    async def open(self, path: Path) -> AnyPage | None:
        """Opens a file in a tab, or brings up the tab it is open in. None where it could not be read: that is told."""
        path = _absolute(path)
        there = next((page for page in self._tabs.every() if _path(page) == path), None)
        if there is not None:
            self._tabs.bring_up(there)
            return there
        try:
            loaded = await asyncio.to_thread(load, path)
        except OSError as error:
            self._services.settings.remove_recent(path)
            self.recent_changed.emit()
            self.told.emit(f"{path} can't be opened: {error.strerror or error}")
            return None
        self._services.settings.add_recent(path)
        self.recent_changed.emit()
        return self._show_loaded(loaded)

    async def open_example(self, name: str) -> None:
        """An example is copied to where it can be changed, and opened from there."""
        try:
            path = await asyncio.to_thread(self._services.copy_example, name)
        except OSError as error:
            self.told.emit(f"The example can't be copied: {error}")
            return
        await self.open(path)

    def _show_loaded(self, loaded: Loaded) -> AnyPage:
        if loaded.pipeline is None:
            return self._show_broken(loaded)
        return self._show(Document(loaded.pipeline, NO_COMPONENTS, loaded.path, loaded.text))

    def _show_broken(self, loaded: Loaded) -> BrokenPage:
        page = BrokenPage(loaded, self._look.theme)
        page.retry_requested.connect(lambda: self._tasks.start("reading a file again", self._retry(page)))
        self._tabs.add(page)
        return page

    async def _retry(self, page: BrokenPage) -> None:
        self._tabs.remove(page)
        await self.open(page.loaded.path)

    def _show(self, document: Document) -> Page:
        services = self._services
        project = find_project(document.path) if document.path is not None else find_project(services.folder)
        page = Page(document, project, services.make_bridge(project), services.recovery, self._look.theme)
        self._tabs.add(page)
        self.opened.emit(page)
        return page

    def open_recovered(self, note: Recovered) -> None:
        """Opens a note as unsaved work; the new document keeps a note of its own at once."""
        reading = read(note.text, note.path)
        path = Path(note.path) if note.path is not None else None
        if reading.pipeline is None:
            self._show_broken(Loaded(path or Path(f"{note.title}{SUFFIX}"), note.text, None, tuple(reading.problems)))
            return
        page = self._show(Document(reading.pipeline, NO_COMPONENTS, path, note.base))
        page.document.mark_unsaved()
        page.autosave.write_now()
        page.watch.look()

    # Closing

    def pages(self) -> list[Page]:
        """Those that are open."""
        return list(self._tabs.pages())

    def take_out(self, page: BrokenPage) -> None:
        """Closes a tab that has nothing to lose."""
        self._tabs.remove(page)

    async def drop(self, page: Page) -> None:
        """Closes a tab without asking; a run of it goes on in the engine."""
        page.autosave.close()
        self._tabs.remove(page)
        await page.bridge.close()


def _absolute(path: Path) -> Path:
    """Without following links: the tab bears the name that was opened."""
    return Path(os.path.normpath(path.absolute()))


def _path(page: AnyPage) -> Path | None:
    return page.loaded.path if isinstance(page, BrokenPage) else page.document.path
