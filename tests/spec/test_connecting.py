from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec.pipelines import CATALOG, churn

from treadle.spec import edits
from treadle.spec.component import Component, OutputPort, Parameter, SourceRef
from treadle.spec.connecting import connectable_sources, connectable_targets, input_type, refusal
from treadle.spec.pipeline import Endpoint, Pipeline
from treadle.spec.types import ParameterKind, ParameterType, PortType


def _why(source: str, target: str, p: Pipeline | None = None) -> str | None:
    return refusal(p or churn(), CATALOG, Endpoint(*source.split(".")), Endpoint(*target.split(".")))


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("load.table", "evaluate.model", "evaluate.model wants Model, load.table gives Table"),
        ("load.table", "load.path", "load can't feed itself"),
        ("fit.score", "split.size", "split already leads to fit: the two would wait for each other"),
        ("load.rows", "split.data", "load has no output rows"),
        ("load.table", "split.rows", "split has no input rows"),
        ("ghost.table", "split.data", "there is no node ghost"),
        ("load.table", "ghost.data", "there is no node ghost"),
        ("load.table", "fit.depth", "parameter fit.depth wants int, load.table gives Table"),
        ("load.table", "fit.token", "fit.token is a secret: it comes from the keyring, never from another node"),
    ],
)
def test_a_refusal_says_why(source, target, reason):
    assert _why(source, target) == reason


def test_what_fits_may_be_connected_though_the_port_is_fed():
    assert _why("split.test", "fit.train") is None
    assert _why("load.table", "fit.extra") is None


def test_an_unknown_component_is_named():
    p, _ = edits.add_node(churn(), "no.such", (0, 0))
    assert _why("load.table", "such.x", p) == "such uses no.such, which is no known component"
    assert _why("such.x", "fit.train", p) == "such uses no.such, which is no known component"


def _catalog(given_type: str, kind: ParameterKind, item: ParameterKind | None = None) -> dict[str, Component]:
    source = SourceRef("f", "m", "f", 1)
    wanted = Parameter("x", ParameterType(kind, item=ParameterType(item) if item is not None else None))
    output = OutputPort("y", PortType.parse(given_type))
    return {
        "m.give": Component("m.give", "", source, outputs=(output,)),
        "m.take": Component("m.take", "", source, parameters=(wanted,)),
    }


@pytest.mark.parametrize(
    ("given_type", "kind", "item", "fits"),
    [
        ("int", ParameterKind.FLOAT, None, True),
        ("float", ParameterKind.INT, None, False),
        ("str", ParameterKind.PATH, None, True),
        ("File", ParameterKind.PATH, None, True),
        ("str", ParameterKind.CHOICE, None, True),
        ("bool", ParameterKind.BOOL, None, True),
        ("datetime", ParameterKind.DATETIME, None, True),
        ("str", ParameterKind.SECRET, None, False),
        ("Metrics", ParameterKind.DICT, None, True),
        ("Json", ParameterKind.LIST, None, True),
        ("int", ParameterKind.LIST, None, False),
        ("int", ParameterKind.LIST, ParameterKind.INT, True),
        ("list[str]", ParameterKind.LIST, ParameterKind.STR, True),
        ("str", ParameterKind.LIST, ParameterKind.INT, False),
        ("str", ParameterKind.LIST, ParameterKind.SECRET, False),
    ],
)
def test_a_scalar_output_feeds_a_promoted_parameter_of_its_kind(given_type, kind, item, fits):
    p, give = edits.add_node(Pipeline(), "m.give", (0, 0))
    p, take = edits.add_node(p, "m.take", (0, 0))
    reason = refusal(p, _catalog(given_type, kind, item), Endpoint(give, "y"), Endpoint(take, "x"))
    assert (reason is None) == fits


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train", "Table"),
        ("rate", "float"),
        ("columns", "list[str]"),
        ("token", "None"),
        ("ghost", "None"),
        ("options", "Json"),
    ],
)
def test_an_input_tells_its_type(name, expected):
    assert str(input_type(CATALOG["train.fit"], name)) == expected


def test_a_list_without_kind_of_item_is_json():
    take = _catalog("int", ParameterKind.LIST)["m.take"]
    assert input_type(take, "x") == PortType("Json")
    assert input_type(_catalog("int", ParameterKind.LIST, ParameterKind.SECRET)["m.take"], "x") is None


_ENDS = [
    Endpoint(name, port.name)
    for name, node in churn().nodes.items()
    for port in (*CATALOG[node.uses].inputs, *CATALOG[node.uses].parameters, *CATALOG[node.uses].outputs)
]


@given(st.sampled_from(_ENDS))
def test_what_lights_up_is_what_would_not_be_refused(end):
    p = churn()
    targets = {target for target in _ENDS if refusal(p, CATALOG, end, target) is None}
    assert connectable_targets(p, CATALOG, end) == targets
    sources = {source for source in _ENDS if refusal(p, CATALOG, source, end) is None}
    assert connectable_sources(p, CATALOG, end) == sources


def test_nothing_lights_up_for_a_node_that_is_not_known():
    p, name = edits.add_node(churn(), "no.such", (0, 0))
    assert connectable_targets(p, CATALOG, Endpoint(name, "x")) == frozenset()
    assert connectable_sources(p, CATALOG, Endpoint("ghost", "x")) == frozenset()
    assert Endpoint("fit", "train") in connectable_targets(p, CATALOG, Endpoint("load", "table"))
    assert Endpoint("load", "table") in connectable_sources(p, CATALOG, Endpoint("fit", "train"))
