"""Where a run's logs lie, and how they are opened."""

from __future__ import annotations

from pathlib import Path

from treadle.store.logs import LogFile
from treadle.store.project import RunFolder

__all__ = ["log_path", "open_log"]


def log_path(folder: Path, task: str, number: int) -> Path:
    """The log of an attempt in a run's folder."""
    return RunFolder(folder).log(task, number)


def open_log(path: Path) -> LogFile:
    return LogFile(path)
