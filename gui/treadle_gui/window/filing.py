"""Filing: opening, saving and closing pipelines, and everything a person is asked on the way.

Files are read and written in threads. Work is never lost unasked: not over a change by another program, not on
closing, not in a crash.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle.spec import edits
from treadle.spec.file_format import read
from treadle.spec.pipeline import Pipeline
from treadle.store.project import find_project
from treadle_gui.dialogs.asking import ask, ask_open, ask_save
from treadle_gui.dialogs.question import put
from treadle_gui.dialogs.questions import changed_on_disk, unsaved
from treadle_gui.dialogs.recovery import RecoveryDialog
from treadle_gui.document.document import NO_COMPONENTS, SUFFIX, Document
from treadle_gui.document.files import ChangedOnDisk, Loaded, Save, load
from treadle_gui.document.recovery import Recovered
from treadle_gui.style.tokens import Theme
from treadle_gui.window.broken_page import BrokenPage
from treadle_gui.window.page import Page
from treadle_gui.window.services import Services
from treadle_gui.window.tabs import AnyPage, Tabs
from treadle_gui.window.tasks import Tasks

__all__ = ["FILTERS", "Filing", "unused_name"]

UNTITLED: Final = "untitled"
FILTERS: Final = [f"Treadle pipelines (*{SUFFIX})", "All files (*)"]


class _Window(Protocol):
    @property
    def theme(self) -> Theme: ...


def unused_name(taken: Sequence[str]) -> str:
    """`untitled`, or the first of `untitled-2`, `untitled-3` … that no open document has."""
    number = 1
    while (name := UNTITLED if number == 1 else f"{UNTITLED}-{number}") in taken:
        number += 1
    return name


class Filing(QObject):
    """`opened(Page)`: a pipeline came into a tab. `told(str)`: something a person should know, for the status bar."""

    opened = Signal(object)
    closed = Signal(object)
    told = Signal(str)
    recent_changed = Signal()

    def __init__(self, window: QWidget, look: _Window, tabs: Tabs, services: Services, tasks: Tasks) -> None:
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
        file = await ask_open(self._window, "Open a pipeline", str(self._folder()), FILTERS)
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
        page.watch.changed.connect(lambda text: self._on_disk_changed(page, text))
        page.watch.removed.connect(lambda: self._on_disk_removed(page))
        page.watch.back.connect(page.banner.hide)
        self._tabs.add(page)
        self.opened.emit(page)
        return page

    # The file changed under us

    def _on_disk_changed(self, page: Page, text: str) -> None:
        words = "This file was changed by another program."
        if page.document.is_dirty:
            words += " You have changes of your own that are not saved."

        def reload() -> None:
            self._tasks.start("reloading", self.reload(page))

        page.banner.tell(words, {"Reload": reload, "Keep mine": page.document.mark_unsaved})

    def _on_disk_removed(self, page: Page) -> None:
        page.document.mark_unsaved()

        def save() -> None:
            self._tasks.start("saving", self.save(page))

        page.banner.tell("This file is no longer there.", {"Save it again": save})

    async def reload(self, page: Page) -> bool:
        """Takes what is on disk, undoably. False where that is no pipeline: that is told, and nothing changes."""
        path = page.document.path
        if path is None:
            return False
        try:
            loaded = await asyncio.to_thread(load, path)
        except OSError as error:
            self.told.emit(f"{path.name} can't be read: {error.strerror or error}")
            return False
        pipeline = loaded.pipeline
        if pipeline is None:
            first = loaded.problems[0] if loaded.problems else "it is no pipeline"
            self.told.emit(f"{path.name} can't be reloaded: {first}")
            return False
        page.document.edit("Reload from disk", lambda _before: pipeline)
        page.document.mark_saved(path, loaded.text, pipeline)
        page.banner.hide()
        return True

    # Saving

    async def save(self, page: Page) -> bool:
        """True where the document now stands on disk."""
        path = page.document.path
        return await self.save_as(page) if path is None else await self._write(page, path, page.document.base)

    async def save_as(self, page: Page) -> bool:
        place = page.document.path or self._folder() / f"{page.document.title}{SUFFIX}"
        file = await ask_save(self._window, "Save the pipeline", str(place), FILTERS, SUFFIX)
        if file is None:
            return False
        path = Path(file)
        if not path.name.endswith(SUFFIX):
            path = path.with_name(path.name.removesuffix(".yaml") + SUFFIX)
        if page.document.path is None and page.document.pipeline.name.startswith(UNTITLED):
            name = path.name.removesuffix(SUFFIX)
            page.document.edit(f"Call it {name}", lambda pipeline: edits.set_name(pipeline, name))
        return await self._write(page, path, None)

    async def save_all(self) -> None:
        for page in list(self._tabs.pages()):
            if page.document.is_dirty:
                await self.save(page)

    async def _write(self, page: Page, path: Path, expected: str | None) -> bool:
        document = page.document
        wanted = document.pipeline
        save = Save(path, wanted, document.base, expected)
        try:
            text = await asyncio.to_thread(save.run)
        except ChangedOnDisk:
            return await self._settle_change(page, path)
        except OSError as error:
            self.told.emit(f"{path} can't be saved: {error.strerror or error}. Nothing of it was lost.")
            return False
        document.mark_saved(path, text, wanted)
        page.banner.hide()
        await page.move_to(find_project(path))
        self._services.settings.add_recent(path)
        self.recent_changed.emit()
        self.told.emit(f"Saved {path.name}")
        return True

    async def _settle_change(self, page: Page, path: Path) -> bool:
        answer = await put(changed_on_disk(self._look.theme, path, self._window))
        if answer == "overwrite":
            return await self._write(page, path, None)
        return await self.reload(page) if answer == "reload" else False

    # Closing

    async def close(self, page: AnyPage) -> bool:
        """Closes a tab, having asked about unsaved changes. False where a person stayed."""
        if isinstance(page, BrokenPage):
            self._tabs.remove(page)
            return True
        if not await self.settle_unsaved([page]):
            return False
        await self.drop(page)
        return True

    async def settle_unsaved(self, pages: Sequence[Page]) -> bool:
        """Saves or gives up what is unsaved, as a person says. False where they want to stay."""
        dirty = [page for page in pages if page.document.is_dirty]
        if not dirty:
            return True
        answer = await put(unsaved(self._look.theme, [page.document.title for page in dirty], self._window))
        if answer == "save":
            return all([await self.save(page) for page in dirty])
        return answer == "discard"

    async def drop(self, page: Page) -> None:
        """Closes a tab without asking; a run of it goes on in the engine."""
        self.closed.emit(page)
        page.autosave.close()
        self._tabs.remove(page)
        await page.bridge.close()

    # After a crash

    async def offer_recovered(self) -> None:
        """Asks about work that a crash left behind, and opens what is wanted."""
        folder = self._services.recovery
        notes = await asyncio.to_thread(folder.left_behind)
        if not notes:
            return
        dialog = RecoveryDialog(notes, self._window)
        if not await ask(dialog):
            return
        wanted, discards = dialog.chosen, dialog.discards
        for note in wanted:
            await self._recover(note)
        for note in notes:
            if discards or note in wanted:
                await asyncio.to_thread(folder.discard, note.id)

    async def _recover(self, note: Recovered) -> None:
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

    def _folder(self) -> Path:
        current = self._tabs.current
        if current is not None and current.document.path is not None:
            return current.document.path.parent
        return self._services.folder


def _absolute(path: Path) -> Path:
    """Without following links: the tab bears the name that was opened."""
    return Path(os.path.normpath(path.absolute()))


def _path(page: AnyPage) -> Path | None:
    return page.loaded.path if isinstance(page, BrokenPage) else page.document.path
