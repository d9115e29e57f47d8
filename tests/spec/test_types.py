from __future__ import annotations

import pytest

from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.types import DATA_TYPES, SCALAR_TYPES, PortType, assignable


@pytest.mark.parametrize("name", [*DATA_TYPES, *SCALAR_TYPES])
@pytest.mark.parametrize("many", [False, True])
def test_a_type_survives_its_text(name, many):
    assert PortType.parse(str(PortType(name, many))) == PortType(name, many)
    assert PortType(name).is_scalar == (name in SCALAR_TYPES)


@pytest.mark.parametrize("text", ["Tabel", "list[Tabel]", "list[list[Tabel]]", ""])
def test_an_unknown_type_is_refused(text):
    with pytest.raises(ValueError, match="unknown port type"):
        PortType.parse(text)


@pytest.mark.parametrize(
    ("source", "target", "fits"),
    [
        ("Table", "Table", True), ("Table", "Model", False), ("Table", "list[Table]", True),
        ("list[Table]", "Table", False),
        ("list[Table]", "list[Table]", True), ("list[Table]", "Any", True), ("Any", "Model", True),
        ("int", "float", True),
        ("float", "int", False), ("Metrics", "Json", True), ("Json", "Metrics", False), ("Figure", "Image", True),
    ],
)  # fmt: skip
def test_which_output_feeds_which_input(source, target, fits):
    assert assignable(PortType.parse(source), PortType.parse(target)) == fits


def test_a_node_waits_for_what_feeds_it_and_for_what_it_comes_after():
    node = Node("b", "m.f", {"x": (Endpoint("a", "y"), Endpoint("c", "y"))}, after=("d",))
    assert Pipeline(nodes={"b": node}).upstream("b") == {"a", "c", "d"}
