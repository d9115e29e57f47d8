"""Rules about when nodes run: triggers, set-up and teardown, nodes at the run's end, which failures are retried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from treadle.spec.flow import FAILURES, Retry, Trigger
from treadle.spec.pipeline import Node
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.rules.situation import Situation

__all__ = ["nodes_at_the_end", "retried_failures", "teardowns", "triggers_after_set_up", "triggers_without_inputs"]

_EXCEPTION: Final = re.compile(r"(?:[^\W\d]\w*\.)*[A-Z]\w*")
_WITHOUT_OUTPUTS: Final = (Trigger.ALL_FAILED, Trigger.ALL_SKIPPED)


def _at(situation: Situation, node: Node, key: str) -> Where:
    return replace(situation.places.key("nodes", node.id, key), node=node.id)


def teardowns(situation: Situation) -> Iterator[Problem]:
    """A teardown names set-up nodes that exist, and has the one trigger that makes it clean up."""
    nodes = situation.pipeline.nodes
    for node in nodes.values():
        if not node.teardown_of:
            continue
        where = _at(situation, node, "teardown_of")
        for setup in node.teardown_of:
            if setup not in nodes:
                hint = situation.did_you_mean(setup, nodes, "name a node that sets something up")
                message = f"{node.id} cleans up after {setup}, which is no node"
                yield situation.about("unknown-node", message, where, hint=hint)
        if node.at_end is not None:
            message = f"{node.id} is a teardown and a node at the run's end"
            yield situation.about("two-purposes", message, where, hint="keep `teardown_of:` or `at_end:`")
        if node.trigger not in (None, Trigger.ALL_DONE_SETUP_SUCCESS):
            message = f"{node.id} is a teardown, which runs when its set-up succeeded and all in between has ended"
            hint = "remove `trigger:`; it has no effect"
            at = _at(situation, node, "trigger")
            yield situation.about("trigger-of-teardown", message, at, hint=hint, severity=Severity.WARNING)


def triggers_after_set_up(situation: Situation) -> Iterator[Problem]:
    """What follows a set-up works with what it set up, so it can't run where that failed. Airflow refuses it too."""
    nodes = situation.pipeline.nodes
    setups = {setup for node in nodes.values() for setup in node.teardown_of}
    for node in nodes.values():
        if node.trigger in (None, Trigger.ALL_SUCCESS) or node.teardown_of or not setups:
            continue
        for setup in sorted(setups & situation.pipeline.upstream(node.id)):
            message = f"{node.id} follows {setup}, which sets something up, so its trigger can only be all_success"
            hint = f"remove `trigger:`, or put a node between {setup} and {node.id}"
            yield situation.about("trigger-after-set-up", message, _at(situation, node, "trigger"), hint=hint)


def nodes_at_the_end(situation: Situation) -> Iterator[Problem]:
    """What runs when everything else has ended can't be waited for by what runs before."""
    nodes = situation.pipeline.nodes
    last = {node.id for node in nodes.values() if node.at_end is not None}
    for node in nodes.values():
        if node.at_end is None:
            for other in sorted(last & situation.pipeline.upstream(node.id)):
                message = f"{node.id} waits for {other}, which runs when everything else has ended"
                hint = f"give {node.id} an `at_end:` too, or take it from {other}"
                yield situation.at("waits-for-the-end", message, node.id, hint=hint)


def triggers_without_inputs(situation: Situation) -> Iterator[Problem]:
    """A node that runs when others gave nothing can't need what they give."""
    for node, component in situation.known_nodes():
        if node.trigger not in _WITHOUT_OUTPUTS:
            continue
        for port in component.inputs:
            if not port.optional and node.inputs.get(port.name):
                feeding = node.inputs[port.name][0]
                message = f"{node.id} runs when {feeding.node} gave nothing, but needs {feeding} on {port.name}"
                hint = f"wait for it with `after: [{feeding.node}]`, or make {port.name} optional in the component"
                yield situation.at("never-runs", message, node.id, port=port.name, hint=hint)


def retried_failures(situation: Situation) -> Iterator[Problem]:
    """`retry: {for: …}` names ways to fail, or exceptions."""
    for name in _no_failures(situation.pipeline.defaults.retry):
        yield _no_failure(situation, name, "defaults", situation.places.key("defaults", "retry", "for"))
    for node in situation.pipeline.nodes.values():
        for name in _no_failures(node.policy.retry):
            where = replace(situation.places.key("nodes", node.id, "retry", "for"), node=node.id)
            yield _no_failure(situation, name, node.id, where)


def _no_failures(retry: Retry) -> Iterator[str]:
    for name in retry.failures or ():
        if name not in FAILURES and not _EXCEPTION.fullmatch(name):
            yield name


def _no_failure(situation: Situation, name: str, owner: str, where: Where) -> Problem:
    otherwise = f"write {', '.join(FAILURES)}, or an exception's name such as ConnectionError"
    hint = situation.did_you_mean(name, FAILURES, otherwise)
    return situation.about("unknown-failure", f"{owner} is retried for {name!r}, which is no failure", where, hint=hint)
