"""The texts that a person names on the command line: files, and pipes such as `<(…)`, of which one may never end."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from treadle.spec.file_format.parsing import MAX_CHARACTERS

__all__ = ["text_of"]

_MOST: Final = MAX_CHARACTERS + 1


def text_of(file: Path) -> str:
    """What `file` says; of what is larger than any pipeline so much that its reader says that. Raises OSError,
    UnicodeDecodeError."""
    with file.open(encoding="utf-8", newline="") as opened:
        return opened.read(_MOST)
