"""Cleaning: what set-up and teardown nodes mean for the nodes around them. Airflow's rules, worked out once for a plan.

    set-up ─► work ─► teardown            teardown_of: [set-up]

A teardown waits for its set-ups and for what it is connected to, and lets all that lies between them end. One that is
connected to nothing else lets everything end that comes after its set-ups. What lies between has its set-ups succeed
before it begins, whatever its own trigger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from treadle.spec import graph
from treadle.spec.pipeline import Pipeline
from treadle.spec.problems import Problem, Where

__all__ = ["Care", "care_of", "deadlocks", "with_teardowns"]


@dataclass(frozen=True, slots=True)
class Care:
    """`sets_up`: nodes that some teardown cleans up after. What nodes wait for besides their edges, by node."""

    sets_up: frozenset[str] = frozenset()
    setups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    settled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def care_of(pipeline: Pipeline) -> Care:
    """`pipeline` has no cycles; ids that no node bears are passed over."""
    setups: dict[str, dict[str, None]] = {}
    settled: dict[str, tuple[str, ...]] = {}
    for node in pipeline.nodes.values():
        own = [setup for setup in node.teardown_of if setup in pipeline.nodes]
        if not own:
            continue
        before = graph.ancestors(pipeline, node.id)
        direct = pipeline.upstream(node.id)
        after_setups = {setup: graph.descendants(pipeline, setup) for setup in own}
        if direct <= set(node.teardown_of):
            within = frozenset[str]().union(*after_setups.values()) - _not_waited_for(pipeline, node.id)
        else:
            within = before & frozenset[str]().union(*after_setups.values())
        settled[node.id] = tuple(id_ for id_ in pipeline.nodes if id_ in within - direct)
        for setup, after in after_setups.items():
            unfed = (id_ for id_ in pipeline.nodes if id_ in after & within and setup not in pipeline.upstream(id_))
            for id_ in unfed:
                setups.setdefault(id_, {})[setup] = None
    works = (id_ for id_ in setups if not pipeline.nodes[id_].teardown_of)
    sets_up = frozenset(setup for node in pipeline.nodes.values() for setup in node.teardown_of)
    return Care(sets_up, {id_: tuple(setups[id_]) for id_ in works}, settled)


def _not_waited_for(pipeline: Pipeline, teardown: str) -> frozenset[str]:
    """What a teardown does not let end first, though it comes after the set-ups."""
    others = {node.id for node in pipeline.nodes.values() if node.teardown_of or node.at_end is not None}
    return graph.descendants(pipeline, teardown) | others | {teardown}


def deadlocks(pipeline: Pipeline, care: Care) -> list[Problem]:
    """Teardowns that would wait for each other through what they let end."""
    patient = {id_: replace(pipeline.nodes[id_], after=before) for id_, before in care.settled.items()}
    cycle = graph.find_cycle(replace(pipeline, nodes={**pipeline.nodes, **patient})) if patient else None
    if cycle is None:
        return []
    stuck = [id_ for id_ in cycle if id_ in care.settled]
    hint = "connect each teardown to the last node that needs its set-up"
    message = f"these teardowns would wait for each other: {', '.join(stuck)}"
    return [Problem("teardown-deadlock", message, Where(node=stuck[0]), hint)]


def with_teardowns(pipeline: Pipeline, wanted: frozenset[str]) -> frozenset[str]:
    """`wanted` and every teardown of a set-up in it, with what that reads: part of a run cleans up after itself too."""
    found = wanted
    for node in pipeline.nodes.values():
        if node.id not in found and found & set(node.teardown_of):
            feeding = {source.node for sources in node.inputs.values() for source in sources}
            needed = [graph.ancestors(pipeline, id_) | {id_} for id_ in feeding]
            found = found.union({node.id}, *needed)
    return found
