"""Sizes and curves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF

from treadle.spec.layout import arrange
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle_gui.canvas.faces import NO_RUN, node_face
from treadle_gui.canvas.geometry import (
    GRID,
    PORT,
    distance_to_edge,
    edge_path,
    node_height,
    point_on_edge,
    port_y,
    snap,
)
from treadle_gui.canvas.ink import Ink
from treadle_gui.canvas.node_text import node_text, node_width
from treadle_gui.style.tokens import Theme

coordinates = st.floats(-10_000, 10_000)


@given(coordinates)
def test_snapping_stays_within_half_a_grid(value: float) -> None:
    assert abs(snap(value) - value) <= GRID / 2
    assert snap(value) % GRID == 0


@given(coordinates, coordinates, coordinates, coordinates)
def test_an_edge_begins_and_ends_at_its_ports(x1: float, y1: float, x2: float, y2: float) -> None:
    source, target = QPointF(x1, y1), QPointF(x2, y2)
    path = edge_path(source, target)
    assert path.pointAtPercent(0) == source
    assert path.pointAtPercent(1) == target
    assert point_on_edge(source, target, 0.0) == source


def test_an_edge_leaves_and_arrives_level() -> None:
    path = edge_path(QPointF(0, 0), QPointF(400, 200))
    assert path.angleAtPercent(0) % 360 == pytest.approx(0, abs=0.1)
    assert path.angleAtPercent(1) % 360 == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("t", [0.1, 0.5, 0.9])
def test_the_distance_to_an_edge_is_nothing_on_it(t: float) -> None:
    source, target = QPointF(0, 0), QPointF(400, 200)
    on = point_on_edge(source, target, t)
    assert distance_to_edge(source, target, on) < 1.5
    assert distance_to_edge(source, target, on + QPointF(0, 300)) > 50


def test_every_port_row_lies_inside_its_node() -> None:
    assert 0 < port_y(0) < port_y(3) < node_height(4)


def test_a_long_title_is_elided_before_its_node_reaches_the_next_column(theme: Theme) -> None:
    nodes = {
        "a": Node("a", "x.a", title="A title far longer than fits " * 4),
        "b": Node("b", "x.b", {"x": (Endpoint("a", "y"),)}),
    }
    pitch = arrange(Pipeline(nodes=nodes), {})["b"][0]
    ink = Ink(theme)
    face = node_face(nodes["a"], None)
    width = node_width(face, ink)
    assert width + 2 * PORT <= pitch
    assert node_text(face, NO_RUN, width, ink).title.text().endswith("…")
