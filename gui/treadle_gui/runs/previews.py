"""Previews: asks the engine for what an artifact looks like, and tells when the answer comes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Signal

from treadle.host.api import EngineFailed, EngineLost, NotTrusted, Preview
from treadle_gui.runs.sentences import sentence

__all__ = ["AskPreview", "Previews"]

AskPreview = Callable[[str, int, int], Awaitable[Preview]]
"""Digest, offset, limit → preview; `RunBridge.preview` is one."""


class Previews(QObject):
    """`came(Preview, int offset)` and `failed(str digest, str sentence)` answer `ask`, in any order."""

    came = Signal(object, int)
    failed = Signal(str, str)

    def __init__(self, preview: AskPreview, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preview = preview
        self._asked: dict[tuple[str, int], asyncio.Task[None]] = {}

    def ask(self, digest: str, offset: int = 0, limit: int = 200) -> None:
        """Asks, unless the same was asked and not answered yet. Needs a running loop."""
        if (digest, offset) not in self._asked:
            task = asyncio.get_running_loop().create_task(self._fetch(digest, offset, limit), name=f"preview {digest}")
            self._asked[(digest, offset)] = task

    async def _fetch(self, digest: str, offset: int, limit: int) -> None:
        try:
            self.came.emit(await self._preview(digest, offset, limit), offset)
        except (NotTrusted, EngineLost, EngineFailed, OSError, KeyError) as error:
            self.failed.emit(digest, sentence(error))
        finally:
            self._asked.pop((digest, offset), None)
