"""Source text and its syntax tree, got safely: bounded in size, never imported, never executed.

Whatever the text holds (a NUL, 50,000 brackets, a broken line), `parse` answers with a tree or with one Problem.
"""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from treadle.spec.problems import Problem, Where

__all__ = ["MAX_SOURCE_BYTES", "SourceText", "parse", "read_source"]

MAX_SOURCE_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class SourceText:
    """A module's text. `file` is how people know it: relative to the project, or to the installed package."""

    module: str
    file: str
    text: str
    builtin: bool = False


def read_source(path: Path, module: str, file: str, *, builtin: bool = False) -> SourceText | Problem:
    """The text of a module, decoded as Python would (PEP 263). A Problem where it can't be read or is too large."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_SOURCE_BYTES + 1)
    except OSError as error:
        return Problem(
            "unreadable-file", f"can't read {file}: {error.strerror}", Where(file=file), "check its permissions"
        )
    if len(data) > MAX_SOURCE_BYTES:
        return Problem(
            "file-too-large",
            f"{file} is larger than {MAX_SOURCE_BYTES // 1_000_000} MB",
            Where(file=file),
            "keep data out of source files",
        )
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        return Problem("bad-encoding", f"{file} is not text: {error}", Where(file=file), "save it as UTF-8")
    return SourceText(module, file, text.removeprefix("\ufeff"), builtin)


def parse(source: SourceText) -> ast.Module | Problem:
    """The syntax tree, or the one Problem that says why there is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a user's string is not ours to report
            return ast.parse(source.text, filename=source.file)
    except SyntaxError as error:
        where = Where(file=source.file, line=error.lineno, column=error.offset)
        return Problem("syntax-error", f"not valid Python: {error.msg}", where, "correct this line")
    except ValueError as error:
        return Problem("syntax-error", f"not valid Python: {error}", Where(file=source.file), "remove the NUL bytes")
    except (RecursionError, MemoryError):
        return Problem(
            "nested-too-deep", "this file is nested too deeply to read", Where(file=source.file), "split it up"
        )
