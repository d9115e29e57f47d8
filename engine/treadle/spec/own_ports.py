"""Edits of the ports that a pipeline itself has, and what other edits mean for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from treadle.spec.pipeline import Endpoint, Pipeline

__all__ = [
    "keeping_ends", "remove_input", "remove_output", "rename_input", "rename_output", "set_input", "set_output",
    "unused_name", "with_names",
]  # fmt: skip


def unused_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or the first of `wanted_2`, `wanted_3` … that is not taken."""
    names, name, number = frozenset(taken), wanted, 2
    while name in names:
        name, number = f"{wanted}_{number}", number + 1
    return name


def set_input(pipeline: Pipeline, port: str, ends: Iterable[Endpoint]) -> Pipeline:
    """With an input that feeds `ends`; one that would feed nothing is none."""
    kept = tuple(dict.fromkeys(ends))
    return replace(pipeline, inputs={**pipeline.inputs, port: kept}) if kept else remove_input(pipeline, port)


def set_output(pipeline: Pipeline, port: str, source: Endpoint) -> Pipeline:
    return replace(pipeline, outputs={**pipeline.outputs, port: source})


def remove_input(pipeline: Pipeline, port: str) -> Pipeline:
    return replace(pipeline, inputs={name: ends for name, ends in pipeline.inputs.items() if name != port})


def remove_output(pipeline: Pipeline, port: str) -> Pipeline:
    return replace(pipeline, outputs={name: source for name, source in pipeline.outputs.items() if name != port})


def rename_input(pipeline: Pipeline, old: str, new: str) -> Pipeline:
    """In its place among the others; one that is called `new` already goes."""
    kept = {name: ends for name, ends in pipeline.inputs.items() if name != new or name == old}
    return replace(pipeline, inputs={new if name == old else name: ends for name, ends in kept.items()})


def rename_output(pipeline: Pipeline, old: str, new: str) -> Pipeline:
    kept = {name: source for name, source in pipeline.outputs.items() if name != new or name == old}
    return replace(pipeline, outputs={new if name == old else name: source for name, source in kept.items()})


def keeping_ends(pipeline: Pipeline, keeps: Callable[[str], bool]) -> Pipeline:
    """Without the ends at nodes that `keeps` is false of, and without the ports that have none left."""
    inputs = {port: tuple(end for end in ends if keeps(end.node)) for port, ends in pipeline.inputs.items()}
    outputs = {port: source for port, source in pipeline.outputs.items() if keeps(source.node)}
    return replace(pipeline, inputs={port: ends for port, ends in inputs.items() if ends}, outputs=outputs)


def with_names(pipeline: Pipeline, names: Mapping[str, str]) -> Pipeline:
    """With the ends at nodes of other names."""

    def renamed(end: Endpoint) -> Endpoint:
        return Endpoint(names.get(end.node, end.node), end.port)

    inputs = {port: tuple(map(renamed, ends)) for port, ends in pipeline.inputs.items()}
    return replace(pipeline, inputs=inputs, outputs={port: renamed(end) for port, end in pipeline.outputs.items()})
