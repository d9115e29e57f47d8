"""What changed between two runs in the files of the pipelines that a task stands in, as their folders kept them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from treadle.spec.file_format import read
from treadle.spec.pipeline import Pipeline
from treadle.store.atomic import UnsafePath, safe_child
from treadle.store.project import RunFolder

__all__ = ["CodeChange", "pipeline_changes"]


@dataclass(frozen=True, slots=True)
class CodeChange:
    """`diff` is a unified diff of texts; empty where the earlier text is no longer kept."""

    before: str
    """What the node used then, and `now`."""
    now: str
    diff: str


def pipeline_changes(then: RunFolder | None, here: RunFolder, task: str) -> Iterator[CodeChange]:
    """Files that both runs kept and that differ, the outermost first."""
    for name in _files(here, task) if then is not None else ():
        was, is_ = _text(then, name) if then is not None else None, _text(here, name)
        if was is not None and is_ is not None and was != is_:
            lines = difflib.unified_diff(
                was.splitlines(), is_.splitlines(), f"{name} before", f"{name} now", lineterm=""
            )
            yield CodeChange(name, name, "".join(f"{line}\n" for line in lines))


def _files(folder: RunFolder, task: str) -> Iterator[str]:
    """The files of the pipelines on the way to `task`."""
    at = _parsed(_read(folder.pipeline))
    for name in task.split("/")[:-1]:
        node = at.nodes.get(name.partition("[")[0]) if at is not None else None
        if node is None or not node.is_pipeline:
            return
        if node.pipeline is None:
            yield node.uses
            at = _parsed(_text(folder, node.uses))
        else:
            at = node.pipeline


def _text(folder: RunFolder, name: str) -> str | None:
    """What the run kept of the file; a run folder may be anybody's, so nothing outside it is opened."""
    try:
        return _read(safe_child(folder.pipelines, *name.split("/")))
    except UnsafePath:
        return None


def _read(file: Path) -> str | None:
    try:
        return file.read_bytes().decode()
    except (OSError, ValueError):
        return None


def _parsed(text: str | None) -> Pipeline | None:
    return None if text is None else read(text).pipeline
