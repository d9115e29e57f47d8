"""Nodes copied, and put in again: into the same pipeline or another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from treadle.spec.edits.nodes import keeping, unused_id, with_ids
from treadle.spec.pipeline import Pipeline, Point
from treadle.spec.values import Reference, references

__all__ = ["copy_nodes", "paste"]

_NUMBER_SUFFIX: Final = re.compile(r"_\d+\Z")


def copy_nodes(pipeline: Pipeline, ids: Iterable[str]) -> Pipeline:
    """A fragment: these nodes with their positions, what leads to them, and the pipeline parameters they refer to."""
    wanted = frozenset(ids)
    nodes = {name: node for name, node in pipeline.nodes.items() if name in wanted}
    used = {
        reference.name
        for node in nodes.values()
        for value in node.params.values()
        for reference in references(value)
        if isinstance(reference, Reference) and reference.scope == "params"
    }
    return Pipeline(
        name=pipeline.name,
        params={name: parameter for name, parameter in pipeline.params.items() if name in used},
        nodes=nodes,
        view={name: at for name, at in pipeline.view.items() if name in nodes},
    )


def paste(pipeline: Pipeline, fragment: Pipeline, offset: Point) -> tuple[Pipeline, frozenset[str]]:
    """With the fragment's nodes under unused ids, moved by `offset`, and those ids.

    Edges inside the fragment lead to the copies. An edge from outside it is kept where this pipeline has a node of
    that id (so a duplicate reads what its original reads), else dropped.
    """
    names: dict[str, str] = {}
    nodes = dict(pipeline.nodes)
    for name in fragment.nodes:
        wanted = name if name not in nodes else _NUMBER_SUFFIX.sub("", name) or name
        names[name] = unused_id(replace(pipeline, nodes=nodes), wanted)
        nodes[names[name]] = fragment.nodes[name]
    known = pipeline.nodes.keys() | fragment.nodes.keys()
    for name, node in fragment.nodes.items():
        nodes[names[name]] = with_ids(keeping(node, known.__contains__), names)
    positions = {names[n]: (x + offset[0], y + offset[1]) for n, (x, y) in fragment.view.items() if n in names}
    pasted = replace(
        pipeline,
        params={**fragment.params, **pipeline.params},
        nodes=nodes,
        view={**pipeline.view, **positions},
    )
    return pasted, frozenset(names.values())
