"""What a person is told when the code raised: class, message, the place in their own file, a traceback without us.

Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH120

from __future__ import annotations

import os
import traceback
from types import TracebackType
from typing import Any

from .arguments import Misfit
from .slice_code import Places

__all__ = ["describe"]

_HERE = os.path.dirname(os.path.abspath(__file__))
_MESSAGE = 10_000
_TRACEBACK = 60_000


def describe(error: BaseException, places: Places) -> dict[str, Any]:
    """The `failed` frame of `error`. `file` and `line` are the innermost frame in the author's own files."""
    own = _author_frames(error.__traceback__)
    file, line = _place(error, own, places)
    if isinstance(error, Misfit) and file is None:
        file, line = error.place
    return {
        "kind": "failed",
        "error": type(error).__name__,
        "message": _shorten(_message(error), _MESSAGE),
        "traceback": _shorten(_format(error, own), _TRACEBACK),
        "file": file,
        "line": line,
        "kinds": _kinds(type(error)),
    }


def _kinds(error: type[BaseException]) -> list[str]:
    """The class and its bases, as a pipeline may name them."""
    kinds = [kind for kind in error.__mro__ if issubclass(kind, BaseException)]
    return [_name(kind) for kind in kinds]


def _name(kind: type) -> str:
    return kind.__name__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__name__}"


def _author_frames(tb: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is not the worker's."""
    while tb is not None and tb.tb_frame.f_code.co_filename.startswith(_HERE):
        tb = tb.tb_next
    return tb


def _place(error: BaseException, tb: TracebackType | None, places: Places) -> tuple[str | None, int | None]:
    files = places.files
    if isinstance(error, SyntaxError) and error.filename in files:
        return error.filename, error.lineno
    found: tuple[str | None, int | None] = (None, None)
    for frame, line in traceback.walk_tb(tb):
        if frame.f_code.co_filename in files:
            found = (frame.f_code.co_filename, line)
    return found


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"the code called sys.exit({error.code!r})"
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "the code was interrupted (KeyboardInterrupt)"
    if isinstance(error, MemoryError):
        return str(error) or "not enough memory, or more than the memory limit of this node"
    if isinstance(error, KeyError) and len(error.args) == 1 and isinstance(error.args[0], str) and " " in error.args[0]:
        return error.args[0]  # a sentence; KeyError would show it as it shows keys, in quotes
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001 (a user's __str__)
        return f"(its message cannot be shown: {type(broken).__name__})"


def _format(error: BaseException, tb: TracebackType | None) -> str:
    if isinstance(error, Misfit):
        return f"{type(error).__name__}: {error}\n"
    try:
        return "".join(traceback.format_exception(type(error), error, tb))
    except Exception:  # noqa: BLE001 (a user's __str__ or __repr__)
        return "".join(traceback.format_tb(tb)) + f"{type(error).__name__}\n"


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - limit} characters left out …\n{text[-half:]}"
