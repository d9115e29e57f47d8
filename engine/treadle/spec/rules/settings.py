"""Rules about the pipeline's own settings: limits and positions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from treadle.spec.pipeline import Policy
from treadle.spec.problems import Problem, Severity
from treadle.spec.rules.situation import Situation

__all__ = ["limits", "positions_of_nothing"]

_HINT: Final = "change it, or remove it"


def limits(situation: Situation) -> Iterator[Problem]:
    """Retries and times have to be possible."""
    limit = situation.pipeline.timeout
    if limit is not None and limit <= 0:
        reason = f"timeout has to be above zero, is {limit:g}"
        yield situation.about("wrong-value", reason, situation.places.key("timeout"), hint=_HINT)
    for path, reason in _impossible(situation.pipeline.defaults):
        yield situation.about("wrong-value", f"defaults: {reason}", situation.places.key("defaults", *path), hint=_HINT)
    for node in situation.pipeline.nodes.values():
        for path, reason in _impossible(node.policy):
            where = replace(situation.places.key("nodes", node.id, *path), node=node.id)
            yield situation.about("wrong-value", f"{node.id}: {reason}", where, hint=_HINT)


def _impossible(policy: Policy) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where in the node, and what is wrong there."""
    for path, least in (
        (("retries",), policy.retries),
        (("retry_delay",), policy.retry_delay),
        (("retry", "maximum"), policy.retry.maximum),
        (("retry", "jitter"), policy.retry.jitter),
    ):
        if least is not None and least < 0:
            yield path, f"{path[-1]} can't be below zero, is {least:g}"
    if policy.timeout is not None and policy.timeout <= 0:
        yield ("timeout",), f"timeout has to be above zero, is {policy.timeout:g}"
    if policy.retry.backoff is not None and policy.retry.backoff < 1:
        yield ("retry", "backoff"), f"backoff has to be 1 or more, is {policy.retry.backoff:g}"
    if policy.retry.jitter is not None and policy.retry.jitter > 1:
        yield ("retry", "jitter"), f"jitter is a share from 0 to 1, is {policy.retry.jitter:g}"


def positions_of_nothing(situation: Situation) -> Iterator[Problem]:
    for name in situation.pipeline.view:
        if name not in situation.pipeline.nodes:
            where = situation.places.key("view", name)
            message = f"the view places {name}, which is no node"
            hint = "remove the line"
            yield situation.about("unknown-node", message, where, hint=hint, severity=Severity.WARNING)
