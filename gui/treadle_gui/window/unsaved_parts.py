"""UnsavedParts: a run reads the pipeline files that its pipeline uses from the disk. What is not saved of them is asked
about before: saved, or left out of the run knowingly."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from treadle.spec.pipeline import Pipeline
from treadle_gui.dialogs.question import put
from treadle_gui.dialogs.questions import unsaved_parts
from treadle_gui.window.page import Page
from treadle_gui.window.saving import Saving
from treadle_gui.window.tabs import Tabs
from treadle_gui.window.theming import HasTheme

__all__ = ["UnsavedParts", "unsaved_of"]


class UnsavedParts:
    def __init__(self, window: QWidget, look: HasTheme, tabs: Tabs, saving: Saving) -> None:
        self._window = window
        self._look = look
        self._tabs = tabs
        self._saving = saving

    async def settle(self, page: Page) -> bool:
        """Whether `page` is to be run: with what it uses saved, or as that stands on the disk, as a person says."""
        parts = unsaved_of(page, self._tabs.pages())
        if not parts:
            return True
        titles = [part.document.title for part in parts]
        answer = await put(unsaved_parts(self._look.theme, page.document.title, titles, self._window))
        if answer == "save":
            return all([await self._saving.save(part) for part in parts])
        return answer == "without"


def unsaved_of(page: Page, others: Iterable[Page]) -> list[Page]:
    """Those of `others` with changes not saved yet to a file that `page` uses, by itself or by another that it uses."""
    by_file = {file: other for other in others if other is not page and (file := _file(other, page)) is not None}
    found: list[Page] = []
    seen: set[str] = set()
    ahead = [page.document.pipeline]
    while ahead:
        for file in _uses(ahead.pop()) - seen:
            seen.add(file)
            other, reading = by_file.get(file), page.document.catalog.pipelines.get(file)
            if other is not None and other.document.is_dirty:
                found.append(other)
            pipeline = other.document.pipeline if other is not None else reading.pipeline if reading else None
            if pipeline is not None:
                ahead.append(pipeline)
    return sorted(found, key=lambda part: part.document.title)


def _uses(pipeline: Pipeline) -> set[str]:
    """The files that its nodes are, those of its groups among them."""
    files: set[str] = set()
    for node in pipeline.nodes.values():
        if node.pipeline is not None:
            files |= _uses(node.pipeline)
        elif node.is_pipeline:
            files.add(node.uses)
    return files


def _file(other: Page, page: Page) -> str | None:
    """How nodes of `page` name the file of `other`."""
    path, root = other.document.path, page.project.root
    return path.relative_to(root).as_posix() if path is not None and path.is_relative_to(root) else None
