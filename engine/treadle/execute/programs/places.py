"""Ports as paths: where each input of a program lies, and where it is to write each output.

    <attempt>/inputs/<port>.csv      made before it begins
    <attempt>/outputs/<port>.csv     or the path that the port declares, from the working folder

Standard library only at the top, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH103, PTH111, PTH112, PTH116, PTH118, PTH120, PTH208

from __future__ import annotations

import contextlib
import os
import shutil
from typing import Any, NamedTuple

__all__ = ["OutputPlace", "clear", "output_places"]

_MADE = ("inputs", "outputs")


class OutputPlace(NamedTuple):
    """Where an output is expected. `before` marks what lay there already: that is not what this attempt wrote."""

    port: str
    type: str
    form: str
    path: str
    before: tuple[int, ...] | None

    def written(self) -> bool:
        """Whether the program has written it."""
        if os.path.isdir(self.path):
            return bool(os.listdir(self.path))
        mark = _mark(self.path)
        return mark is not None and mark != self.before


def output_places(request: dict[str, Any]) -> list[OutputPlace]:
    """A place for each declared output, its folder made. Raises OSError."""
    places = []
    for port, type_name, _ in request["outputs"]:
        form, declared = request["forms"].get(port, ("", ""))
        is_folder = type_name == "Directory" or type_name.startswith("list[")
        own = os.path.join(request["folder"], "outputs", port + (f".{form}" if form and not is_folder else ""))
        path = os.path.join(request["cwd"], os.path.expanduser(declared)) if declared else own
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if is_folder:
            os.makedirs(path, exist_ok=True)
        places.append(OutputPlace(port, type_name, form, path, None if is_folder else _mark(path)))
    return places


def _mark(path: str) -> tuple[int, ...] | None:
    """What tells one writing of `path` from another; None where nothing is there."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def clear(folder: str) -> None:
    """Removes what was made of the ports in the attempt's folder: what counts is in the store."""
    for name in _MADE:
        with contextlib.suppress(OSError):
            shutil.rmtree(os.path.join(folder, name))
