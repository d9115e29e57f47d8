"""Mirror: the canvas as numpy arrays, for what touches every node at once: hit tests, marquee, far view, minimap.

    boxes   (n, 4)  x, y, width, height of each node, in the order of the pipeline
    states  (n,)    index into `state_names`
    edges   (m, 4)  source row, its port's y; target row, its port's y

Positions and states are kept up to date a row at a time; a change of structure makes the arrays anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from treadle_gui.canvas.edge_item import EdgeItem
from treadle_gui.canvas.node_item import NodeItem

__all__ = ["Mirror"]


class Mirror:
    """Arrays over the items of a scene."""

    def __init__(self, nodes: Mapping[str, NodeItem], edges: Iterable[EdgeItem]) -> None:
        self.ids = tuple(nodes)
        self._row = {node: row for row, node in enumerate(self.ids)}
        self.boxes: NDArray[np.float64] = np.array(
            [(item.x(), item.y(), item.width, item.height) for item in nodes.values()], dtype=np.float64
        ).reshape(-1, 4)
        self.state_names: list[str] = [""]
        self.states = np.zeros(len(self.ids), dtype=np.int16)
        self.selected = np.zeros(len(self.ids), dtype=np.bool_)
        for row, item in enumerate(nodes.values()):
            self.states[row] = self._state_index(item.run.state)
            self.selected[row] = item.selected
        self._ends, self._heights = self._edge_arrays(list(edges))

    def _edge_arrays(self, edges: list[EdgeItem]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        ends = np.zeros((len(edges), 2), dtype=np.int64)
        heights = np.zeros((len(edges), 2), dtype=np.float64)
        for index, item in enumerate(edges):
            source, target = item.edge.source, item.edge.target
            ends[index] = self._row[source.node], self._row[target.node]
            heights[index] = item.source.output_row_y(source.port), item.target.input_row_y(target.port)
        return ends, heights

    def _state_index(self, state: str) -> int:
        if state not in self.state_names:
            self.state_names.append(state)
        return self.state_names.index(state)

    def __len__(self) -> int:
        return len(self.ids)

    def move(self, node: str, x: float, y: float) -> None:
        self.boxes[self._row[node], :2] = x, y

    def set_state(self, node: str, state: str) -> None:
        self.states[self._row[node]] = self._state_index(state)

    def select(self, nodes: Iterable[str]) -> None:
        self.selected[:] = False
        for node in nodes:
            if node in self._row:
                self.selected[self._row[node]] = True

    def lines(self) -> NDArray[np.float64]:
        """The edges as straight lines: (m, 4), x1 y1 x2 y2."""
        source, target = self.boxes[self._ends[:, 0]], self.boxes[self._ends[:, 1]]
        return np.stack(
            [
                source[:, 0] + source[:, 2],
                source[:, 1] + self._heights[:, 0],
                target[:, 0],
                target[:, 1] + self._heights[:, 1],
            ],
            axis=1,
        )

    def bounds(self, nodes: Iterable[str] | None = None) -> QRectF:
        """Around all nodes, or around these."""
        rows = slice(None) if nodes is None else [self._row[node] for node in nodes if node in self._row]
        boxes = self.boxes[rows]
        if len(boxes) == 0:
            return QRectF()
        left, top = boxes[:, 0].min(), boxes[:, 1].min()
        right, bottom = (boxes[:, 0] + boxes[:, 2]).max(), (boxes[:, 1] + boxes[:, 3]).max()
        return QRectF(float(left), float(top), float(right - left), float(bottom - top))

    def touching(self, rect: QRectF) -> NDArray[np.intp]:
        """The rows of the nodes that overlap `rect`."""
        boxes = self.boxes
        return np.flatnonzero(
            (boxes[:, 0] < rect.right())
            & (boxes[:, 0] + boxes[:, 2] > rect.left())
            & (boxes[:, 1] < rect.bottom())
            & (boxes[:, 1] + boxes[:, 3] > rect.top())
        )

    def nodes_in(self, rect: QRectF) -> frozenset[str]:
        """The nodes that overlap `rect`."""
        return frozenset(self.ids[row] for row in self.touching(rect))

    def nodes_near(self, point: QPointF, reach: float) -> list[str]:
        """The nodes within `reach` of `point`, topmost last."""
        around = QRectF(point.x() - reach, point.y() - reach, 2 * reach, 2 * reach)
        return [self.ids[row] for row in self.touching(around)]

    def next_in(self, node: str, dx: int, dy: int) -> str | None:
        """The nearest node in a direction (unit steps): near beats straight, but not by more than twice."""
        row = self._row.get(node)
        if row is None or len(self) < 2:
            return None
        middles = self.boxes[:, :2] + self.boxes[:, 2:] / 2
        gap = middles - middles[row]
        along = gap[:, 0] * dx + gap[:, 1] * dy
        aside = np.abs(gap[:, 0] * dy + gap[:, 1] * dx)
        cost = np.where(along > 1.0, along + 2 * aside, np.inf)
        best = int(np.argmin(cost))
        return self.ids[best] if np.isfinite(cost[best]) else None

    def reading_order(self) -> list[str]:
        """From left to right, then down: how a person would walk the nodes."""
        return [self.ids[row] for row in np.lexsort((self.boxes[:, 1], self.boxes[:, 0]))]
