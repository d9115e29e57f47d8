"""Declaring, renaming and removing a node's own ports: edges and paths follow, other nodes stay the same objects."""

from dataclasses import replace

import pytest
from spec.test_declared_ports import CLEAN, PIPELINE, TABLE

from treadle.spec.declared_ports import PortDeclaration
from treadle.spec.edits import UnknownNode
from treadle.spec.pipeline import Endpoint, Node
from treadle.spec.port_edits import Side, declare_port, declared, remove_port, rename_port, unused_port

READER = Node(
    "read", "script", {"a": (Endpoint("clean", "table"), Endpoint("load", "table")), "b": (Endpoint("clean", "table"),)}
)
BEFORE = replace(
    PIPELINE,
    nodes={
        **PIPELINE.nodes,
        "clean": replace(CLEAN, params={"path": "$in.data", "arguments": ["$in.data", {"x": "$out.table"}, 3]}),
        "read": READER,
    },
)


def test_a_port_is_declared_and_changed_in_its_place() -> None:
    made = declare_port(BEFORE, "clean", Side.OUTPUT, "plot", PortDeclaration())
    assert list(declared(made.nodes["clean"], Side.OUTPUT)) == ["table", "report", "plot"]
    changed = declare_port(made, "clean", Side.OUTPUT, "table", PortDeclaration(TABLE, "csv"))
    assert list(declared(changed.nodes["clean"], Side.OUTPUT)) == ["table", "report", "plot"]
    assert changed.nodes["load"] is BEFORE.nodes["load"]
    assert declare_port(changed, "clean", Side.OUTPUT, "plot", PortDeclaration()) is changed
    fed = declare_port(BEFORE, "clean", Side.INPUT, "x", PortDeclaration())
    assert list(declared(fed.nodes["clean"], Side.INPUT)) == ["data", "x"]


def test_edges_and_paths_follow_a_renamed_port() -> None:
    made = rename_port(BEFORE, "clean", Side.INPUT, "data", "rows")
    clean = made.nodes["clean"]
    assert (list(clean.inputs), list(clean.declared_inputs)) == (["rows"], ["rows"])
    assert clean.params == {"path": "$in.rows", "arguments": ["$in.rows", {"x": "$out.table"}, 3]}
    made = rename_port(BEFORE, "clean", Side.OUTPUT, "table", "rows")
    assert made.nodes["clean"].params["arguments"] == ["$in.data", {"x": "$out.rows"}, 3]
    assert made.nodes["read"].inputs == {
        "a": (Endpoint("clean", "rows"), Endpoint("load", "table")),
        "b": (Endpoint("clean", "rows"),),
    }
    assert made.nodes["load"] is BEFORE.nodes["load"]


def test_a_removed_port_leaves_no_edge() -> None:
    made = remove_port(BEFORE, "clean", Side.OUTPUT, "table")
    assert list(made.nodes["clean"].declared_outputs) == ["report"]
    assert made.nodes["read"].inputs == {"a": (Endpoint("load", "table"),)}
    made = remove_port(BEFORE, "clean", Side.INPUT, "data")
    assert (made.nodes["clean"].inputs, made.nodes["clean"].declared_inputs) == ({}, {})


def test_a_new_port_has_a_name_of_its_own() -> None:
    assert unused_port(CLEAN, "plot") == "plot"
    assert unused_port(CLEAN, "data") == "data_2"


def test_an_unknown_node_is_refused() -> None:
    with pytest.raises(UnknownNode):
        declare_port(BEFORE, "gone", Side.INPUT, "x", PortDeclaration())
