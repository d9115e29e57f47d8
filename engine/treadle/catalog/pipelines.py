"""A project's pipeline files as sub-pipelines: found, read, and never from outside the project.

What is wrong with a file is told in its reading, by its line; a file that is not there has no reading.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from treadle.spec.file_format.parsing import MAX_CHARACTERS
from treadle.spec.file_format.reading import Reading, read
from treadle.spec.pipeline import Node, Pipeline
from treadle.spec.problems import Problem, Where
from treadle.spec.subpipelines import PipelineFiles

__all__ = ["LoadedPipelines", "used_pipelines"]

MOST_FILES: Final = 500


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
