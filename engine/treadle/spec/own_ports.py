"""Edits of the ports that a pipeline itself has, and what other edits mean for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from treadle.spec.pipeline import Endpoint, Pipeline

__all__ = ["keeping_ends", "set_inputs", "set_outputs", "unused_name", "with_names"]


def unused_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or the first of `wanted_2`, `wanted_3` … that is not taken."""
    names, name, number = frozenset(taken), wanted, 2
    while name in names:
        name, number = f"{wanted}_{number}", number + 1
    return name


def set_inputs(pipeline: Pipeline, inputs: Mapping[str, tuple[Endpoint, ...]]) -> Pipeline:
    """With exactly these, each of which feeds something."""
    return replace(pipeline, inputs={port: tuple(dict.fromkeys(ends)) for port, ends in inputs.items() if ends})


def set_outputs(pipeline: Pipeline, outputs: Mapping[str, Endpoint]) -> Pipeline:
    """With exactly these."""
    return replace(pipeline, outputs=dict(outputs))


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
