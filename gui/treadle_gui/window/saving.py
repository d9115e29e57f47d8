"""Saving: from the canvas to the file and back. Nothing is lost unasked: not over a change by another program, not on
closing, not on a full disk.

Files are read and written in threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from treadle.spec import edits
from treadle.store.project import find_project
from treadle_gui.dialogs.asking import ask_save
from treadle_gui.dialogs.question import put
from treadle_gui.dialogs.questions import changed_on_disk, unsaved
from treadle_gui.document.document import SUFFIX
from treadle_gui.document.files import ChangedOnDisk, Save, load
from treadle_gui.window.files import FILTERS, UNTITLED, folder_at_hand
from treadle_gui.window.page import Page
from treadle_gui.window.services import Services
from treadle_gui.window.tabs import Tabs
from treadle_gui.window.tasks import Tasks
from treadle_gui.window.theming import HasTheme

__all__ = ["Saving"]


class Saving(QObject):
    """`told(str)`: something a person should know, for the status bar."""

    told = Signal(str)
    recent_changed = Signal()

    def __init__(self, window: QWidget, look: HasTheme, tabs: Tabs, services: Services, tasks: Tasks) -> None:
        super().__init__(window)
        self._window = window
        self._look = look
        self._tabs = tabs
        self._services = services
        self._tasks = tasks

    def attend(self, page: Page) -> None:
        """Has a page that was opened say what others do to its file."""
        page.watch.changed.connect(lambda _text: self._on_disk_changed(page))
        page.watch.removed.connect(lambda: self._on_disk_removed(page))
        page.watch.back.connect(page.banner.hide)

    async def save(self, page: Page) -> bool:
        """True where the document now stands on disk."""
        path = page.document.path
        return await self.save_as(page) if path is None else await self._write(page, path, page.document.base)

    async def save_as(self, page: Page) -> bool:
        place = page.document.path or folder_at_hand(self._tabs, self._services) / f"{page.document.title}{SUFFIX}"
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

    async def settle_unsaved(self, pages: Sequence[Page]) -> bool:
        """Saves or gives up what is unsaved, as a person says. False where they want to stay."""
        dirty = [page for page in pages if page.document.is_dirty]
        if not dirty:
            return True
        answer = await put(unsaved(self._look.theme, [page.document.title for page in dirty], self._window))
        if answer == "save":
            return all([await self.save(page) for page in dirty])
        return answer == "discard"

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

    def _on_disk_changed(self, page: Page) -> None:
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
