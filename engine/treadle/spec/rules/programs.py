"""Rules about nodes that declare their ports: scripts, shell commands, notebooks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from treadle.spec.component import Component
from treadle.spec.declared_ports import PortDeclaration, forms_of
from treadle.spec.pipeline import Node
from treadle.spec.problems import Problem, Where
from treadle.spec.rules.situation import Situation
from treadle.spec.types import ParameterKind
from treadle.spec.values import Reference, references

__all__ = ["declared_ports", "paths_of_ports", "paths_out_of_the_project", "secrets_as_arguments", "undeclarable_ports"]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEPT: Final = frozenset({"HOME", "IFS", "LD_LIBRARY_PATH", "LD_PRELOAD", "PATH", "PYTHONPATH", "SHELL", "TMPDIR", "_"})
"""Variables that a program needs as they are: no port may take their place."""


def _programs(situation: Situation) -> Iterator[tuple[Node, Component]]:
    for node, component in situation.known_nodes():
        if component.kind.declares_ports:
            yield node, component


def _at(situation: Situation, node: Node, *path: str) -> Where:
    return replace(situation.places.key("nodes", node.id, *path), node=node.id)


def undeclarable_ports(situation: Situation) -> Iterator[Problem]:
    for node, component in situation.known_nodes():
        if component.kind.declares_ports:
            continue
        for key, declared in (("inputs", node.declared_inputs), ("outputs", node.declared_outputs)):
            if declared:
                message = f"{node.id} uses {node.uses}, whose ports are those of its function"
                hint = f"take `{key}:` out; only nodes that use script, shell or notebook declare theirs"
                yield situation.about("undeclarable-ports", message, _at(situation, node, key), hint=hint)


def declared_ports(situation: Situation) -> Iterator[Problem]:
    for node, component in _programs(situation):
        for key, name, port in _declared(node):
            for message, hint in _faults(node, component, key, name, port):
                where = _at(situation, node, key, name)
                yield situation.about("bad-port", f"{node.id}.{name} {message}", where, hint=hint)


def _declared(node: Node) -> Iterator[tuple[str, str, PortDeclaration]]:
    """Each port of its own that the node says, and under which key."""
    for key, ports in (("inputs", node.declared_inputs), ("outputs", node.declared_outputs)):
        for name, port in ports.items():
            yield key, name, port


def _faults(node: Node, component: Component, key: str, name: str, port: PortDeclaration) -> Iterator[tuple[str, str]]:
    if not _NAME.fullmatch(name):
        yield "can't be a variable's name", "use letters, digits and _, beginning with a letter"
    elif name in _KEPT:
        yield "would hide the variable that every program needs", "call the port something else"
    if component.parameter(name) is not None:
        yield f"has the name of a parameter of {node.uses}", "call the port something else"
    if key == "outputs" and name in _inputs(node):
        yield "is an input too", "give one of the two another name"
    forms = forms_of(port.type)
    if port.form and forms is not None and port.form not in forms:
        yield (
            f"can't be written as {port.form}",
            f"a {port.type.name} is {' or '.join(filter(None, forms)) or 'a folder'}",
        )
    if port.path and key == "inputs":
        yield "can't choose its path", "the program is told where the input lies"
    if _climbs(port.path):
        yield f"is written to {port.path}, out of the project", "write it inside, or give the whole path"


def _inputs(node: Node) -> Mapping[str, object]:
    return {**node.inputs, **node.declared_inputs}


def _climbs(path: str) -> bool:
    return posixpath.normpath(path).split("/")[0] == ".."


def paths_out_of_the_project(situation: Situation) -> Iterator[Problem]:
    """Who trusts a project trusts what is in it."""
    for node, component in _programs(situation):
        for parameter in component.parameters:
            value = node.params.get(parameter.name)
            if parameter.type.kind is ParameterKind.PATH and isinstance(value, str) and _climbs(value):
                message = f"{node.id}.{parameter.name} leads out of the project: {value}"
                hint = "copy the file into the project, or give its whole path"
                yield situation.at("outside-project", message, node.id, parameter=parameter.name, hint=hint)


def paths_of_ports(situation: Situation) -> Iterator[Problem]:
    """`$in.x` and `$out.x` name a port of the node that says so."""
    for node, name, reference in situation.references():
        if isinstance(reference, Reference) and reference.scope in ("in", "out"):
            yield from _unknown_port(situation, node, situation.component(node.id), name, reference)


def _unknown_port(
    situation: Situation, node: Node, component: Component | None, parameter: str, reference: Reference
) -> Iterator[Problem]:
    if component is None:
        return
    message = f"{node.id}.{parameter} refers to {reference}, "
    value = node.params[parameter]
    if not component.kind.declares_ports or isinstance(value, str):
        message += "which only the items of a program's arguments and parameters may"
        hint = "write $$ for a plain dollar sign"
    else:
        ports = component.inputs if reference.scope == "in" else component.outputs
        names = [port.name for port in ports]
        if reference.name in names:
            return
        what = "input" if reference.scope == "in" else "output"
        message += f"but has no such {what}"
        hint = situation.did_you_mean(reference.name, names, f"declare it under {what}s:")
    yield situation.at("bad-reference", message, node.id, parameter=parameter, hint=hint)


def secrets_as_arguments(situation: Situation) -> Iterator[Problem]:
    """Whoever lists the machine's processes reads their arguments."""
    for node, _ in _programs(situation):
        for name, value in node.params.items():
            nested = list(references(value)) if name != "parameters" else []
            if not isinstance(value, str) and any(isinstance(r, Reference) and r.scope == "secrets" for r in nested):
                message = f"{node.id}.{name} would show a secret to everybody who lists this machine's processes"
                hint = "give it under parameters: as a variable"
                yield situation.at("wrong-value", message, node.id, parameter=name, hint=hint)
