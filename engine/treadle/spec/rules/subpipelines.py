"""Rules about pipelines inside pipelines: the ports that a pipeline has as a node, and the nodes that are pipelines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from treadle.spec.connecting import input_type
from treadle.spec.flow import Trigger
from treadle.spec.interfaces import common_type
from treadle.spec.pipeline import Endpoint, Node
from treadle.spec.problems import Problem
from treadle.spec.rules.situation import Situation
from treadle.spec.subpipelines import inner

__all__ = ["empty_pipelines", "missing_files", "own_inputs", "own_outputs", "set_up_pipelines", "settings_of_pipelines"]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def missing_files(situation: Situation) -> Iterator[Problem]:
    for node in situation.pipeline.nodes.values():
        if node.pipeline is not None or not node.is_pipeline:
            continue
        found = situation.files.get(node.uses)
        if found is None:
            known = list(situation.files)
            hint = situation.did_you_mean(node.uses, known, "write its path from the project's folder")
            message = f"{node.id} is the pipeline {node.uses}, which is no file of the project"
            yield situation.at("missing-pipeline", message, node.id, hint=hint)
        elif found.pipeline is None:
            message = f"{node.id} is the pipeline {node.uses}, which has errors"
            yield situation.at("broken-pipeline", message, node.id, hint="open that file and mend it first")


def empty_pipelines(situation: Situation) -> Iterator[Problem]:
    for node in situation.pipeline.nodes.values():
        within = inner(node, situation.files)
        if within is not None and not within.nodes:
            message = f"{node.id} is a pipeline without nodes"
            yield situation.at("empty-pipeline", message, node.id, hint="put a node into it, or remove it")


def own_inputs(situation: Situation) -> Iterator[Problem]:
    """Each input of the pipeline feeds inputs that exist, all of which want the same."""
    for name, ends in situation.pipeline.inputs.items():
        yield from _port_name(situation, "inputs", name)
        if name in situation.pipeline.params:
            message = f"{name} is an input of the pipeline and a parameter of it"
            where = situation.places.key("inputs", name)
            yield situation.about("two-meanings", message, where, hint="rename one of them")
        wanted = []
        for end in ends:
            component = situation.component(end.node)
            kind = None if component is None else input_type(component, end.port)
            wanted += [] if kind is None else [kind]
            yield from _end(situation, "inputs", name, end, "input", is_there=component is None or kind is not None)
        if wanted and common_type(wanted) is None:
            kinds = " and ".join(dict.fromkeys(map(str, wanted)))
            where = situation.places.key("inputs", name)
            message = f"input {name} of the pipeline feeds ports that want {kinds}"
            yield situation.about("type-mismatch", message, where, hint="make an input for each type")


def own_outputs(situation: Situation) -> Iterator[Problem]:
    for name, source in situation.pipeline.outputs.items():
        yield from _port_name(situation, "outputs", name)
        component, node = situation.component(source.node), situation.pipeline.nodes.get(source.node)
        is_there = component is None or component.output(source.port) is not None
        yield from _end(situation, "outputs", name, source, "output", is_there=is_there)
        if node is not None and node.at_end is not None:
            message = f"output {name} of the pipeline comes from {node.id}, which runs when everything else has ended"
            where = situation.places.key("outputs", name)
            yield situation.about("waits-for-the-end", message, where, hint=f"take `at_end:` from {node.id}")


def _port_name(situation: Situation, key: str, name: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        hint = "use letters, digits and _, beginning with a letter"
        yield situation.about(
            "bad-port-name", f"{name!r} can't name a port", situation.places.key(key, name), hint=hint
        )


def _end(situation: Situation, key: str, name: str, end: Endpoint, what: str, *, is_there: bool) -> Iterator[Problem]:
    where = situation.places.key(key, name)
    nodes = situation.pipeline.nodes
    if end.node not in nodes:
        hint = situation.did_you_mean(end.node, nodes, "name a node that exists")
        yield situation.about("unknown-node", f"{what} {name} names {end}, but there is no such node", where, hint=hint)
    elif not is_there:
        message = f"{what} {name} names {end}, but {end.node} has no {what} {end.port}"
        yield situation.about("unknown-port", message, where, hint=f"name an {what} of {end.node}")


def settings_of_pipelines(situation: Situation) -> Iterator[Problem]:
    """What a pipeline can't have as a node, since it makes no attempt of its own."""
    for node in situation.pipeline.nodes.values():
        for key, hint in _meaningless(node) if node.is_pipeline else ():
            where = replace(situation.places.key("nodes", node.id, key), node=node.id)
            message = f"{node.id} is a pipeline, which has no `{key}:` of its own"
            yield situation.about("setting-of-pipeline", message, where, hint=hint)


def _meaningless(node: Node) -> Iterator[tuple[str, str]]:
    if node.trigger not in (None, Trigger.ALL_SUCCESS):
        yield "trigger", "give it to the nodes inside that should have it"
    if node.teardown_of:
        yield "teardown_of", "clean up with a node that is no pipeline"


def set_up_pipelines(situation: Situation) -> Iterator[Problem]:
    """What is cleaned up after is one node."""
    nodes = situation.pipeline.nodes
    for node in nodes.values():
        for setup in node.teardown_of:
            if setup in nodes and nodes[setup].is_pipeline:
                where = replace(situation.places.key("nodes", node.id, "teardown_of"), node=node.id)
                message = f"{node.id} cleans up after {setup}, which is a pipeline"
                hint = f"put {node.id} into {setup}, after the node that sets something up"
                yield situation.about("teardown-of-pipeline", message, where, hint=hint)
