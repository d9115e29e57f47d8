"""Rules about what nodes ask for: it has to be possible, and the pools have to be there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Where
from treadle.spec.resources import Resources
from treadle.spec.rules.situation import Situation

__all__ = ["asked_resources", "bad_pools", "concurrency_limits", "pool_sizes", "pools_that_are_there"]

_HINT: Final = "change it, or remove it"
_NAME: Final = re.compile(r"[^\W\d][\w-]{0,99}")

Path = tuple[str, ...]


def asked_resources(situation: Situation) -> Iterator[Problem]:
    for where, who, resources in _askers(situation):
        for path, reason in _impossible(resources):
            yield situation.about("wrong-value", f"{who}: {reason}", _within(situation, where, path), hint=_HINT)


def _askers(situation: Situation) -> Iterator[tuple[Where, str, Resources]]:
    """Whoever asks for resources: where it is, what it is called, what it asks for itself."""
    pipeline = situation.pipeline
    if pipeline.resources != Resources():
        yield situation.places.key("defaults", "resources"), "defaults", pipeline.resources
    for node in pipeline.nodes.values():
        if node.resources != Resources():
            where = replace(situation.places.key("nodes", node.id, "resources"), node=node.id)
            yield where, node.id, node.resources


def _within(situation: Situation, where: Where, path: Path) -> Where:
    above = ("defaults",) if where.node is None else ("nodes", where.node)
    return replace(situation.places.key(*above, "resources", *path), node=where.node)


def _impossible(asked: Resources) -> Iterator[tuple[Path, str]]:
    """Where in `resources:`, and what is wrong there."""
    for name, above in (("cpu", asked.cpu), ("memory", asked.memory)):
        if above is not None and above <= 0:
            yield (name,), f"{name} has to be above zero, is {above:g}"
    if asked.gpu is not None and asked.gpu < 0:
        yield ("gpu",), f"gpu can't be below zero, is {asked.gpu}"
    for pool, slots in asked.pools.items():
        if slots < 0:
            yield ("pools", pool), f"slots of pool {pool} can't be below zero, are {slots}"


def pools_that_are_there(situation: Situation) -> Iterator[Problem]:
    """Each pool that is asked for has a size, and one large enough."""
    known = {**situation.pipeline.pools, **(situation.pools or {})}
    for where, who, resources in _askers(situation):
        for pool, slots in resources.pools.items():
            place = _within(situation, where, ("pools", pool))
            if pool not in known and situation.pools is not None:
                otherwise = f"say how large it is, as `pools: {{{pool}: 1}}` in the pipeline or in treadle.toml"
                hint = situation.did_you_mean(pool, known, otherwise)
                yield situation.about("unknown-pool", f"{who}: nothing says how large pool {pool} is", place, hint=hint)
            elif pool in known and slots > known[pool]:
                message = f"{who}: asks for {slots} slots of pool {pool}, which has {known[pool]}"
                yield situation.about("too-many-slots", message, place, hint="ask for fewer, or enlarge the pool")


def pool_sizes(situation: Situation) -> Iterator[Problem]:
    for name, reason, hint in bad_pools(situation.pipeline.pools):
        yield situation.about("wrong-value", reason, situation.places.key("pools", name), hint=hint)


def bad_pools(pools: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    """(name, what is wrong, hint) of each pool that can't be."""
    for name, size in pools.items():
        if not _NAME.fullmatch(name):
            yield name, f"{name[:100]!r} can't name a pool", "begin with a letter; use letters, digits, _ and -"
        if size < 1:
            yield name, f"pool {name} has to have a slot at least, has {size}", _HINT


def concurrency_limits(situation: Situation) -> Iterator[Problem]:
    for name, most in _most(situation.pipeline):
        if most is not None and most < 1:
            where = situation.places.key("concurrency", name)
            yield situation.about(
                "wrong-value", f"concurrency: {name} has to be 1 at least, is {most}", where, hint=_HINT
            )


def _most(pipeline: Pipeline) -> Iterator[tuple[str, int | None]]:
    yield "tasks", pipeline.concurrency.tasks
    yield "runs", pipeline.concurrency.runs
