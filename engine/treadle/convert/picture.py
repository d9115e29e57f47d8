"""A pipeline as an SVG picture: what the canvas shows, for a report or a review."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Final

from treadle.convert.exported import Components, Exported
from treadle.spec.layout import arrange
from treadle.spec.node_component import called, component_of
from treadle.spec.pipeline import Edge, Node, Pipeline, Point
from treadle.spec.problems import Problem

__all__ = ["export_svg"]

WIDTH: Final = 208
HEADER: Final = 34
SUBLINE: Final = 18
ROW: Final = 22
MARGIN: Final = 32
FONT: Final = "Inter, 'Segoe UI', 'DejaVu Sans', sans-serif"
TYPE_COLOURS: Final[Mapping[str, str]] = {
    "Table": "#1F66C1", "Model": "#A95A08", "Metrics": "#2C7A37", "Figure": "#A33188", "Image": "#A33188",
}  # fmt: skip
OTHER: Final = "#5A6675"
TEXT: Final = "#16202C"
SUBTEXT: Final = "#566273"
LINE: Final = "#CBD5E1"


def export_svg(pipeline: Pipeline, components: Components) -> Exported:
    """The drawing. Nodes without a position are arranged; a node of an unknown component is drawn too."""
    if not pipeline.nodes:
        return Exported("", (Problem("empty-pipeline", "the pipeline has no nodes", hint="add a component first"),))
    ports = {node.id: _ports(pipeline, node, components) for node in pipeline.nodes.values()}
    heights = {node_id: _height(*both) for node_id, both in ports.items()}
    places = _places(pipeline, heights)
    left = min(x for x, _ in places.values()) - MARGIN
    top = min(y for _, y in places.values()) - MARGIN
    right = max(x for x, _ in places.values()) + WIDTH + MARGIN
    bottom = max(places[node_id][1] + heights[node_id] for node_id in places) + MARGIN
    root = ElementTree.Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"{left:g} {top:g} {right - left:g} {bottom - top:g}",
        width=f"{right - left:g}", height=f"{bottom - top:g}", role="img",
    )  # fmt: skip
    root.set("font-family", FONT)
    ElementTree.SubElement(root, "title").text = pipeline.name
    for edge in pipeline.edges():
        _draw_edge(root, edge, places, ports, components, pipeline)
    for node in pipeline.nodes.values():
        _draw_node(root, node, places[node.id], ports[node.id], components)
    ElementTree.indent(root)
    return Exported(ElementTree.tostring(root, encoding="unicode") + "\n")


def _ports(pipeline: Pipeline, node: Node, components: Components) -> tuple[list[str], list[str]]:
    component = component_of(node, components)
    declared = [port.name for port in component.inputs] if component else []
    inputs = [*declared, *(port for port in node.inputs if port not in declared)]
    if component:
        return inputs, [port.name for port in component.outputs]
    used = [edge.source.port for edge in pipeline.edges() if edge.source.node == node.id]
    return inputs, list(dict.fromkeys(used))


def _height(inputs: list[str], outputs: list[str]) -> float:
    return HEADER + SUBLINE + ROW * max(len(inputs), len(outputs), 1) + 6


def _places(pipeline: Pipeline, heights: Mapping[str, float]) -> Mapping[str, Point]:
    placed = {node_id: pipeline.view[node_id] for node_id in pipeline.nodes if node_id in pipeline.view}
    if len(placed) == len(pipeline.nodes):
        return placed
    return arrange(pipeline, {node_id: (WIDTH, height) for node_id, height in heights.items()})


def _port_y(place: Point, row: int) -> float:
    return place[1] + HEADER + SUBLINE + ROW * (row + 0.5)


def _draw_edge(
    root: ElementTree.Element,
    edge: Edge,
    places: Mapping[str, Point],
    ports: Mapping[str, tuple[list[str], list[str]]],
    components: Components,
    pipeline: Pipeline,
) -> None:
    if edge.source.node not in places or edge.source.port not in ports[edge.source.node][1]:
        return
    start, end = places[edge.source.node], places[edge.target.node]
    x1, y1 = start[0] + WIDTH, _port_y(start, ports[edge.source.node][1].index(edge.source.port))
    x2, y2 = end[0], _port_y(end, ports[edge.target.node][0].index(edge.target.port))
    reach = min(max(abs(x2 - x1) / 2, 40), 160)
    path = f"M{x1:g},{y1:g} C{x1 + reach:g},{y1:g} {x2 - reach:g},{y2:g} {x2:g},{y2:g}"
    component = component_of(pipeline.nodes[edge.source.node], components)
    declared = component.output(edge.source.port) if component else None
    colour = TYPE_COLOURS.get(declared.type.name, OTHER) if declared else OTHER
    ElementTree.SubElement(root, "path", {"d": path, "fill": "none", "stroke": colour, "stroke-width": "2"})


def _draw_node(
    root: ElementTree.Element, node: Node, place: Point, ports: tuple[list[str], list[str]], components: Components
) -> None:
    component = component_of(node, components)
    group = ElementTree.SubElement(root, "g")
    x, y = place
    box = {"x": f"{x:g}", "y": f"{y:g}", "width": str(WIDTH), "height": f"{_height(*ports):g}", "rx": "8"}
    ElementTree.SubElement(group, "rect", {**box, "fill": "#FFFFFF", "stroke": LINE, "stroke-width": "1.5"})
    _text(group, x + 14, y + 22, called(node, component), 13, TEXT, font_weight="600")
    _text(group, x + 14, y + 44, node.id, 11, SUBTEXT)
    for row, port in enumerate(ports[0]):
        declared = component.input(port) if component else None
        _draw_port(group, x, _port_y(place, row), port, declared.type.name if declared else "", end=False)
    for row, port in enumerate(ports[1]):
        output = component.output(port) if component else None
        _draw_port(group, x + WIDTH, _port_y(place, row), port, output.type.name if output else "", end=True)


def _draw_port(group: ElementTree.Element, x: float, y: float, label: str, type_name: str, *, end: bool) -> None:
    place = {"cx": f"{x:g}", "cy": f"{y:g}", "r": "5"}
    ElementTree.SubElement(group, "circle", {**place, "fill": TYPE_COLOURS.get(type_name, OTHER)})
    _text(group, x - 12 if end else x + 14, y + 4, label, 11, TEXT, text_anchor="end" if end else "start")


def _text(
    group: ElementTree.Element,
    x: float,
    y: float,
    text: str,
    size: int,
    colour: str,
    **style: str,
) -> None:
    place = {"x": f"{x:g}", "y": f"{y:g}", "font-size": str(size), "fill": colour}
    element = ElementTree.SubElement(group, "text", {**place, **{k.replace("_", "-"): v for k, v in style.items()}})
    shown = text if len(text) <= 28 else text[:27] + "…"
    element.text = "".join(letter for letter in shown if letter.isprintable())
