"""A project's component and pipeline files as one value that changes when any of them does. It reads no file."""

from __future__ import annotations

from pathlib import Path

from treadle.catalog.discovery import python_files
from treadle.catalog.pipelines import pipeline_files

__all__ = ["fingerprint"]


def fingerprint(project: Path) -> object:
    """Compare with `==`. Size, time and identity of each file are asked, not its content."""
    return tuple(_facts(project, str(file)) for file in (*python_files(project), *pipeline_files(project)))


def _facts(project: Path, file: str) -> tuple[str, int, int, int]:
    try:
        found = (project / file).stat()
    except OSError:
        return file, 0, 0, 0
    return file, found.st_mtime_ns, found.st_size, found.st_ino
