"""`treadle components [NAME]`: what a project's pipelines can use, read from source, nothing imported."""

from __future__ import annotations

import dataclasses
import difflib

from rich.text import Text

from treadle.catalog.catalog import load_catalog
from treadle.catalog.pipelines import project_pipelines
from treadle.cli.terminal import Exit, Terminal
from treadle.spec.component import Component, Parameter, Required
from treadle.spec.parameter_words import bounds_words, type_words
from treadle.spec.types import ParameterType
from treadle.store.project import Project

__all__ = ["list_components"]


def list_components(terminal: Terminal, project: Project, name: str | None, as_json: bool) -> Exit:
    """All components by category, or all of one; INVALID where there is none of that name."""
    catalog = load_catalog(project.root).with_pipelines(project_pipelines(project.root))
    terminal.problems(catalog.problems)
    if name is None:
        found = sorted(catalog.components.values(), key=lambda each: (each.category, each.uses))
        if as_json:
            terminal.json([_as_json(component) for component in found])
        else:
            terminal.table(("component", "category", "summary"), [_row(component) for component in found])
        return Exit.OK
    component = catalog.get(name)
    if component is None:
        near = difflib.get_close_matches(name, catalog.components, n=3)
        terminal.error(f"no component {name!r}" + (f"; near it: {', '.join(near)}" if near else ""))
        return Exit.INVALID
    if as_json:
        terminal.json(_as_json(component))
    else:
        _show(terminal, component)
    return Exit.OK


def _row(component: Component) -> tuple[str | Text, ...]:
    return component.uses, component.category, component.summary


def _show(terminal: Terminal, component: Component) -> None:
    terminal.say(f"{component.uses}  {component.title}  ({component.category})", "bold")
    terminal.say(f"{component.source.file}:{component.source.line}", "dim")
    if component.doc:
        terminal.say("")
        terminal.say(component.doc)
    ports = [
        ("in", port.name, str(port.type), "optional" if port.optional else "", port.help) for port in component.inputs
    ]
    ports += [("out", port.name, str(port.type), "", port.help) for port in component.outputs]
    params = [("with", each.name, _type(each.type), _default(each), each.help) for each in component.parameters]
    terminal.say("")
    terminal.table(("", "name", "type", "default", ""), [*ports, *params])


def _type(kind: ParameterType) -> str:
    bounds = bounds_words(kind)
    column = f" (column of {kind.column_of})" if kind.column_of else ""
    return type_words(kind) + (f" ({bounds})" if bounds else "") + column


def _default(parameter: Parameter) -> str:
    return "required" if isinstance(parameter.default, Required) else repr(parameter.default)


def _as_json(component: Component) -> dict[str, object]:
    parameters = [
        {
            "name": each.name,
            "type": dataclasses.asdict(each.type),
            "required": isinstance(each.default, Required),
            "default": None if isinstance(each.default, Required) else each.default,
            "help": each.help,
        }
        for each in component.parameters
    ]
    ports = {
        side: [{"name": port.name, "type": str(port.type), "help": port.help} for port in found]
        for side, found in (("inputs", component.inputs), ("outputs", component.outputs))
    }
    return {
        "uses": component.uses, "title": component.title, "category": component.category, "icon": component.icon,
        "summary": component.summary, "doc": component.doc, "builtin": component.builtin,
        "source": dataclasses.asdict(component.source), **ports, "parameters": parameters,
    }  # fmt: skip
