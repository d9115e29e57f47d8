"""A project's pipeline files as sub-pipelines: found, read, and never from outside the project.

What is wrong with a file is told in its reading, by its line; a file that is not there has no reading.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final

from treadle.spec.file_format.parsing import MAX_CHARACTERS
from treadle.spec.file_format.reading import Reading, read
from treadle.spec.pipeline import SUFFIX, Node, Pipeline
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import PipelineFiles

__all__ = ["LoadedPipelines", "pipeline_files", "project_pipelines", "used_pipelines"]

MOST_FILES: Final = 500
_MOST_ENTRIES: Final = 20_000
_DEEPEST: Final = 6
_NOT_OURS: Final = ("__pycache__", "node_modules")


@dataclass(frozen=True, slots=True)
class LoadedPipelines:
    """`readings` and the `texts` they are of, by path from the project's folder."""

    readings: PipelineFiles = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def used_pipelines(project: Path, pipeline: Pipeline) -> LoadedPipelines:
    """The files that `pipeline` uses, and those that they use; at most 500."""
    readings: dict[str, Reading] = {}
    texts: dict[str, str] = {}
    ahead = list(_files(pipeline.nodes.values()))
    while ahead and len(readings) < MOST_FILES:
        name = ahead.pop()
        if name in readings:
            continue
        found = _text(project, name)
        if found is None:
            continue
        if isinstance(found, Problem):
            readings[name] = Reading(None, (found,))
            continue
        texts[name], readings[name] = found, read(found, name)
        used = readings[name].pipeline
        ahead += _files(used.nodes.values()) if used is not None else ()
    return LoadedPipelines(readings, texts)


def project_pipelines(project: Path) -> PipelineFiles:
    """What every pipeline file of the project says; at most 500 of them."""
    found: dict[str, Reading] = {}
    for name in pipeline_files(project):
        text = _text(project, name)
        if text is not None:
            found[name] = Reading(None, (text,)) if isinstance(text, Problem) else read(text, name)
    return found


def pipeline_files(project: Path) -> list[str]:
    """Paths from the project's folder. Hidden folders, environments and links are not looked into."""
    found: list[str] = []
    looked_at = 0
    ahead = [(PurePosixPath(), 0)]
    while ahead and len(found) < MOST_FILES and looked_at < _MOST_ENTRIES:
        folder, depth = ahead.pop()
        for entry in _entries(project / folder):
            looked_at += 1
            if entry.name.startswith(".") or entry.name in _NOT_OURS:
                continue
            if entry.is_dir(follow_symlinks=False):
                ahead += [(folder / entry.name, depth + 1)] if depth < _DEEPEST else []
            elif entry.name.endswith(SUFFIX) and entry.is_file(follow_symlinks=False):
                found.append((folder / entry.name).as_posix())
    return sorted(found)[:MOST_FILES]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """None where the folder can't be read, or is an environment's."""
    try:
        with os.scandir(folder) as entries:
            found = list(islice(entries, _MOST_ENTRIES))
    except OSError:
        return []
    return [] if any(entry.name == "pyvenv.cfg" for entry in found) else found


def _files(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        if node.pipeline is not None:
            yield from _files(node.pipeline.nodes.values())
        elif node.is_pipeline:
            yield node.uses


def _text(project: Path, name: str) -> str | Problem | None:
    """The text of the file; None where there is none."""
    where = Where(file=name)
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or path.as_posix() != name or "\0" in name:
        hint = "write its path from the project's folder, as pipelines/prepare.treadle.yaml"
        return Problem("outside-project", f"{name} is no path inside the project", where, hint)
    target = project / path
    try:
        if not target.resolve().is_relative_to(project.resolve()):
            return Problem("outside-project", f"{name} is a link out of the project", where, "copy the file in")
        if not stat.S_ISREG(target.stat().st_mode):
            return Problem("unreadable-file", f"{name} is not a plain file", where, "replace it")
        if target.stat().st_size > 4 * MAX_CHARACTERS:
            return Problem("file-too-large", f"{name} is too large for a pipeline", where, "split it up")
        return target.read_bytes().decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return Problem("bad-encoding", f"{name} is not text in UTF-8", where, "save it as UTF-8")
    except (OSError, RuntimeError) as error:
        return Problem("unreadable-file", f"can't read {name}: {error}", where, "check the file")
