"""Rules about mapped nodes: what they are mapped over has to be there, and to be many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from treadle.spec.component import Component, Parameter
from treadle.spec.mapping import Map
from treadle.spec.pipeline import Node
from treadle.spec.problems import Problem, Where
from treadle.spec.rules.situation import Situation
from treadle.spec.types import ParameterKind

__all__ = ["map_limits", "map_sources", "maps_over", "maps_over_files", "maps_over_rows"]


def map_sources(situation: Situation) -> Iterator[Problem]:
    """A map is over one thing."""
    for node, over in _mapped(situation):
        said = [name for name in ("over", "rows", "files") if getattr(over, name) is not None]
        if said in (["over"], ["rows"], ["over", "files"]):
            continue
        message = f"{node.id} is mapped over {' and '.join(said)}" if said else f"{node.id} is mapped over nothing"
        if said == ["files"]:
            message = f"{node.id} is mapped over files, and no parameter gets their paths"
        hint = "write {over: NAME}, {rows: NODE.OUTPUT} or {files: PATTERN, over: PARAMETER}"
        yield situation.about("map-over", message, _at(situation, node), hint=hint)


def map_limits(situation: Situation) -> Iterator[Problem]:
    for node, over in _mapped(situation):
        if over.parallel is not None and over.parallel < 1:
            message = f"{node.id}: parallel has to be 1 or more, is {over.parallel}"
            yield situation.about(
                "wrong-value", message, _at(situation, node, "parallel"), hint="change it, or remove it"
            )
        if node.at_end is not None or node.teardown_of:
            what = "cleans up" if node.teardown_of else "runs at the run's end"
            message = f"{node.id} {what}, which is done once, and is mapped"
            yield situation.about("two-purposes", message, _at(situation, node), hint="map another node before it")
    setups = {setup for node in situation.pipeline.nodes.values() for setup in node.teardown_of}
    for node, _ in _mapped(situation):
        if node.id in setups:
            message = f"{node.id} sets something up, which is done once, and is mapped"
            yield situation.about("two-purposes", message, _at(situation, node), hint="map a node between the two")


def maps_over(situation: Situation) -> Iterator[Problem]:
    """`over` names an input that a list feeds, or a parameter."""
    for node, component, over in _known(situation):
        if over.over is None:
            continue
        port, parameter = component.input(over.over), component.parameter(over.over)
        if port is None and parameter is None:
            names = [each.name for each in component.inputs] + [each.name for each in component.parameters]
            hint = situation.did_you_mean(over.over, names, f"its inputs and parameters are {', '.join(names)}")
            message = f"{node.id} is mapped over {over.over}, which it does not have"
            yield situation.about("map-over", message, _at(situation, node, "over"), hint=hint)
        elif parameter is not None and ParameterKind.SECRET in _kinds(parameter):
            message = f"{node.id} is mapped over {over.over}, which is a secret"
            yield situation.about("map-over", message, _at(situation, node, "over"), hint="map it over something else")
        elif over.files is None:
            yield from _fed_by_one(situation, node, over.over)


def _kinds(parameter: Parameter) -> tuple[ParameterKind | None, ...]:
    return parameter.type.kind, None if parameter.type.item is None else parameter.type.item.kind


def _fed_by_one(situation: Situation, node: Node, name: str) -> Iterator[Problem]:
    """One output that is no list: the types fit, for one value may stand for a list of one, but nothing is mapped."""
    sources = node.inputs.get(name, ())
    feeder = situation.component(sources[0].node) if len(sources) == 1 else None
    output = None if feeder is None else feeder.output(sources[0].port)
    if output is not None and not output.type.many and output.type.name not in ("Json", "Any"):
        message = f"{node.id} is mapped over {name}, and {sources[0]} gives one {output.type}, not a list"
        hint = "connect an output that is a list, or several outputs"
        yield situation.at("map-over", message, node.id, port=name, hint=hint)


def maps_over_rows(situation: Situation) -> Iterator[Problem]:
    """`rows` names a table."""
    for node, over in _mapped(situation):
        rows = over.rows
        if rows is None:
            continue
        where = _at(situation, node, "rows")
        if rows.node not in situation.pipeline.nodes:
            hint = situation.did_you_mean(rows.node, situation.pipeline.nodes, "name a node's output that is a table")
            message = f"{node.id} is mapped over the rows of {rows}, but there is no node {rows.node}"
            yield situation.about("unknown-node", message, where, hint=hint)
            continue
        feeder = situation.component(rows.node)
        output = None if feeder is None else feeder.output(rows.port)
        if feeder is None:
            continue
        if output is None:
            names = [each.name for each in feeder.outputs]
            hint = situation.did_you_mean(rows.port, names, f"its outputs are {', '.join(names) or 'none'}")
            message = f"{node.id} is mapped over the rows of {rows}, but {rows.node} has no output {rows.port}"
            yield situation.about("unknown-port", message, where, hint=hint)
        elif str(output.type) not in ("Table", "Any"):
            message = f"{node.id} is mapped over the rows of {rows}, which gives {output.type}"
            yield situation.about("type-mismatch", message, where, hint="name an output that is a table")
        else:
            yield from _columns(situation, node, over)


def _columns(situation: Situation, node: Node, over: Map) -> Iterator[Problem]:
    """Only where the columns are known: one of them has to be a parameter."""
    component = situation.component(node.id)
    columns = situation.columns.get(over.rows) if over.rows is not None else None
    if component is None or columns is None:
        return
    names = [each.name for each in component.parameters]
    if not set(columns) & set(names):
        message = f"no column of {over.rows} is called as a parameter of {node.id}"
        hint = f"its parameters are {', '.join(names) or 'none'}; the columns are {', '.join(columns[:20])}"
        yield situation.about("unknown-column", message, _at(situation, node, "rows"), hint=hint)


def maps_over_files(situation: Situation) -> Iterator[Problem]:
    """The pattern stays within the project, and a parameter takes the paths."""
    for node, component, over in _known(situation):
        if over.files is None:
            continue
        pattern = PurePosixPath(over.files)
        if not over.files or pattern.is_absolute() or ".." in pattern.parts:
            message = f"{node.id} is mapped over the files {over.files!r}, which are not in the project"
            hint = "write a pattern from the project's folder, as data/*.csv"
            yield situation.about("map-over", message, _at(situation, node, "files"), hint=hint)
        parameter = component.parameter(over.over or "")
        if over.over is not None and component.input(over.over) is not None:
            message = f"{node.id} is mapped over files, whose paths are for a parameter, and {over.over} is an input"
            yield situation.about("map-over", message, _at(situation, node, "over"), hint="name a parameter")
        elif parameter is not None and parameter.type.kind not in (ParameterKind.PATH, ParameterKind.STR):
            message = f"{node.id}.{over.over} wants {parameter.type.kind}, and would get the path of a file"
            yield situation.about(
                "map-over", message, _at(situation, node, "over"), hint="name a parameter that is a path"
            )


def _mapped(situation: Situation) -> Iterator[tuple[Node, Map]]:
    for node in situation.pipeline.nodes.values():
        if node.map is not None:
            yield node, node.map


def _known(situation: Situation) -> Iterator[tuple[Node, Component, Map]]:
    for node, component in situation.known_nodes():
        if node.map is not None:
            yield node, component, node.map


def _at(situation: Situation, node: Node, *keys: str) -> Where:
    return replace(situation.places.key("nodes", node.id, "map", *keys), node=node.id)
