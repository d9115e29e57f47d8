"""Catalogs: the components of each open project, read in a thread, and read again when a component file changes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from treadle_gui.document.document import Components
from treadle_gui.window.services import Services
from treadle_gui.window.tasks import Tasks

__all__ = ["Catalogs"]

LOOK_EVERY: Final = 1500
"""Milliseconds between two looks at the component files' names, sizes and times."""


class Catalogs(QObject):
    """`loaded(root, catalog)`: the first reading of a project, and each later one."""

    loaded = Signal(object, object)

    def __init__(self, services: Services, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._tasks = tasks
        self._known: dict[Path, Components] = {}
        self._prints: dict[Path, object] = {}
        self._busy: set[Path] = set()
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.timeout.connect(self.look)

    def known(self, root: Path) -> Components | None:
        """What was read last, or None while the first reading goes on."""
        return self._known.get(root)

    def follow(self, root: Path) -> None:
        """Reads the project's components, now and whenever they change."""
        self._prints.setdefault(root, None)
        self._timer.start()
        self._start(root)

    def forget(self, root: Path) -> None:
        self._prints.pop(root, None)

    def stop(self) -> None:
        self._timer.stop()

    def look(self) -> None:
        for root in tuple(self._prints):
            self._start(root)

    def _start(self, root: Path) -> None:
        if root not in self._busy:
            self._busy.add(root)
            self._tasks.start(f"reading the components of {root.name}", self._read(root))

    async def _read(self, root: Path) -> None:
        try:
            seen = await asyncio.to_thread(self._services.fingerprint, root)
            if seen == self._prints.get(root) and root in self._known:
                return
            catalog = await asyncio.to_thread(self._services.load_catalog, root)
        finally:
            self._busy.discard(root)
        if root in self._prints:
            self._prints[root] = seen
            self._known[root] = catalog
            self.loaded.emit(root, catalog)
