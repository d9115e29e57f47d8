"""Rules about the pipeline's own parameters: that what is declared can be referred to, and given at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from treadle.spec.parameter_values import faults
from treadle.spec.pipeline import PipelineParameter
from treadle.spec.problems import Problem, Severity
from treadle.spec.rules.situation import Situation
from treadle.spec.text_formats import bad_pattern
from treadle.spec.types import ParameterKind, ParameterType
from treadle.spec.values import Value

__all__ = ["pipeline_parameters"]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBERS: Final = frozenset({ParameterKind.INT, ParameterKind.FLOAT, ParameterKind.CHOICE})
_TEXTS: Final = frozenset({ParameterKind.STR, ParameterKind.PATH})


class _Fault(NamedTuple):
    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR


def pipeline_parameters(situation: Situation) -> Iterator[Problem]:
    for parameter in situation.pipeline.params.values():
        where = situation.places.pipeline_parameter(parameter.name)
        for code, message, hint, severity in _faults(parameter):
            yield situation.about(code, message, where, hint=hint, severity=severity)


def _faults(parameter: PipelineParameter) -> Iterator[_Fault]:
    subject = f"params.{parameter.name}"
    if not _NAME.fullmatch(parameter.name):
        message = f"parameter {parameter.name} can't be referred to"
        yield _Fault("bad-parameter-name", message, "use letters, digits and _, beginning with a letter")
    yield from _type_faults(parameter.type, subject)
    yield from _wrong_defaults(parameter.default, parameter.type, subject)


def _wrong_defaults(default: Value, wanted: ParameterType, subject: str) -> Iterator[_Fault]:
    if default is not None:
        for fault in faults(default, wanted):
            message = f"{fault.about(subject)} as its default"
            yield _Fault("wrong-value", message, "change the default, or what is allowed")


def _type_faults(wanted: ParameterType, subject: str) -> Iterator[_Fault]:
    yield from _impossible(wanted, subject)
    yield from _meaningless(wanted, subject)
    if wanted.item is not None:
        yield from _type_faults(wanted.item, f"{subject}[]")
    if wanted.rest is not None:
        yield from _type_faults(wanted.rest, f"{subject}.*")
    for each in wanted.properties:
        yield from _type_faults(each.type, f"{subject}.{each.name}")
        yield from _wrong_defaults(each.default, each.type, f"{subject}.{each.name}")


def _impossible(wanted: ParameterType, subject: str) -> Iterator[_Fault]:
    low, high = wanted.minimum, wanted.maximum
    if low is not None and high is not None and low > high:
        message = f"{subject} has a minimum of {low:g} over its maximum of {high:g}"
        yield _Fault("bad-bounds", message, "exchange the two")
    if wanted.above is not None and wanted.below is not None and wanted.above >= wanted.below:
        message = f"{subject} can't be both more than {wanted.above:g} and less than {wanted.below:g}"
        yield _Fault("bad-bounds", message, "exchange the two")
    if wanted.fewest is not None and wanted.most is not None and wanted.fewest > wanted.most:
        message = f"{subject} can't have {wanted.fewest} or more and {wanted.most} or fewer"
        yield _Fault("bad-bounds", message, "exchange the two")
    if wanted.multiple_of is not None and wanted.multiple_of <= 0:
        yield _Fault("bad-bounds", f"{subject}: multipleOf has to be above zero", "change it, or remove it")
    if wanted.kind is ParameterKind.CHOICE and not wanted.choices:
        yield _Fault("bad-bounds", f"{subject} is a choice without choices", "list them under choices:")
    if wanted.pattern is not None and (reason := bad_pattern(wanted.pattern)) is not None:
        message = f"{subject}: the pattern {wanted.pattern} can't be used: {reason}"
        yield _Fault("bad-pattern", message, "write it in RE2's syntax, which has no look-around and no \\1")


def _meaningless(wanted: ParameterType, subject: str) -> Iterator[_Fault]:
    """Bounds that say nothing of this kind; a slip more often than not."""
    kind = wanted.kind
    bounds = (wanted.minimum, wanted.maximum, wanted.above, wanted.below, wanted.multiple_of)
    for what, of, is_said in (
        ("a bound of numbers", _NUMBERS, any(bound is not None for bound in bounds)),
        ("a pattern", _TEXTS, wanted.pattern is not None),
        ("a format", {ParameterKind.STR}, wanted.format is not None),
        ("items", {ParameterKind.LIST}, wanted.item is not None or wanted.unique),
        ("properties", {ParameterKind.DICT}, bool(wanted.properties) or wanted.rest is not None or wanted.closed),
    ):
        if is_said and kind not in of:
            message = f"{subject} is of type {kind}, of which {what} says nothing"
            yield _Fault("no-meaning", message, "change the type, or take it out", Severity.WARNING)
