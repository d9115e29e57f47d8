"""Sub-pipelines: what stands inside a node that is a whole pipeline, folded in place or read from a project's file.

    prepare               a node of the pipeline
    prepare/clean         a node of the pipeline that it is
    prepare/clean/fill    and so on, at most DEEPEST levels down

Files are no business of this module: whoever has a project reads them, and gives what was read by the name that
nodes use (the path from the project's folder). A file that is not given is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from treadle.spec.file_format.places import Places
from treadle.spec.file_format.reading import Reading
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Where

__all__ = ["DEEPEST", "NO_FILES", "PipelineFiles", "inner", "located", "made_by", "node_at", "parts"]

DEEPEST: Final = 16
"""Levels of pipelines inside pipelines."""

_MOST_OPENED: Final = 5_000

PipelineFiles: TypeAlias = Mapping[str, Reading]
"""What the project's pipeline files say, by their path from its folder."""

NO_FILES: Final[PipelineFiles] = {}


def inner(node: Node, files: PipelineFiles) -> Pipeline | None:
    """The pipeline that `node` is; None where it is a component's, or its file is missing or broken."""
    if node.pipeline is not None:
        return node.pipeline
    reading = files.get(node.uses) if node.is_pipeline else None
    return None if reading is None else reading.pipeline


def parts(path: str) -> tuple[str, ...]:
    """`prepare/clean` → `("prepare", "clean")`."""
    return tuple(path.split("/"))


def node_at(pipeline: Pipeline, path: str, files: PipelineFiles = NO_FILES) -> Node | None:
    """The node at `path`: `prepare/clean` is the node `clean` of the pipeline that the node `prepare` is."""
    *outer, last = parts(path)
    at: Pipeline | None = pipeline
    for name in outer:
        node = None if at is None else at.nodes.get(name)
        at = None if node is None else inner(node, files)
    return None if at is None else at.nodes.get(last)


def made_by(pipeline: Pipeline, files: PipelineFiles = NO_FILES) -> list[tuple[Endpoint, Endpoint]]:
    """Each output of a node that is a pipeline, with the output of the node one level inside that makes it; what is
    inside first. Both by the way to them. Of pipelines that use each other without end, the first thousands."""
    found: list[tuple[Endpoint, Endpoint]] = []
    ahead = [("", pipeline)]
    opened = 0
    while ahead and opened < _MOST_OPENED:
        prefix, at = ahead.pop()
        for node in at.nodes.values():
            within = inner(node, files)
            if within is None:
                continue
            opened += 1
            id_ = f"{prefix}{node.id}"
            ahead.append((f"{id_}/", within))
            outputs = within.outputs.items()
            found += [(Endpoint(id_, port), Endpoint(f"{id_}/{end.node}", end.port)) for port, end in outputs]
    return found[::-1]


def located(where: Where, pipeline: Pipeline, places: Places, files: PipelineFiles) -> Where:
    """`where` with the file and line of the node it names, which may stand in another of the project's files."""
    if where.node is None or where.line is not None:
        return where
    *outer, last = parts(where.node)
    at = pipeline
    for name in outer:
        node = at.nodes.get(name)
        within = None if node is None else inner(node, files)
        if node is None or within is None:
            return replace(places.at(name, where.port, where.parameter), node=where.node)
        places = places.inside(name) if node.pipeline is not None else files[node.uses].places
        at = within
    return replace(places.at(last, where.port, where.parameter), node=where.node)
