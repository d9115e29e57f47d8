"""What a person is told when a program left with an exit code: the code, its last words, and for Python the line.

Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH118

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

__all__ = ["failed_exit"]

_FRAME = re.compile(r'\s*File "(.+)", line (\d+)')
_ERROR = re.compile(r"([A-Za-z_][\w.]*)(?:: (.*))?\Z")
_NO_ERROR = ("Traceback", "During", "The")
_LINES = 5
_LINE = 300
_MESSAGE = 2000


class _Raised(NamedTuple):
    """What a traceback tells: the exception's qualified name, its message, and frames from the outermost."""

    name: str
    message: str
    frames: list[tuple[str, int]]


def failed_exit(program: str, code: int, said: str, cwd: str) -> dict[str, Any]:
    """The `failed` frame of `program` that left with `code`; `said` is the end of its standard error."""
    raised = _last_traceback(said)
    last = [_shown(line) for line in said.splitlines() if line.strip()][-_LINES:]
    words = f"{program} left with exit code {code}"
    file, line, error, kinds = None, None, "ExitCode", ["ExitCode"]
    if raised is not None:
        file, line = _own_frame(raised.frames, cwd)
        error, kinds = raised.name.rpartition(".")[2], [raised.name]
        message = f"{raised.message} (exit code {code})" if raised.message else words
    else:
        message = f"{words}: {' / '.join(last)}" if last else f"{words} and said nothing on its standard error"
    return {
        "kind": "failed", "error": error, "message": message[:_MESSAGE], "traceback": f"[Treadle: {words}]\n",
        "file": file, "line": line, "kinds": kinds,
    }  # fmt: skip


def _shown(line: str) -> str:
    """A line of which the end counts where it is long."""
    line = line.strip()
    return line if len(line) <= _LINE else f"…{line[-_LINE:]}"


def _last_traceback(said: str) -> _Raised | None:
    """The last exception that a Python traceback in `said` shows; None where there is none."""
    found: _Raised | None = None
    frames: list[tuple[str, int]] = []
    for text in said.splitlines():
        frame = _FRAME.match(text)
        if frame:
            frames.append((frame[1], int(frame[2])))
        elif text.startswith("Traceback "):
            frames = []
        elif frames and text[:1].strip():
            error = _ERROR.match(text)
            if error and error[1] not in _NO_ERROR:
                found, frames = _Raised(error[1], error[2] or "", frames), []
    return found


def _own_frame(frames: list[tuple[str, int]], cwd: str) -> tuple[str | None, int | None]:
    """The innermost frame in the project's own files, named from the project's folder."""
    for file, line in reversed(frames):
        path = os.path.abspath(os.path.join(cwd, file))
        if path.startswith(os.path.join(cwd, "")) and "site-packages" not in path:
            return os.path.relpath(path, cwd), line
    return None, None
