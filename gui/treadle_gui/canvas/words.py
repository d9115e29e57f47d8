"""What the canvas says in words: tooltips and what a screen reader hears. Plain text, a sentence a line."""

from __future__ import annotations

from PySide6.QtCore import QPointF

from treadle_gui.canvas.edge_item import EdgeItem
from treadle_gui.canvas.faces import NodeFace, PortFace, RunFace, rows_text
from treadle_gui.canvas.scene import CanvasScene
from treadle_gui.style.states import state_look

__all__ = ["describe_edge", "describe_node", "describe_port", "tooltip_at"]


def describe_node(face: NodeFace, run: RunFace) -> str:
    """Name, state, then what is wrong with it."""
    lines = [face.title if face.title == face.id else f"{face.title} ({face.id})"]
    if face.summary:
        lines.append(face.summary)
    if run.state:
        word = state_look(run.state).word
        lines.append(word if run.word in ("", word) else f"{word} · {run.word}")
    lines += [words for words in (run.attempt, run.message, run.reason) if words]
    if run.error:
        lines.append(run.error)
    lines += [mark.words for mark in face.flow]
    lines += face.problems
    if face.note:
        lines.append(face.note)
    return "\n".join(lines)


def describe_port(port: PortFace, side: str) -> str:
    kind = ("optional input" if port.optional else "input") if side == "in" else "output"
    lines = [f"{port.name}: {port.type} ({kind})"]
    if port.help:
        lines.append(port.help)
    if port.may_stay_away:
        lines.append("a way that may not be taken")
    if not port.known:
        lines.append("the component has no such port")
    return "\n".join(lines)


def describe_edge(edge: EdgeItem) -> str:
    """Type, both ends, and how many rows passed."""
    lines = [f"{edge.edge.source} → {edge.edge.target}", edge.type_name]
    if edge.not_taken:
        lines.append("not taken")
    rows = edge.source.run.rows_of(edge.edge.source.port)
    if rows is not None:
        lines.append(f"{rows_text(rows)} rows")
    return "\n".join(lines)


def tooltip_at(stage: CanvasScene, point: QPointF, reach: float) -> str:
    """The words for what lies under `point`; empty over nothing."""
    found = stage.port_at(point, reach)
    if found is not None:
        item, key = found
        port = item.port(key)
        return describe_port(port, key[0]) if port else ""
    node = stage.node_at(point)
    if node is not None:
        return describe_node(node.face, node.run)
    edge = stage.edge_at(point, reach)
    if edge is not None:
        return describe_edge(edge)
    order = stage.orders.at(point, reach)
    return f"{order[1]} waits for {order[0]}, without data from it" if order else ""
