"""Mapped nodes in the file, in edits, and as the rest of the pipeline sees them."""

from __future__ import annotations

import pytest
from spec.pipelines import CATALOG

from treadle.spec import edits
from treadle.spec.connecting import refusal
from treadle.spec.file_format import read, write
from treadle.spec.flattening import flatten
from treadle.spec.folding import NotFoldable, fold, unfold
from treadle.spec.mapping import Map
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline
from treadle.spec.problems import Problem
from treadle.spec.types import PortType, assignable
from treadle.spec.validate import validate

LOAD = "  load: {uses: data.load, with: {path: a.csv}}\n"
MANY = LOAD + "  many: {uses: data.split, in: {data: [load.table]}, map: {over: size}, with: {size: [0.1, 0.2]}}\n"


def found(nodes: str, columns: dict[Endpoint, tuple[str, ...]] | None = None) -> list[Problem]:
    reading = read(f"treadle: 1\nnodes:\n{nodes}", "f.yaml")
    assert reading.pipeline is not None, reading.problems
    return validate(reading.pipeline, CATALOG, reading.places, columns)


def told(nodes: str, columns: dict[Endpoint, tuple[str, ...]] | None = None) -> list[str]:
    return [f"{problem.where.line} {problem.code}: {problem.message}" for problem in found(nodes, columns)]


def node(**settings: object) -> Node:
    return Node("fit", "train.fit", **settings)


@pytest.mark.parametrize(
    "over",
    [
        Map(over="train"),
        Map(over="rate", parallel=4),
        Map(rows=Endpoint("grid", "table")),
        Map(files="data/**/*.csv", over="path", parallel=1),
    ],
)
def test_a_map_is_written_as_it_is_read(over: Map) -> None:
    text = write(Pipeline(nodes={"fit": node(map=over)}))
    reading = read(text)
    assert reading.pipeline is not None
    assert reading.pipeline.nodes["fit"].map == over
    assert write(reading.pipeline, text) == text


def test_the_text_around_a_changed_map_is_kept() -> None:
    text = "treadle: 1\nnodes:\n  fit:\n    uses: train.fit\n    map:  # each fold\n"
    text += "      over: train\n      parallel: 2  # two\n"
    pipeline = read(text).pipeline
    assert pipeline is not None
    assert write(edits.set_map(pipeline, "fit", Map("train", parallel=3)), text) == text.replace("2  # two", "3  # two")
    assert "map" not in write(edits.set_map(pipeline, "fit", None), text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{rows: table}", "bad-edge"),
        ("[train]", "wrong-shape"),
        ("{over: train, parallel: many}", "wrong-value"),
        ("{over: train, limit: 3}", "unknown-key"),
    ],
)
def test_a_map_that_is_none_is_told_by_its_line(text: str, code: str) -> None:
    reading = read(f"treadle: 1\nnodes:\n  fit: {{uses: train.fit, map: {text}}}\n")
    assert [(problem.code, problem.where.line) for problem in reading.problems] == [(code, 3)]


def test_nothing_said_of_a_map_is_no_map() -> None:
    pipeline = read("treadle: 1\nnodes:\n  fit: {uses: train.fit, map: }\n").pipeline
    assert pipeline is not None
    assert pipeline.nodes["fit"].map is None


def test_from_outside_a_mapped_node_is_given_a_list_and_gives_lists() -> None:
    seen = component_of(node(map=Map(over="train")), CATALOG)
    assert seen is not None
    assert [str(port.type) for port in seen.inputs] == ["list[Table]", "Table"]
    assert [str(port.type) for port in seen.outputs] == ["list[Model]", "list[float]"]


def test_a_parameter_that_is_mapped_over_is_a_list_of_what_it_was() -> None:
    seen = component_of(node(map=Map(over="rate")), CATALOG)
    rate = None if seen is None else seen.parameter("rate")
    assert rate is not None
    assert (rate.type.kind, rate.type.item is not None and rate.type.item.minimum) == ("list", 0)
    assert rate.default == [0.1]
    path = component_of(Node("load", "data.load", map=Map(over="path")), CATALOG)
    assert path is not None
    assert path.parameter("path") == path.parameters[0]
    assert path.parameters[0].type.kind == "list"


def test_a_list_of_lists_is_a_type() -> None:
    deep = PortType("list[Table]", many=True)
    assert str(deep) == "list[list[Table]]"
    assert PortType.parse("list[list[Table]]") == deep
    assert assignable(deep, deep)
    assert not assignable(deep, PortType("Table", many=True))
    with pytest.raises(ValueError, match="unknown port type"):
        PortType.parse("list[list[Thing]]")


def test_a_sound_map_has_no_problem() -> None:
    fits = "  fit: {uses: train.fit, in: {train: many.train}, map: {over: train, parallel: 2}}\n"
    judged = "  judge: {uses: judge.evaluate, in: {model: fit.model, data: load.table}, map: {over: model}}\n"
    last = "  last: {uses: judge.compare, in: {all: judge.metrics}}\n"
    assert told(MANY + fits + judged + last) == []
    rows = "  fit: {uses: train.fit, in: {train: load.table}, map: {rows: load.table}}\n"
    assert told(LOAD + rows) == []
    assert told(LOAD + rows, {Endpoint("load", "table"): ("rate", "other")}) == []
    assert told('  load: {uses: data.load, map: {files: "data/*.csv", over: path}}\n') == []


@pytest.mark.parametrize(
    ("nodes", "problem"),
    [
        ("map: {parallel: 2}", "4 map-over: fit is mapped over nothing"),
        ("map: {over: train, rows: load.table}", "4 map-over: fit is mapped over over and rows"),
        ("map: {files: a.csv}", "4 map-over: fit is mapped over files, and no parameter gets their paths"),
        ("map: {over: rate, parallel: 0}, with: {rate: [1]}", "4 wrong-value: fit: parallel has to be 1 or more, is 0"),
        ("map: {over: trian}", "4 map-over: fit is mapped over trian, which it does not have"),
        ("map: {over: token}", "4 map-over: fit is mapped over token, which is a secret"),
        ("map: {over: train}", "4 map-over: fit is mapped over train, and load.table gives one Table, not a list"),
        ("map: {over: rate}, with: {rate: 0.5}", "4 wrong-value: fit.rate wants a list, has the number 0.5"),
        ("map: {over: rate}, with: {rate: [-1]}", "4 wrong-value: fit.rate[0] wants"),
        ("map: {rows: lod.table}", "4 unknown-node: fit is mapped over the rows of lod.table, but"),
        ("map: {rows: load.tabel}", "4 unknown-port: fit is mapped over the rows of load.tabel, but"),
        ("map: {files: /etc/*, over: label}", "4 map-over: fit is mapped over the files '/etc/*', which"),
        ("map: {files: ../*, over: label}", "4 map-over: fit is mapped over the files '../*', which"),
        ("map: {files: a, over: train}", "4 map-over: fit is mapped over files, whose paths are for a parameter"),
        ("map: {files: a, over: rate}", "4 map-over: fit.rate wants float, and would get the path of a file"),
        ("map: {over: rate}, with: {rate: [1]}, at_end: always", "4 two-purposes: fit runs at the run's end"),
        ("map: {over: rate}, with: {rate: [1]}, teardown_of: [load]", "4 two-purposes: fit cleans up, which is"),
    ],
)  # fmt: skip
def test_what_a_node_can_not_be_mapped_over_is_told(nodes: str, problem: str) -> None:
    found_ = told(LOAD + f"  fit: {{uses: train.fit, in: {{train: load.table}}, {nodes}}}\n")
    assert any(line.startswith(problem) for line in found_), found_


def test_rows_come_from_a_table_with_columns_that_are_parameters() -> None:
    fit = "  fit: {uses: train.fit, in: {train: load.table}}\n"
    rows = "  more: {uses: train.fit, in: {train: load.table}, map: {rows: %s}}\n"
    assert "5 type-mismatch: more is mapped over the rows of fit.score, which gives float" in told(
        LOAD + fit + rows % "fit.score"
    )
    columns = {Endpoint("load", "table"): ("age", "name")}
    assert "5 unknown-column: no column of load.table is called as a parameter of more" in told(
        LOAD + fit + rows % "load.table", columns
    )


def test_a_set_up_is_not_mapped() -> None:
    up = "  up: {uses: data.load, with: {path: [a]}, map: {over: path}}\n"
    down = "  down: {uses: data.load, with: {path: b}, teardown_of: [up]}\n"
    assert "3 two-purposes: up sets something up, which is done once, and is mapped" in told(up + down)


def test_about_components_that_are_not_known_maps_say_nothing_more() -> None:
    unknown = "  fit: {uses: train.no, map: {over: x}}\n"
    more = "  more: {uses: train.fit, in: {train: fit.x}, map: {rows: fit.x}}\n"
    assert [line.split(":")[0] for line in told(unknown + more)] == ["3 unknown-component"]
    columns = {Endpoint("load", "table"): ("x",)}
    last = told(LOAD + "  fit: {uses: no.no, map: {rows: load.table}}\n", columns)
    assert [line.split(":")[0] for line in last] == ["4 unknown-component"]


def test_a_list_feeds_what_is_mapped_over_and_json_may_be_one() -> None:
    p = read("treadle: 1\nnodes:\n" + MANY + "  fit: {uses: train.fit, map: {over: rate}}\n").pipeline
    assert p is not None
    scored = edits.set_map(edits.add_node(p, "train.fit", (0, 0), id="scores")[0], "scores", Map(over="train"))
    assert refusal(scored, CATALOG, Endpoint("many", "train"), Endpoint("scores", "train")) is None
    assert refusal(scored, CATALOG, Endpoint("scores", "score"), Endpoint("fit", "rate")) is None
    assert refusal(p, CATALOG, Endpoint("many", "train"), Endpoint("fit", "rate")) is not None


def test_the_node_whose_rows_it_is_mapped_over_goes_before_it() -> None:
    p = Pipeline(nodes={"grid": Node("grid", "data.load"), "fit": node(map=Map(rows=Endpoint("grid", "table")))})
    assert p.upstream("fit") == {"grid"}
    renamed = edits.rename_node(p, "grid", "table")
    assert renamed.nodes["fit"].map == Map(rows=Endpoint("table", "table"))
    assert edits.remove_nodes(p, ["grid"]).nodes["fit"].map is None
    pasted, names = edits.paste(p, edits.copy_nodes(p, ["grid", "fit"]), (10, 10))
    assert pasted.nodes["fit_2"].map == Map(rows=Endpoint("grid_2", "table"))
    assert names == {"grid_2", "fit_2"}


def test_a_map_over_something_else_stays_when_nodes_go() -> None:
    p = Pipeline(nodes={"a": Node("a", "data.load"), "fit": node(after=("a",), map=Map(over="rate"))})
    assert edits.remove_nodes(p, ["a"]).nodes["fit"].map == Map(over="rate")
    assert edits.rename_node(p, "a", "b").nodes["fit"].map == Map(over="rate")


def test_a_mapped_pipeline_is_not_unfolded_and_rows_are_folded_only_with_their_table() -> None:
    p = Pipeline(
        nodes={
            "grid": Node("grid", "data.load"),
            "fit": node(map=Map(rows=Endpoint("grid", "table"))),
            "group": Node("group", "", pipeline=Pipeline(nodes={"a": Node("a", "data.load")}), map=Map(over="x")),
        }
    )
    with pytest.raises(NotFoldable, match="group is mapped"):
        unfold(p, "group")
    with pytest.raises(NotFoldable, match="fit is mapped over the rows"):
        fold(p, ["fit"])
    with pytest.raises(NotFoldable, match="fit is mapped over the rows"):
        fold(p, ["grid"])
    folded, name = fold(p, ["grid", "fit"])
    inside = folded.nodes[name].pipeline
    assert inside is not None
    assert inside.nodes["fit"].map == Map(rows=Endpoint("grid", "table"))


def test_rows_of_a_pipeline_are_those_of_its_node() -> None:
    inside = Pipeline(nodes={"make": Node("make", "data.load")}, outputs={"table": Endpoint("make", "table")})
    p = Pipeline(
        nodes={
            "prep": Node("prep", "", pipeline=inside),
            "fit": node(map=Map(rows=Endpoint("prep", "table"))),
        }
    )
    flat = flatten(p).pipeline
    assert flat.nodes["fit"].map == Map(rows=Endpoint("prep/make", "table"))
