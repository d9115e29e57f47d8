"""Rules about the parameters of nodes: their names, their values, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from treadle.spec.component import Component, Parameter, Required
from treadle.spec.parameter_values import wrong_value
from treadle.spec.pipeline import Endpoint, Node, PipelineParameter
from treadle.spec.problems import Problem, Severity
from treadle.spec.rules.situation import Situation
from treadle.spec.types import ParameterKind
from treadle.spec.values import Reference, Value, references

__all__ = [
    "bad_references", "missing_parameters", "referenced_parameters", "set_and_fed", "unknown_columns",
    "unknown_parameters", "wrong_values",
]  # fmt: skip

RUN_FACTS: Final = ("id", "date")

_TEXT: Final = frozenset({ParameterKind.STR, ParameterKind.PATH, ParameterKind.DATETIME, ParameterKind.CHOICE})
_TAKES: Final = {
    ParameterKind.FLOAT: frozenset({ParameterKind.FLOAT, ParameterKind.INT}),
    ParameterKind.STR: _TEXT,
    ParameterKind.PATH: frozenset({ParameterKind.PATH, ParameterKind.STR, ParameterKind.CHOICE}),
    ParameterKind.DATETIME: frozenset({ParameterKind.DATETIME, ParameterKind.STR}),
}


def unknown_parameters(situation: Situation) -> Iterator[Problem]:
    for node, component in situation.known_nodes():
        for name in node.params:
            if component.parameter(name) is not None:
                continue
            names = [known.name for known in component.parameters]
            otherwise = f"its parameters are {', '.join(names)}" if names else "it has no parameters"
            if component.input(name) is not None:
                otherwise = f"{name} is an input: connect an output to it"
            hint = situation.did_you_mean(name, names, otherwise)
            message = f"{node.id} has no parameter {name}"
            yield situation.at("unknown-parameter", message, node.id, parameter=name, hint=hint)


def missing_parameters(situation: Situation) -> Iterator[Problem]:
    for node, component in situation.known_nodes():
        for parameter in component.parameters:
            if not isinstance(parameter.default, Required):
                continue
            fed = node.inputs.get(parameter.name) or Endpoint(node.id, parameter.name) in situation.from_outside
            if parameter.name not in node.params and not fed:
                message = f"{node.id} needs a value for {parameter.name}"
                hint = "give it one, or connect an output to it"
                yield situation.at("missing-parameter", message, node.id, parameter=parameter.name, hint=hint)


def _given(situation: Situation) -> Iterator[tuple[Node, Component, Parameter, Value]]:
    """Each value that a node gives to a parameter its component has."""
    for node, component in situation.known_nodes():
        for name, value in node.params.items():
            parameter = component.parameter(name)
            if parameter is not None:
                yield node, component, parameter, value


def wrong_values(situation: Situation) -> Iterator[Problem]:
    for node, _, parameter, value in _given(situation):
        fault = wrong_value(value, parameter.type)
        if fault is None:
            continue
        message = fault.about(f"{node.id}.{parameter.name}")
        number_for_text = parameter.type.kind is ParameterKind.STR and isinstance(value, (int, float))
        hint = "put it in quotes" if number_for_text else parameter.help or "change the value"
        yield situation.at("wrong-value", message, node.id, parameter=parameter.name, hint=hint)


def bad_references(situation: Situation) -> Iterator[Problem]:
    for node, name, reference in situation.references():
        found = _bad_reference(situation, reference)
        if found is not None:
            message, hint = f"{node.id}.{name} refers to {reference}, {found[0]}", found[1]
            yield situation.at("bad-reference", message, node.id, parameter=name, hint=hint)


def _bad_reference(situation: Situation, reference: Reference | str) -> tuple[str, str] | None:
    """What is wrong with it, and what to do; None where nothing is."""
    if isinstance(reference, str):
        return "which is no reference", "write $params.name, or $$ for a plain dollar sign"
    if reference.scope == "params" and reference.name not in situation.pipeline.params:
        otherwise = f"declare {reference.name} under params:"
        return (
            "but the pipeline has no such parameter",
            situation.did_you_mean(reference.name, situation.pipeline.params, otherwise),
        )
    if reference.scope == "run" and reference.name not in RUN_FACTS:
        return "which no run knows", f"a run knows {' and '.join('$run.' + fact for fact in RUN_FACTS)}"
    return None


def referenced_parameters(situation: Situation) -> Iterator[Problem]:
    """What a whole-value `$…` stands for has to be of the parameter's type, its default within the bounds."""
    for node, _, parameter, value in _given(situation):
        if not isinstance(value, str):
            continue
        for reference in references(value):
            reason = _unfit(situation, reference, parameter) if isinstance(reference, Reference) else None
            if reason is not None:
                message = f"{node.id}.{parameter.name} {reason}"
                hint = "change the parameter's declaration, or give a value here"
                yield situation.at("wrong-value", message, node.id, parameter=parameter.name, hint=hint)


def _unfit(situation: Situation, reference: Reference, parameter: Parameter) -> str | None:
    wanted = parameter.type.kind
    declared = situation.pipeline.params.get(reference.name) if reference.scope == "params" else None
    if declared is not None and declared.type.kind is ParameterKind.SECRET is not wanted:
        return f"is no secret: {reference} would be readable in the run's files"
    if wanted is ParameterKind.SECRET:
        is_secret = reference.scope == "secrets" or (declared and declared.type.kind is wanted)
        return None if is_secret else f"is a secret, and {reference} is not"
    if reference.scope == "secrets":
        return f"is no secret: {reference} would be readable in the run's files"
    if reference.scope != "params":
        # Facts of a run and environment variables are text.
        takes = wanted in _TEXT or wanted is ParameterKind.CHOICE
        return None if takes else f"wants {wanted}, and {reference} is text"
    return None if declared is None else _unfit_declaration(declared, parameter)


def _unfit_declaration(declared: PipelineParameter, parameter: Parameter) -> str | None:
    given, wanted = declared.type.kind, parameter.type.kind
    if given is not wanted and wanted is not ParameterKind.CHOICE and given not in _TAKES.get(wanted, ()):
        return f"wants {wanted}, and $params.{declared.name} is {given}"
    if declared.default is None:
        return None
    fault = wrong_value(declared.default, parameter.type)
    return None if fault is None else f"{fault.about('').strip()} from $params.{declared.name}"


def unknown_columns(situation: Situation) -> Iterator[Problem]:
    """Only where the columns of what feeds the port are known."""
    for node, _, parameter, value in _given(situation):
        of = parameter.type.column_of
        sources = node.inputs.get(of, ()) if of is not None else ()
        if len(sources) != 1 or sources[0] not in situation.columns:
            continue
        columns = situation.columns[sources[0]]
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str) and not name.startswith("$") and name not in columns:
                message = f"{node.id}.{parameter.name}: {sources[0]} has no column {name}"
                hint = situation.did_you_mean(name, columns, f"its columns are {', '.join(columns[:20])}")
                yield situation.at("unknown-column", message, node.id, parameter=parameter.name, hint=hint)


def set_and_fed(situation: Situation) -> Iterator[Problem]:
    for node, _, parameter, _ in _given(situation):
        if node.inputs.get(parameter.name):
            message = f"{node.id}.{parameter.name} has a value and an input; the input counts"
            severity = Severity.WARNING
            hint = "remove one of them"
            yield situation.at("set-and-fed", message, node.id, parameter=parameter.name, hint=hint, severity=severity)
