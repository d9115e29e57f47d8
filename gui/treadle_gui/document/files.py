"""A document's file: reading and writing as values that may be made in any thread.

A file is never overwritten unseen: a save says which bytes it expects to replace, and refuses others.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadle.spec.file_format import read, write
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Where
from treadle.store.atomic import write_atomic
from treadle.store.locks import alone_in

__all__ = ["LARGEST", "ChangedOnDisk", "Loaded", "Save", "load", "text_on_disk"]

LARGEST: Final = 64 * 2**20
"""Bytes. A pipeline of 5,000 nodes has one megabyte; what is larger than this is no pipeline."""


class ChangedOnDisk(Exception):
    """The file is not what it was when the document was loaded or last saved; somebody else wrote it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was changed by another program")
        self.path = path


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file holds. `pipeline` is None where the text can't be one; `text` is then shown as it stands."""

    path: Path
    text: str
    pipeline: Pipeline | None
    problems: tuple[Problem, ...]


def load(path: Path) -> Loaded:
    """Reads a pipeline file. Raises OSError; a broken file is a Loaded with problems."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "It is not a plain file", str(path))  # a pipe would be waited for
    if path.stat().st_size > LARGEST:
        hint = f"a pipeline file has at most {LARGEST // 2**20} MB"
        problem = Problem("file-too-large", f"{path.name} is too large to be a pipeline", Where(str(path)), hint)
        return Loaded(path, "", None, (problem,))
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = Problem(
            "not-utf8", "This is not text in UTF-8", Where(str(path), line), "save it as UTF-8 in a text editor"
        )
        return Loaded(path, data.decode("utf-8", "replace"), None, (problem,))
    reading = read(text, str(path))
    return Loaded(path, text, reading.pipeline, tuple(reading.problems))


def text_on_disk(path: Path) -> str | None:
    """The file's text now, or None where there is none to read."""
    try:
        return path.read_bytes().decode("utf-8", "replace") if path.is_file() else None
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class Save:
    """A save about to happen. `expected` is the text it may replace; None replaces whatever is there."""

    path: Path
    pipeline: Pipeline
    base: str
    expected: str | None

    def run(self) -> str:
        """Writes and returns the text. Raises ChangedOnDisk, or OSError naming the path."""
        text = write(self.pipeline, self.base)
        with alone_in(Path(os.path.realpath(self.path)).parent):  # else another app's save may come in between
            if self.expected is not None:
                there = text_on_disk(self.path)
                if there is not None and there != self.expected:
                    raise ChangedOnDisk(self.path)
            write_atomic(self.path, text.encode())
        return text
