"""Rules about the pipeline's own settings: declared parameters, limits and positions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from treadle.spec.parameter_values import wrong_value
from treadle.spec.pipeline import PipelineParameter, Policy, Resources
from treadle.spec.problems import Problem, Severity
from treadle.spec.rules.situation import Situation
from treadle.spec.types import ParameterKind

__all__ = ["limits", "pipeline_parameters", "positions_of_nothing"]

_HINT: Final = "change it, or remove it"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def pipeline_parameters(situation: Situation) -> Iterator[Problem]:
    for parameter in situation.pipeline.params.values():
        for code, reason, hint in _declaration_faults(parameter):
            where = situation.places.pipeline_parameter(parameter.name)
            yield situation.about(code, f"parameter {parameter.name} {reason}", where, hint=hint)


def _declaration_faults(parameter: PipelineParameter) -> Iterator[tuple[str, str, str]]:
    kind = parameter.type
    if not _NAME.fullmatch(parameter.name):
        yield "bad-parameter-name", "can't be referred to", "use letters, digits and _, beginning with a letter"
    if kind.minimum is not None and kind.maximum is not None and kind.minimum > kind.maximum:
        yield (
            "bad-bounds",
            f"has a minimum of {kind.minimum:g} over its maximum of {kind.maximum:g}",
            "exchange the two",
        )
    if kind.kind is ParameterKind.CHOICE and not kind.choices:
        yield "bad-bounds", "is a choice without choices", "list them under choices:"
    if parameter.default is not None and (reason := wrong_value(parameter.default, kind)) is not None:
        yield "wrong-value", f"{reason} as its default", "change the default, or what is allowed"


def limits(situation: Situation) -> Iterator[Problem]:
    """Retries, times and resources have to be possible."""
    limit = situation.pipeline.timeout
    if limit is not None and limit <= 0:
        reason = f"timeout has to be above zero, is {limit:g}"
        yield situation.about("wrong-value", reason, situation.places.key("timeout"), hint=_HINT)
    for path, reason in _impossible(situation.pipeline.defaults, Resources()):
        yield situation.about("wrong-value", f"defaults: {reason}", situation.places.key("defaults", *path), hint=_HINT)
    for node in situation.pipeline.nodes.values():
        for path, reason in _impossible(node.policy, node.resources):
            where = replace(situation.places.key("nodes", node.id, *path), node=node.id)
            yield situation.about("wrong-value", f"{node.id}: {reason}", where, hint=_HINT)


def _impossible(policy: Policy, resources: Resources) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where in the node, and what is wrong there."""
    for path, least in (
        (("retries",), policy.retries),
        (("retry_delay",), policy.retry_delay),
        (("retry", "maximum"), policy.retry.maximum),
        (("retry", "jitter"), policy.retry.jitter),
        (("resources", "gpu"), resources.gpu),
    ):
        if least is not None and least < 0:
            yield path, f"{path[-1]} can't be below zero, is {least:g}"
    for path, above in (
        (("timeout",), policy.timeout),
        (("resources", "cpu"), resources.cpu),
        (("resources", "memory"), resources.memory),
    ):
        if above is not None and above <= 0:
            yield path, f"{path[-1]} has to be above zero, is {above:g}"
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
