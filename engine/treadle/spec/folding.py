"""Folding: nodes become the inside of one node, and back. Neither changes what is worked out, nor from what.

What crosses the border becomes a port; a parameter of the pipeline that a node inside refers to becomes one of the
group's, given the same. What no port can say (an order that holds for a part of them) is refused by a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from treadle.spec import graph
from treadle.spec.edits import UnknownNode, rename_nodes, unused_id
from treadle.spec.flattening import ComponentOf, opened
from treadle.spec.own_ports import unused_name
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Point
from treadle.spec.subpipelines import NO_FILES, PipelineFiles, inner
from treadle.spec.values import Reference, Value, parameters_in

__all__ = ["NotFoldable", "embed", "fold", "unfold", "use_file"]


class NotFoldable(ValueError):
    """These nodes can't be one; the message says why."""


def fold(pipeline: Pipeline, ids: Iterable[str], name: str = "group") -> tuple[Pipeline, str]:
    """With the nodes `ids` folded into a new one, and its id. Raises UnknownNode, NotFoldable."""
    chosen = dict.fromkeys(ids)
    for id_ in chosen:
        if id_ not in pipeline.nodes:
            raise UnknownNode(id_)
    border = _Border(pipeline, frozenset(chosen))
    border.check()
    group = unused_id(pipeline, name)
    corner = _corner(pipeline, chosen)
    inside = Pipeline(
        name=name,
        params={each: pipeline.params[each] for each in border.params()},
        inputs=border.inputs(),
        outputs=border.outputs(),
        nodes={id_: border.inner(node) for id_, node in pipeline.nodes.items() if id_ in chosen},
        view={id_: _moved(at, (-corner[0], -corner[1])) for id_, at in pipeline.view.items() if id_ in chosen},
    )
    node = Node(
        group,
        "",
        inputs=border.fed,
        params={each: str(Reference("params", each)) for each in inside.params},
        after=border.waited_for(),
        pipeline=inside,
    )
    return _with_group(pipeline, node, border, corner), group


def _corner(pipeline: Pipeline, ids: Iterable[str]) -> Point:
    places = [pipeline.view[id_] for id_ in ids if id_ in pipeline.view] or [(0.0, 0.0)]
    return float(round(min(x for x, _ in places))), float(round(min(y for _, y in places)))


def _moved(at: Point, by: Point) -> Point:
    return at[0] + by[0], at[1] + by[1]


@dataclass(slots=True)
class _Border:
    """Between `within`, the nodes to be folded, and the others."""

    pipeline: Pipeline
    within: frozenset[str]
    fed: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    """What feeds each input of the group, once `inputs` was asked for."""
    given: dict[Endpoint, str] = field(default_factory=dict)
    """The group's output for each inner one that is read outside, once `outputs` was asked for."""

    def _members(self) -> Iterator[Node]:
        return (node for id_, node in self.pipeline.nodes.items() if id_ in self.within)

    def _others(self) -> Iterator[Node]:
        return (node for id_, node in self.pipeline.nodes.items() if id_ not in self.within)

    def check(self) -> None:
        """Raises NotFoldable."""
        if not self.within:
            raise NotFoldable("choose the nodes that are to be one")
        between = graph.descendants(self.pipeline, *self.within) & graph.ancestors(self.pipeline, *self.within)
        if outside := sorted(between - self.within):
            raise NotFoldable(f"{outside[0]} stands between them: choose it too")
        awaited = self.waited_for()
        for node in self.pipeline.nodes.values():
            self._check_map(node)
        for node in self._members():
            self._check_inputs(node)
            self._check_order(node, awaited)
        for node in self._others():
            self._check_reader(node)

    def _check_map(self, node: Node) -> None:
        rows = None if node.map is None else node.map.rows
        if rows is not None and (node.id in self.within) is not (rows.node in self.within):
            raise NotFoldable(f"{node.id} is mapped over the rows of {rows}: choose both, or neither")

    def _check_inputs(self, node: Node) -> None:
        for port, sources in node.inputs.items():
            inner = [source.node in self.within for source in sources]
            if inner != sorted(inner, reverse=True):
                raise NotFoldable(f"{node.id}.{port} reads a node outside before one of these")
        if node.at_end is not None and any(end.node == node.id for end in self._read()):
            raise NotFoldable(f"{node.id} runs when everything else has ended, so nothing outside can read it")

    def _check_order(self, node: Node, awaited: tuple[str, ...]) -> None:
        """All that begin the group wait for the same by order alone, and no other waits for anything so."""
        if set(node.teardown_of) - self.within:
            raise NotFoldable(f"{node.id} cleans up after {node.teardown_of[0]}: choose it too")
        own, is_first = self._after(node), not (self.pipeline.upstream(node.id) & self.within)
        if own and (not is_first or own != awaited):
            raise NotFoldable(f"{node.id} waits for {own[0]}, and not all of these do: choose it too")
        if awaited and is_first and not own:
            raise NotFoldable(f"{node.id} does not wait for {awaited[0]}, as others of these do")

    def _check_reader(self, node: Node) -> None:
        if self.within & set(node.teardown_of):
            raise NotFoldable(f"{node.id} cleans up after one of these: choose it too")
        waited = self.within & set(node.after)
        if waited and waited != self._last():
            raise NotFoldable(f"{node.id} waits for a part of these: choose it too")

    def _after(self, node: Node) -> tuple[str, ...]:
        return tuple(other for other in node.after if other not in self.within)

    def _last(self) -> AbstractSet[str]:
        """Whom those outside wait for that wait for the group."""
        working = {node.id for node in self._members() if not node.teardown_of and node.at_end is None}
        return working - {other for id_ in working for other in self.pipeline.upstream(id_)}

    def waited_for(self) -> tuple[str, ...]:
        """Whom the group waits for by order alone."""
        return next((awaited for node in self._members() if (awaited := self._after(node))), ())

    def _read(self) -> Iterator[Endpoint]:
        """Outputs inside that are read outside, in order, some more than once."""
        for node in self._others():
            yield from (end for sources in node.inputs.values() for end in sources if end.node in self.within)
        yield from (end for end in self.pipeline.outputs.values() if end.node in self.within)

    def params(self) -> list[str]:
        """The pipeline's parameters that nodes inside refer to."""
        used = {each.name for node in self._members() for value in _values(node) for each in parameters_in(value)}
        return [name for name in self.pipeline.params if name in used]

    def inputs(self) -> dict[str, tuple[Endpoint, ...]]:
        """An input for each different thing that feeds the nodes inside."""
        taken = set(self.params())
        ports: dict[tuple[object, ...], list[Endpoint]] = {}
        for node in self._members():
            for port, sources in node.inputs.items():
                outer = tuple(source for source in sources if source.node not in self.within)
                if outer:
                    ports.setdefault(outer, []).append(Endpoint(node.id, port))
        for port, ends in self.pipeline.inputs.items():
            if inner := [end for end in ends if end.node in self.within]:
                ports.setdefault((port,), []).extend(inner)
        found: dict[str, tuple[Endpoint, ...]] = {}
        for source, fed in ports.items():
            name = unused_name(fed[0].port, [*found, *taken])
            found[name] = tuple(fed)
            self.fed[name] = tuple(each for each in source if isinstance(each, Endpoint))
        self.fed = {name: sources for name, sources in self.fed.items() if sources}
        return found

    def outputs(self) -> dict[str, Endpoint]:
        for end in self._read():
            if end not in self.given:
                self.given[end] = unused_name(end.port, self.given.values())
        return {port: end for end, port in self.given.items()}

    def inner(self, node: Node) -> Node:
        """`node` as it stands inside."""
        inputs = {port: tuple(end for end in ends if end.node in self.within) for port, ends in node.inputs.items()}
        return replace(
            node,
            inputs={port: ends for port, ends in inputs.items() if ends},
            after=tuple(other for other in node.after if other in self.within),
        )


def _values(node: Node) -> Iterator[Value]:
    yield from node.params.values()
    yield from node.policy.environment.variables.values()


def _with_group(pipeline: Pipeline, group: Node, border: _Border, corner: Point) -> Pipeline:
    def outside(end: Endpoint) -> Endpoint:
        return Endpoint(group.id, border.given[end]) if end in border.given else end

    nodes: dict[str, Node] = {}
    for id_, node in pipeline.nodes.items():
        if id_ in border.within:
            nodes.setdefault(group.id, group)
            continue
        inputs = {port: tuple(map(outside, ends)) for port, ends in node.inputs.items()}
        after = tuple(dict.fromkeys(group.id if other in border.within else other for other in node.after))
        same = inputs == node.inputs and after == node.after
        nodes[id_] = node if same else replace(node, inputs=inputs, after=after)
    view = {id_: at for id_, at in pipeline.view.items() if id_ not in border.within}
    return replace(
        pipeline,
        nodes=nodes,
        view={**view, group.id: corner},
        inputs=_rerouted(pipeline, group, border.within),
        outputs={port: outside(end) for port, end in pipeline.outputs.items()},
    )


def _rerouted(pipeline: Pipeline, group: Node, within: AbstractSet[str]) -> dict[str, tuple[Endpoint, ...]]:
    """The pipeline's own inputs, which feed the group's where they fed nodes that are in it."""
    assert group.pipeline is not None
    ports = {end: port for port, ends in group.pipeline.inputs.items() if port not in group.inputs for end in ends}
    return {
        port: tuple(dict.fromkeys(Endpoint(group.id, ports[end]) if end.node in within else end for end in ends))
        for port, ends in pipeline.inputs.items()
    }


def unfold(
    pipeline: Pipeline, name: str, files: PipelineFiles = NO_FILES, component_of: ComponentOf = lambda _uses: None
) -> tuple[Pipeline, frozenset[str]]:
    """With the nodes inside `name` in its place, and their ids. Raises UnknownNode, NotFoldable."""
    node = pipeline.nodes.get(name)
    if node is None:
        raise UnknownNode(name)
    if node.map is not None:
        raise NotFoldable(f"{name} is mapped: what is inside runs once for each item")
    within = inner(node, files)
    for end in (end for ends in pipeline.inputs.values() for end in ends):
        if end.node == name and within is not None and end.port in within.params:
            raise NotFoldable(f"an input of the pipeline feeds {end}, which is a parameter inside")
    flat = opened(pipeline, name, files, component_of)
    if not node.is_pipeline or flat.problems:
        raise NotFoldable(flat.problems[0].message if flat.problems else f"{name} is no pipeline")
    found = flat.pipeline
    prefix = f"{name}/"
    taken = set(pipeline.nodes) - {name}
    names: dict[str, str] = {}
    for id_ in found.nodes:
        if id_.startswith(prefix):
            names[id_] = unused_name(id_.removeprefix(prefix), taken)
            taken.add(names[id_])
    return replace(rename_nodes(found, names), view=_places(pipeline, node, files, names)), frozenset(names.values())


def _places(pipeline: Pipeline, node: Node, files: PipelineFiles, names: Mapping[str, str]) -> dict[str, Point]:
    """`names` are of the nodes inside, by the way to them."""
    view = {id_: at for id_, at in pipeline.view.items() if id_ != node.id}
    within = inner(node, files)
    corner = pipeline.view.get(node.id, (0.0, 0.0))
    for id_, at in within.view.items() if within is not None else ():
        if f"{node.id}/{id_}" in names:
            view[names[f"{node.id}/{id_}"]] = _moved(at, corner)
    return view


def embed(pipeline: Pipeline, name: str, inside: Pipeline) -> Pipeline:
    """With `inside` folded into the node, whatever it used before. Raises UnknownNode."""
    return _exchanged(pipeline, name, uses="", inside=inside)


def use_file(pipeline: Pipeline, name: str, uses: str) -> Pipeline:
    """With the node using a file of the project instead of the pipeline that it holds. Raises UnknownNode."""
    return _exchanged(pipeline, name, uses=uses, inside=None)


def _exchanged(pipeline: Pipeline, name: str, uses: str, inside: Pipeline | None) -> Pipeline:
    if name not in pipeline.nodes:
        raise UnknownNode(name)
    node = replace(pipeline.nodes[name], uses=uses, pipeline=inside)
    return replace(pipeline, nodes={**pipeline.nodes, name: node})
