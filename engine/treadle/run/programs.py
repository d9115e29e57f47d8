"""What a plan says of a node whose ports are its own: a script, a shell command, a notebook.

Its slice is its declaration as text: that it changed is what the cache sees, and what `treadle why` shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from treadle.catalog.slices import Slice
from treadle.execute.protocol import Output
from treadle.spec.component import Component
from treadle.spec.declared_ports import PortDeclaration, default_form
from treadle.spec.pipeline import Node
from treadle.spec.values import Reference, Value, references

__all__ = ["declared_outputs", "declared_slice", "input_forms", "own_scopes", "variable_secrets"]


def declared_slice(node: Node, component: Component) -> Slice:
    """Which ports the node has, and how a file stands for each."""
    forms = input_forms(node, component)
    lines = [node.uses]
    lines += [f"  in {port.name}: {port.type}{_as(forms[port.name])}" for port in component.inputs]
    lines += [f"  out {each.name}: {each.type}{_as(each.form)}{_at(each.path)}" for each in declared_outputs(node)]
    text = "".join(f"{line}\n" for line in lines)
    return Slice(text, node.uses, hashlib.sha256(text.encode()).hexdigest())


def _as(form: str) -> str:
    return f" as {form}" if form else ""


def _at(path: str) -> str:
    return f" at {path}" if path else ""


def declared_outputs(node: Node) -> tuple[Output, ...]:
    return tuple(
        Output(name, str(port.type), form=_form(port), path=port.path) for name, port in node.declared_outputs.items()
    )


def input_forms(node: Node, component: Component) -> Mapping[str, str]:
    """How each input is laid out as a file; `""` is as suits what feeds it."""
    declared = node.declared_inputs
    return {port.name: _form(declared[port.name]) if port.name in declared else "" for port in component.inputs}


def _form(port: PortDeclaration) -> str:
    return port.form or default_form(port.type.name)


def own_scopes(node: Node, component: Component) -> Mapping[str, Mapping[str, Value]]:
    """What references stand for in the node's own values: a port's path is known to its worker alone."""
    return {
        "in": {port.name: {"$port": f"in.{port.name}"} for port in component.inputs},
        "out": {port.name: {"$port": f"out.{port.name}"} for port in component.outputs},
        "secrets": {name: f"$secrets.{name}" for name in variable_secrets(node).values()},
    }


def variable_secrets(node: Node) -> dict[str, str]:
    """Variables that get a secret, with its name."""
    return dict(_variable_secrets(node.params.get("parameters")))


def _variable_secrets(parameters: Value) -> Iterator[tuple[str, str]]:
    if not isinstance(parameters, dict):
        return
    for variable, value in parameters.items():
        for reference in references(value) if isinstance(value, str) else ():
            if isinstance(reference, Reference) and reference.scope == "secrets":
                yield variable, reference.name
