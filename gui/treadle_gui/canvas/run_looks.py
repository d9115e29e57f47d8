"""RunLooks: what a run says about nodes and edges, on their items: states, flow, rows, outputs that were not given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from treadle.spec.pipeline import Edge
from treadle.spec.problems import Problem, Severity
from treadle_gui.canvas.edge_item import EdgeItem
from treadle_gui.canvas.faces import NO_RUN, RunFace
from treadle_gui.canvas.node_item import NodeItem
from treadle_gui.canvas.node_parts import OUTPUT

__all__ = ["RunLooks"]

_COUNTING: Final = ("running", "retrying")


class RunLooks:
    """Looks at the items that the scene keeps: `nodes` by id, `touching` by node its edges, `problems` by node.

    `restate(node, state)` is told of each node that changed state. `running` are the nodes whose words count on: those
    that the run works on, and those that wait to be tried again.
    """

    def __init__(
        self,
        nodes: Mapping[str, NodeItem],
        touching: Mapping[str, Mapping[Edge, EdgeItem]],
        restate: Callable[[str, str], None],
    ) -> None:
        self.running: set[str] = set()
        self._nodes = nodes
        self._touching = touching
        self._restate = restate
        self._faces: dict[str, RunFace] = {}
        self._problems: Mapping[str, list[Problem]] = {}

    def face(self, node: str) -> RunFace:
        return self._faces.get(node, NO_RUN)

    def show(self, faces: Mapping[str, RunFace], *, repaint: bool = True) -> None:
        """Shows what the run says about these nodes. `repaint` is False where the view repaints as a whole."""
        begun_or_ended: list[str] = []
        gave: list[str] = []
        for name, face in faces.items():
            self._note(name, face)
            item = self._nodes.get(name)
            if item is None or item.run == face:
                continue
            before = item.run
            item.show_run(face, repaint=repaint)
            if before.state != face.state:
                self._restate(name, face.state)
            if (before.state == "running") is not (face.state == "running"):
                begun_or_ended.append(name)
            if before.rows != face.rows or (before.made != face.made and item.may_go_either_way):
                gave.append(name)
        self._show_flows(begun_or_ended, gave)

    def clear(self) -> None:
        self.show(dict.fromkeys([name for name, face in self._faces.items() if face != NO_RUN], NO_RUN))
        self._faces.clear()

    def show_edge(self, item: EdgeItem) -> None:
        """How one edge looks: whether values flow, were given, may flow, and how many rows."""
        edge = item.edge
        source, target = self.face(edge.source.node), self.face(edge.target.node)
        absent = source.made is not None and edge.source.port not in source.made
        port = item.source.port((OUTPUT, edge.source.port)) if absent else None
        item.set_flow(
            running=target.state == "running",
            invalid=self._is_invalid(edge),
            not_taken=port is not None and port.may_stay_away,
        )
        siblings = self._siblings(edge)
        item.shares_output = len(siblings) > 1
        item.show_rows(source.rows_of(edge.source.port) if siblings[0] is item else None)

    def show_siblings(self, edge: Edge) -> None:
        """The edges from the same output, one of which came or went."""
        for item in self._siblings(edge):
            self.show_edge(item)

    def set_problems(self, problems: Mapping[str, list[Problem]], differing: Iterable[str]) -> None:
        """Validation says something else about the nodes `differing`."""
        self._problems = problems
        for name in differing:
            for item in self._touching.get(name, {}).values():
                self.show_edge(item)

    def _note(self, name: str, face: RunFace) -> None:
        self._faces[name] = face
        if face.state in _COUNTING:
            self.running.add(name)
        else:
            self.running.discard(name)

    def _show_flows(self, begun_or_ended: Iterable[str], gave: Iterable[str]) -> None:
        """The edges into nodes that work now or no more, and those out of nodes whose outputs are known now."""
        for name in begun_or_ended:
            running = self._faces[name].state == "running"
            for edge, item in self._touching.get(name, {}).items():
                if edge.target.node == name:
                    item.set_running(running)
        for name in gave:
            for edge, item in self._touching.get(name, {}).items():
                if edge.source.node == name:
                    self.show_edge(item)

    def _is_invalid(self, edge: Edge) -> bool:
        found = self._problems.get(edge.target.node, ())
        return any(each.where.port == edge.target.port and each.severity is Severity.ERROR for each in found)

    def _siblings(self, edge: Edge) -> list[EdgeItem]:
        """The edges that start at the same output, this one included."""
        touching = self._touching.get(edge.source.node, {})
        return [item for other, item in touching.items() if other.source == edge.source]
