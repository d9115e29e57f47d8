"""A program's file as a node to be: which kind runs it, its id, how the pipeline names the file. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["ProgramFile", "program_kind"]

_SCRIPTS: Final = frozenset({".bash", ".jl", ".js", ".lua", ".mjs", ".pl", ".py", ".r", ".rb", ".sh", ".zsh"})


def program_kind(path: Path) -> str:
    """What a node that runs the file uses; empty where it is no program's."""
    suffix = path.suffix.lower()
    if suffix == ".ipynb":
        return "notebook"
    return "script" if suffix in _SCRIPTS else ""


@dataclass(frozen=True, slots=True)
class ProgramFile:
    """`project` is the folder that paths in the pipeline are relative to."""

    path: Path
    project: Path | None

    @property
    def id(self) -> str:
        """A node's id made from the file's name."""
        name = re.sub(r"[^A-Za-z0-9_]+", "_", self.path.stem).strip("_")
        return name if name[:1].isalpha() else f"run_{name}".rstrip("_")

    @property
    def written(self) -> str:
        """The path as the pipeline says it: from the project's folder where the file lies in it."""
        if self.project is not None and self.path.is_relative_to(self.project):
            return self.path.relative_to(self.project).as_posix()
        return self.path.as_posix()
