"""Borders: a pipeline's own ports as two nodes of it, so that what draws and edits nodes does so for them.

    bordered(p)             p with a node INPUTS, whose outputs are p's inputs, and OUTPUTS, whose inputs its outputs
    through_border(p, f)    what the edit f of bordered(p) makes of p

The two stand in no pipeline that is kept: their names are none that a node may have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from treadle.spec.component import Component, InputPort, OutputPort
from treadle.spec.interfaces import CATEGORY
from treadle.spec.own_ports import unused_name
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Point

__all__ = [
    "INPUTS", "OUTPUTS", "border_components", "bordered", "goes_straight_through", "is_border", "through_border",
    "unused_border_port",
]  # fmt: skip

INPUTS: Final = "→inputs"
OUTPUTS: Final = "outputs→"
_COLUMN: Final = 280.0
"""From one node to the next, as the layout has it."""


def is_border(node: str) -> bool:
    return node in (INPUTS, OUTPUTS)


def goes_straight_through(source: Endpoint, target: Endpoint) -> bool:
    """From an input of the pipeline to an output of it: what nothing inside works on, no port can say."""
    return source.node == INPUTS and target.node == OUTPUTS


def unused_border_port(pipeline: Pipeline, border: str, wanted: str) -> str:
    """A name for one more port of `pipeline`, on that side."""
    taken: Iterable[str] = [*pipeline.inputs, *pipeline.params] if border == INPUTS else pipeline.outputs
    return unused_name(wanted, taken)


def border_components(own: Component) -> dict[str, Component]:
    """What the two use; `own` is the component that the pipeline is where a node uses it."""
    gives = tuple(OutputPort(port.name, port.type, port.help) for port in own.inputs)
    takes = tuple(InputPort(port.name, port.type, help=port.help) for port in own.outputs)
    common = replace(own, parameters=(), inputs=(), outputs=(), category=CATEGORY, nodes=0)
    return {
        INPUTS: replace(common, uses=INPUTS, title="Inputs", outputs=gives, icon="login"),
        OUTPUTS: replace(common, uses=OUTPUTS, title="Outputs", inputs=takes, icon="logout"),
    }


def bordered(pipeline: Pipeline) -> Pipeline:
    """With the two at its sides. Nodes that no input of it feeds are the very same."""
    fed: dict[str, dict[str, list[Endpoint]]] = {}
    for port, ends in pipeline.inputs.items():
        for end in ends:
            fed.setdefault(end.node, {}).setdefault(end.port, []).append(Endpoint(INPUTS, port))
    nodes = {INPUTS: Node(INPUTS, INPUTS)}
    nodes |= {name: _fed(node, fed[name]) if name in fed else node for name, node in pipeline.nodes.items()}
    nodes[OUTPUTS] = Node(OUTPUTS, OUTPUTS, inputs={port: (end,) for port, end in pipeline.outputs.items()})
    return replace(pipeline, nodes=nodes, view={**pipeline.view, **_places(pipeline.view)})


def _fed(node: Node, ports: Mapping[str, list[Endpoint]]) -> Node:
    inputs = {**node.inputs}
    for port, sources in ports.items():
        inputs[port] = (*inputs.get(port, ()), *sources)
    return replace(node, inputs=inputs)


def _places(view: Mapping[str, Point]) -> dict[str, Point]:
    """A column left of all nodes, and one right of them; where none has a place the layout finds one for these too."""
    if not view:
        return {}
    middle = (min(y for _, y in view.values()) + max(y for _, y in view.values())) / 2
    left, right = min(x for x, _ in view.values()), max(x for x, _ in view.values())
    return {INPUTS: (left - _COLUMN, middle), OUTPUTS: (right + _COLUMN, middle)}


def through_border(pipeline: Pipeline, change: Callable[[Pipeline], Pipeline]) -> Pipeline:
    """`pipeline` with what `change` does to it as `bordered`. Raises what `change` raises."""
    drawn = bordered(pipeline)
    edited = change(drawn)
    if edited is drawn:
        return pipeline
    nodes = {
        name: pipeline.nodes[name] if node is drawn.nodes.get(name) else _without_border(node)
        for name, node in edited.nodes.items()
        if not is_border(name)
    }
    return replace(
        edited,
        nodes=nodes,
        inputs=_inputs(pipeline, edited),
        outputs=_outputs(edited.nodes.get(OUTPUTS)),
        view={name: at for name, at in edited.view.items() if not is_border(name)},
    )


def _without_border(node: Node) -> Node:
    inputs = {port: tuple(end for end in ends if end.node != INPUTS) for port, ends in node.inputs.items()}
    return replace(node, inputs={port: ends for port, ends in inputs.items() if ends})


def _inputs(before: Pipeline, edited: Pipeline) -> dict[str, tuple[Endpoint, ...]]:
    """The ports that feed something, in the order that they and their ends had; one that leads nowhere stays so."""
    found: dict[str, list[Endpoint]] = {
        port: [end for end in ends if end.node not in before.nodes] for port, ends in before.inputs.items()
    }
    for name, node in edited.nodes.items():
        if not is_border(name):
            for port, sources in node.inputs.items():
                for source in (each for each in sources if each.node == INPUTS):
                    found.setdefault(source.port, []).append(Endpoint(name, port))
    return {port: _in_order(ends, before.inputs.get(port, ())) for port, ends in found.items() if ends}


def _in_order(ends: list[Endpoint], before: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    kept = [end for end in before if end in ends]
    return tuple(dict.fromkeys([*kept, *ends]))


def _outputs(border: Node | None) -> dict[str, Endpoint]:
    given = {} if border is None else border.inputs
    return {port: ends[-1] for port, ends in given.items() if ends[-1].node != INPUTS}
