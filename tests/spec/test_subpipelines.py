"""Pipelines inside pipelines: their ports, what their nodes become, and what is told of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from spec.pipelines import CATALOG

from treadle.spec.component import REQUIRED, OutputPort
from treadle.spec.connecting import mismatch
from treadle.spec.file_format import Places, read, write
from treadle.spec.flattening import Flat, Given, flatten, members, opening
from treadle.spec.flow import AtEnd, Kind
from treadle.spec.interfaces import interface, known_components, offered
from treadle.spec.mapping import Map
from treadle.spec.node_component import component_of
from treadle.spec.pipeline import Endpoint, Node, Pipeline, Policy
from treadle.spec.problems import Problem, Severity, Where
from treadle.spec.resources import Resources
from treadle.spec.subpipelines import DEEPEST, located, made_by, node_at
from treadle.spec.types import PortType
from treadle.spec.validate import validate

PREPARE = """treadle: 1
name: prepare
help: |
  Splits and fits.
  At length.
params:
  share: {type: float, default: 0.2}
  label: {type: str, required: true, help: What it is called.}
inputs:
  data: [split.data, fit.extra]
  depth: fit.depth
outputs:
  model: fit.model
  rest: split.test
defaults: {retries: 2}
nodes:
  split:
    uses: data.split
    with: {size: $params.share}
  fit:
    uses: train.fit
    in: {train: split.train}
    with: {label: $params.label, options: {at: [$params.share, "$$5"]}}
    retries: 5
"""

MAIN = """treadle: 1
params:
  share: {type: float, default: 0.5}
nodes:
  load:
    uses: data.load
    with: {path: x.csv}
  prep:
    uses: prepare.treadle.yaml
    in: {data: load.table}
    with: {share: $params.share, label: $run.id}
  judge:
    uses: judge.evaluate
    in: {model: prep.model, data: prep.rest}
"""


def pipeline(text: str) -> Pipeline:
    reading = read(text)
    assert reading.pipeline is not None, reading.problems
    return reading.pipeline


FILES = {"prepare.treadle.yaml": read(PREPARE, "prepare.treadle.yaml")}


def folded(text: str = PREPARE) -> str:
    """MAIN with the file folded into the node."""
    inside = "".join(f"      {line}\n" for line in text.splitlines()[1:])
    return MAIN.replace("    uses: prepare.treadle.yaml\n", "").replace(
        "  judge:\n", f"    pipeline:\n{inside}  judge:\n"
    )


def problems(text: str, files: dict | None = None) -> list[Problem]:
    reading = read(text, "main.treadle.yaml")
    assert reading.pipeline is not None, reading.problems
    return validate(reading.pipeline, CATALOG, reading.places, files=FILES if files is None else files)


def codes(text: str, files: dict | None = None) -> list[str]:
    return [problem.code for problem in problems(text, files)]


def flat(text: str = MAIN, files: dict | None = None) -> Flat:
    found = flatten(pipeline(text), FILES if files is None else files, CATALOG.get)
    assert found.problems == ()
    return found


# The component that a pipeline is


def test_a_pipeline_used_as_a_node_is_a_component_with_its_ports_and_parameters() -> None:
    found = interface("prepare.treadle.yaml", pipeline(PREPARE), CATALOG)
    assert (found.title, found.kind, found.category) == ("Prepare", Kind.PIPELINE, "Pipelines")
    assert (found.summary, found.source.file) == ("Splits and fits.", "prepare.treadle.yaml")
    assert [(port.name, str(port.type), port.optional) for port in found.inputs] == [
        ("data", "Table", False), ("depth", "int", True),
    ]  # fmt: skip
    assert [(port.name, str(port.type)) for port in found.outputs] == [("model", "Model"), ("rest", "Table")]
    assert [(each.name, each.default, each.help) for each in found.parameters] == [
        ("share", 0.2, ""), ("label", REQUIRED, "What it is called."),
    ]  # fmt: skip


def test_a_group_is_named_by_its_node_and_its_own_groups_are_looked_into() -> None:
    inside = pipeline(MAIN.replace("nodes:", "outputs: {best: prep.model}\nnodes:"))
    outer = Pipeline(nodes={"all_of_it": Node("all_of_it", "", pipeline=inside)})
    found = known_components(outer, CATALOG, FILES)["#all_of_it"]
    assert (found.title, [str(port.type) for port in found.outputs], found.source.file) == ("All of it", ["Model"], "")


def test_a_port_whose_inner_end_is_not_known_takes_anything() -> None:
    text = (
        "treadle: 1\ninputs: {a: x.y, b: n.nothing}\noutputs: {c: x.y, d: n.nothing}\nnodes: {n: {uses: data.load}}\n"
    )
    found = interface("p.treadle.yaml", pipeline(text), CATALOG)
    assert {str(port.type) for port in (*found.inputs, *found.outputs)} == {"Any"}
    assert not any(port.optional for port in found.inputs)


def test_a_component_that_is_no_pipeline_leaves_the_catalog_as_it_is() -> None:
    assert known_components(pipeline(MAIN), CATALOG, {}) == CATALOG
    plain = Pipeline(nodes={"load": Node("load", "data.load")})
    assert known_components(plain, CATALOG, FILES) is CATALOG


def test_files_with_ports_are_offered() -> None:
    files = {**FILES, "plain.treadle.yaml": read("treadle: 1\nnodes: {}\n"), "broken.treadle.yaml": read("[")}
    assert {uses: found.title for uses, found in offered(files, CATALOG).items()} == {
        "prepare.treadle.yaml": "Prepare",
    }  # fmt: skip


# Flattening


def test_nodes_inside_get_the_way_to_them_as_their_id_and_edges_lead_to_them() -> None:
    found = flat().pipeline
    assert list(found.nodes) == ["load", "prep/split", "prep/fit", "judge"]
    assert found.nodes["prep/split"].inputs == {"data": (Endpoint("load", "table"),)}
    assert found.nodes["prep/fit"].inputs == {
        "train": (Endpoint("prep/split", "train"),), "extra": (Endpoint("load", "table"),),
    }  # fmt: skip
    assert found.nodes["judge"].inputs == {
        "model": (Endpoint("prep/fit", "model"),), "data": (Endpoint("prep/split", "test"),),
    }  # fmt: skip


def test_parameters_inside_are_the_sub_pipelines_own_in_the_words_of_the_one_around_it() -> None:
    found = flat()
    assert found.pipeline.nodes["prep/split"].params == {"size": "$params.share"}
    assert found.pipeline.nodes["prep/fit"].params == {
        "label": "$run.id", "options": {"at": ["$params.share", "$$5"]},
    }  # fmt: skip
    assert [(each.node, each.parameter.name, each.value) for each in found.given] == [
        ("prep", "share", "$params.share"), ("prep", "label", "$run.id"),
    ]  # fmt: skip
    assert isinstance(found.given[0], Given)


def test_a_default_stands_for_itself_even_where_it_looks_like_a_reference() -> None:
    text = PREPARE.replace("default: 0.2", "default: 0.1").replace("required: true", 'default: "$params.share"')
    found = flat(MAIN.replace("{share: $params.share, label: $run.id}", "{}"), {"prepare.treadle.yaml": read(text)})
    assert found.pipeline.nodes["prep/fit"].params["label"] == "$$params.share"
    assert found.pipeline.nodes["prep/split"].params == {"size": 0.1}
    nested = text.replace("type: str", "type: list").replace('default: "$params.share"', 'default: [{a: "$x"}, 1]')
    found = flat(MAIN.replace("{share: $params.share, label: $run.id}", "{}"), {"prepare.treadle.yaml": read(nested)})
    assert found.pipeline.nodes["prep/fit"].params["label"] == [{"a": "$$x"}, 1]


FED = MAIN.replace("in: {data: load.table}", "in: {data: load.table, share: judge.number}")


def test_a_parameter_that_an_output_feeds_feeds_what_refers_to_it() -> None:
    plain = PREPARE.replace(', options: {at: [$params.share, "$$5"]}', "")
    found = flat(FED, {"prepare.treadle.yaml": read(plain)}).pipeline.nodes["prep/split"]
    assert found.inputs["size"] == (Endpoint("judge", "number"),)
    assert "size" not in found.params


def test_a_fed_parameter_inside_another_value_is_told() -> None:
    found = flatten(pipeline(FED), FILES)
    assert [(each.code, each.where.node, each.where.parameter) for each in found.problems] == [
        ("bad-reference", "prep/fit", "options")
    ]


def test_what_a_node_leaves_open_the_group_says_then_its_defaults_then_those_around_it() -> None:
    text = MAIN.replace("  judge:", "    timeout: 9s\n    retry_delay: 3s\n  judge:")
    outer = pipeline(text.replace("params:", "defaults: {retries: 7, retry_delay: 1s, cache: false}\nparams:"))
    found = flatten(outer, FILES, CATALOG.get).pipeline
    assert found.nodes["prep/split"].policy == Policy(retries=2, timeout=9.0, retry_delay=3.0)
    assert found.nodes["prep/fit"].policy.retries == 5
    assert found.defaults.cache is False


def test_resources_and_pools_are_inherited_and_the_outermost_says_how_large_a_pool_is() -> None:
    text = PREPARE.replace("defaults: {retries: 2}", "pools: {db: 3, gpu: 1}\ndefaults: {resources: {cpu: 2}}")
    text = text.replace("    retries: 5", "    resources: {cpu: 4, pools: {db: 0}}")
    main = MAIN.replace("  judge:", "    resources: {memory: 1KiB, pools: {db: 1}}\n  judge:")
    found = flat(main.replace("params:", "pools: {db: 2}\nparams:"), {"prepare.treadle.yaml": read(text)}).pipeline
    assert found.pools == {"db": 2, "gpu": 1}
    assert found.nodes["prep/split"].resources == Resources(cpu=2, memory=1024, pools={"db": 1})
    assert found.nodes["prep/fit"].resources == Resources(cpu=4, memory=1024, pools={"db": 0})
    assert found.nodes["judge"].resources == Resources()


def test_what_waits_inherits_no_retries_from_the_pipeline_it_stands_in() -> None:
    waiting = replace(CATALOG["data.split"], kind=Kind.SENSOR)
    found = flatten(pipeline(MAIN), FILES, {**CATALOG, "data.split": waiting}.get).pipeline
    assert found.nodes["prep/split"].policy == Policy()


def test_variables_inside_are_worded_too() -> None:
    text = PREPARE.replace("defaults: {retries: 2}", "defaults: {environment: {variables: {A: $params.share}}}")
    text = text.replace("    retries: 5", "    environment: {variables: {B: $params.label, C: x}}")
    found = flat(MAIN.replace("share: $params.share", "share: 0.25"), {"prepare.treadle.yaml": read(text)})
    assert found.pipeline.nodes["prep/fit"].policy.environment.variables == {"A": "0.25", "B": "$run.id", "C": "x"}


GROUPS = """treadle: 1
nodes:
  before: {uses: data.load, with: {path: x}}
  group:
    after: [before]
    pipeline:
      nodes:
        first: {uses: data.load, with: {path: x}}
        last: {uses: data.split, in: {data: first.table}}
        other: {uses: data.load, with: {path: x}}
        clean: {uses: data.load, with: {path: x}, teardown_of: [first]}
        tell: {uses: data.load, with: {path: x}, at_end: failure}
  after: {uses: data.load, with: {path: x}, after: [group]}
"""


def test_after_a_group_is_after_its_last_nodes_and_a_group_after_something_begins_with_its_first() -> None:
    found = flat(GROUPS).pipeline.nodes
    assert found["after"].after == ("group/last", "group/other")
    assert found["group/first"].after == found["group/other"].after == ("before",)
    assert found["group/last"].after == ()
    assert found["group/clean"].teardown_of == ("group/first",)


def test_a_group_at_the_end_has_all_its_nodes_at_the_end() -> None:
    found = flat(GROUPS.replace("after: [before]", "at_end: always")).pipeline.nodes
    assert [found[name].at_end for name in ("group/first", "group/tell", "before")] == [
        AtEnd.ALWAYS, AtEnd.FAILURE, None,
    ]  # fmt: skip


def test_groups_nest() -> None:
    outer = Pipeline(
        nodes={
            "all": Node("all", "", pipeline=replace(pipeline(MAIN), outputs={"best": Endpoint("prep", "model")})),
            "next": Node("next", "train.fit", {"train": (Endpoint("all", "best"),)}, after=("all",)),
        }
    )
    found = flatten(outer, FILES, CATALOG.get).pipeline
    assert "all/prep/fit" in found.nodes
    assert found.nodes["next"].inputs == {"train": (Endpoint("all/prep/fit", "model"),)}
    assert found.nodes["all/prep/split"].params == {"size": 0.5}
    assert found.nodes["next"].after == ("all/judge",)


def test_a_file_and_the_same_folded_in_place_are_the_same_work() -> None:
    assert flat(folded()).pipeline == flat().pipeline


def test_a_pipeline_without_groups_is_its_own_flat_one() -> None:
    plain = pipeline(PREPARE)
    assert flatten(plain).pipeline is plain


def test_members_are_the_node_or_all_inside() -> None:
    found = flat().pipeline
    assert members(found, "prep") == ("prep/split", "prep/fit")
    assert members(found, "prep/fit") == ("prep/fit",)
    assert members(found, "nothing") == ()


def test_files_that_use_each_other_are_refused() -> None:
    text = "treadle: 1\nnodes: {again: {uses: a.treadle.yaml}}\n"
    files = {"a.treadle.yaml": read(text, "a.treadle.yaml")}
    found = flatten(pipeline(text), files)
    assert [(each.code, each.where.node) for each in found.problems] == [("pipeline-cycle", "again/again")]
    told = problems(text, files)
    assert [(each.code, each.where.file, each.where.line, each.where.node) for each in told] == [
        ("pipeline-cycle", "a.treadle.yaml", 2, "again/again")
    ]
    assert interface("a.treadle.yaml", pipeline(text), {}, files).inputs == ()
    port = text.replace("nodes:", "outputs: {x: again.x}\nnodes:")
    files = {"a.treadle.yaml": read(port)}
    assert interface("a.treadle.yaml", pipeline(port), {}, files).outputs[0].type.name == "Any"
    reads = port.replace("}}", "}, b: {uses: data.split, in: {data: again.x}, after: [again]}}")
    assert [each.code for each in flatten(pipeline(reads), files).problems] == ["pipeline-cycle"]


def test_pipelines_that_use_others_many_times_over_are_bounded() -> None:
    files = {
        f"p{level}.treadle.yaml": read(
            "treadle: 1\nnodes:\n" + "".join(f"  n{i}: {{uses: p{level + 1}.treadle.yaml}}\n" for i in range(20))
        )
        for level in range(5)
    }
    files["p5.treadle.yaml"] = read("treadle: 1\nnodes: {n: {uses: data.load}}\n")
    found = flatten(pipeline("treadle: 1\nnodes: {n: {uses: p0.treadle.yaml}}\n"), files)
    assert [each.code for each in found.problems] == ["too-many-nodes"]


def test_pipelines_without_nodes_of_their_own_end_too() -> None:
    text = "treadle: 1\noutputs: {t: n0.t}\ninputs: {t: [n0.t, n1.t]}\nnodes:\n"
    many = "".join(f"  n{number}: {{uses: p.treadle.yaml}}\n" for number in range(20))
    itself = {"p.treadle.yaml": read(f"{text}{many}")}
    chain = {
        f"p{level}.treadle.yaml": read(f"{text}{many}".replace("p.treadle", f"p{level + 1}.treadle"))
        for level in range(DEEPEST - 1)
    }
    chain[f"p{DEEPEST - 1}.treadle.yaml"] = read("treadle: 1\nnodes: {}\n")
    reader = "  reader: {uses: data.load, after: [n0]}\n"
    assert list(flatten(pipeline(f"{text}{many}{reader}"), itself).pipeline.nodes) == ["reader"]
    first = f"{text}{many}".replace("p.treadle", "p0.treadle")
    assert list(flatten(pipeline(first + reader), chain).pipeline.nodes) == ["reader"]
    assert 0 < len(made_by(pipeline(first), chain)) < 10_000


def deep(levels: int) -> Pipeline:
    found = Pipeline(nodes={"n": Node("n", "data.load")}, outputs={"t": Endpoint("n", "table")})
    for _ in range(levels):
        found = Pipeline(nodes={"g": Node("g", "", pipeline=found)}, outputs={"t": Endpoint("g", "t")})
    return found


def test_depth_is_bounded() -> None:
    assert len(flatten(deep(DEEPEST)).pipeline.nodes) == 1
    assert [each.code for each in flatten(deep(DEEPEST + 1)).problems] == ["too-deep"]
    assert "too-deep" in {each.code for each in validate(deep(DEEPEST + 1), CATALOG)}
    assert interface("x", deep(DEEPEST + 1), CATALOG).outputs[0].type.name == "Any"
    assert interface("x", deep(DEEPEST - 1), CATALOG).outputs[0].type.name == "Table"


def test_what_cannot_be_opened_is_told_and_left_out() -> None:
    found = flatten(pipeline(MAIN), {})
    assert [(each.code, each.where.node) for each in found.problems] == [("missing-pipeline", "prep")]
    assert list(found.pipeline.nodes) == ["load", "judge"]
    broken = flatten(pipeline(MAIN), {"prepare.treadle.yaml": read("nodes: [")})
    assert "has errors" in broken.problems[0].message


def test_a_missing_value_and_an_undeclared_parameter_are_told() -> None:
    found = flatten(pipeline(MAIN.replace(", label: $run.id", "")), FILES)
    assert [(each.code, each.where.node, each.where.parameter) for each in found.problems] == [
        ("missing-parameter", "prep", "label"), ("bad-reference", "prep/fit", "label"),
    ]  # fmt: skip


def test_an_output_that_the_pipeline_does_not_have_feeds_nothing() -> None:
    found = flat(MAIN.replace("prep.rest", "prep.nothing")).pipeline
    assert found.nodes["judge"].inputs["data"] == ()


def test_a_mapped_pipeline_stays_a_node_that_holds_what_it_inherits() -> None:
    mapped = MAIN.replace("  judge:", "    map: {over: data}\n  judge:").replace(
        "  judge:", "  judge:\n    after: [prep]"
    )
    outer = Pipeline(
        nodes={
            "all": Node("all", "", pipeline=pipeline(mapped), policy=Policy(retries=9)),
            "rows": Node("rows", "data.split", map=Map(rows=Endpoint("all", "none"))),
            "more": Node("more", "data.split", map=Map(rows=Endpoint("load", "table"))),
            "gone": Node("gone", "nothing.treadle.yaml", map=Map(over="x")),
        }
    )
    found = flatten(outer, FILES, CATALOG.get).pipeline.nodes
    prep = found["all/prep"]
    assert prep.inputs == {"data": (Endpoint("all/load", "table"),)}
    assert prep.params == {"share": 0.5, "label": "$run.id"}
    assert prep.pipeline is not None
    assert (prep.policy, prep.pipeline.defaults.retries) == (Policy(), 2)
    assert found["all/judge"].after == ("all/prep",)
    assert found["all/judge"].inputs["model"] == (Endpoint("all/prep", "model"),)
    assert found["more"].map == Map(rows=Endpoint("load", "table"))
    assert "gone" in found


def test_a_mapped_group_gives_lists_to_the_pipeline_around_it() -> None:
    inside = Pipeline(
        nodes={"each": Node("each", "prepare.treadle.yaml", map=Map(over="data"))},
        inputs={"data": (Endpoint("each", "data"),), "deep": (Endpoint("each", "depth"),)},
        outputs={"models": Endpoint("each", "model")},
    )
    found = interface("x", inside, CATALOG, FILES)
    assert [str(port.type) for port in (*found.inputs, *found.outputs)] == ["list[Table]", "int", "list[Model]"]


def test_values_as_json_feed_a_mapped_pipeline_as_they_would_the_parameter_inside() -> None:
    mapped = Node("each", "prepare.treadle.yaml", map=Map(over="depth"))
    eater = component_of(
        mapped, {"prepare.treadle.yaml": interface("prepare.treadle.yaml", pipeline(PREPARE), CATALOG)}
    )
    assert eater is not None
    feeder = replace(CATALOG["data.load"], outputs=(OutputPort("values", PortType("Json")),))
    assert mismatch(feeder, eater, Endpoint("n", "values"), Endpoint("each", "depth")) is None
    assert mismatch(feeder, eater, Endpoint("n", "values"), Endpoint("each", "data")) is not None


# What is wrong


def test_a_pipeline_with_sub_pipelines_has_nothing_wrong() -> None:
    assert problems(MAIN) == []
    assert problems(folded()) == []
    assert problems(PREPARE) == []


def test_a_problem_inside_names_the_way_to_its_node_and_its_own_file() -> None:
    broken = PREPARE.replace("size: $params.share", "sise: 1")
    files = {"prepare.treadle.yaml": read(broken, "prepare.treadle.yaml")}
    (told,) = problems(MAIN, files)
    assert (told.code, told.where) == (
        "unknown-parameter",
        Where("prepare.treadle.yaml", 19, 12, "prep/split", parameter="sise"),
    )
    (told,) = problems(folded(broken))
    assert (told.where.file, told.where.line, told.where.node) == ("main.treadle.yaml", 29, "prep/split")
    assert problems(MAIN.replace("  judge:", "  prep2:\n    uses: prepare.treadle.yaml\n    in: {data: load.table}\n"
                    "    with: {label: x}\n  judge:"), files) == problems(MAIN, files)  # fmt: skip


def test_a_pipelines_own_problem_is_the_nodes_that_uses_it() -> None:
    files = {
        "prepare.treadle.yaml": read(PREPARE.replace("model: fit.model", "model: fit.modle"), "prepare.treadle.yaml")
    }
    told = {(each.code, each.where.file, each.where.line, each.where.node) for each in problems(MAIN, files)}
    assert ("unknown-port", "prepare.treadle.yaml", 13, "prep") in told


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("uses: prepare.treadle.yaml", "uses: prepaer.treadle.yaml", "missing-pipeline"),
        ("label: $run.id", "label: 5", "wrong-value"),
        (", label: $run.id", "", "missing-parameter"),
        ("label: $run.id", "label: x, other: 1", "unknown-parameter"),
        ("in: {data: load.table}", "in: {data: load.table, more: load.table}", "unknown-port"),
        ("    in: {data: load.table}\n", "", "missing-input"),
        ("prep.model", "prep.rest", "type-mismatch"),
        ("  judge:", "    trigger: all_done\n  judge:", "setting-of-pipeline"),
        ("  judge:", "    teardown_of: [load]\n  judge:", "setting-of-pipeline"),
        ("  judge:", "  judge:\n    teardown_of: [prep]", "teardown-of-pipeline"),
    ],
)
def test_a_node_that_is_a_pipeline_is_checked_as_any_other(old: str, new: str, code: str) -> None:
    assert codes(MAIN.replace(old, new)) == [code]
    if code != "missing-pipeline":
        assert codes(folded().replace(old, new)) == [code]


def test_a_broken_file_is_told_at_its_line_and_at_the_node() -> None:
    files = {"prepare.treadle.yaml": read("treadle: 1\nnodes: {a: {}}\n", "prepare.treadle.yaml")}
    told = [(each.code, each.where.file, each.where.line, each.where.node) for each in problems(MAIN, files)]
    assert told == [
        ("broken-pipeline", "main.treadle.yaml", 8, "prep"), ("missing-uses", "prepare.treadle.yaml", 2, "prep"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("data: [split.data", "data: [spilt.data", "unknown-node"),
        ("data: [split.data", "data: [split.dat", "unknown-port"),
        ("model: fit.model", "model: fti.model", "unknown-node"),
        ("model: fit.model", "model: fit.modle", "unknown-port"),
        ("fit.extra]", "fit.depth]", "type-mismatch"),
        ("  depth: fit.depth", "  share: fit.depth", "two-meanings"),
        ("  depth: fit.depth", "  a b: fit.depth", "bad-port-name"),
        ("  rest: split.test", "  a b: split.test", "bad-port-name"),
        ("    retries: 5", "    at_end: always", "waits-for-the-end"),
        ("    in: {train: split.train}", "    in: {train: split.train, extra: split.test}", "several-inputs"),
    ],
)
def test_a_pipelines_own_ports_are_checked(old: str, new: str, code: str) -> None:
    found = problems(PREPARE.replace(old, new))
    assert code in [each.code for each in found]
    assert all(each.hint for each in found)


def test_an_empty_pipeline_is_no_node() -> None:
    assert codes("treadle: 1\nnodes: {g: {pipeline: {}}}\n") == ["empty-pipeline"]


def test_columns_are_known_inside() -> None:
    inside = PREPARE.replace("size: $params.share", "by: colour")
    files = {"prepare.treadle.yaml": read(inside)}
    outer = pipeline(MAIN)
    columns = {Endpoint("prep/split", "train"): ("a",), Endpoint("load", "table"): ("a",)}
    text = inside.replace("label: $params.label, ", "columns: [b], label: $params.label, ")
    found = validate(outer, CATALOG, columns=columns, files={"prepare.treadle.yaml": read(text)})
    assert [(each.code, each.where.node) for each in found] == [("unknown-column", "prep/fit")]
    assert validate(outer, CATALOG, columns=columns, files=files) == []


# Places and the file


def test_a_node_inside_is_found_and_placed() -> None:
    reading = read(folded(), "main.treadle.yaml")
    assert reading.pipeline is not None
    inside = node_at(reading.pipeline, "prep/fit")
    assert inside is not None
    assert inside.uses == "train.fit"
    assert node_at(reading.pipeline, "load/fit") is None
    assert node_at(reading.pipeline, "nothing/fit") is None
    assert reading.places.at("prep/fit", parameter="label").line == 33
    assert reading.places.inside("load").key("nodes") == Where("main.treadle.yaml")
    assert located(Where(node="prep/fit"), reading.pipeline, reading.places, {}).line == 30
    assert located(Where(node="nothing/fit"), reading.pipeline, reading.places, {}).line == 4
    assert located(Where(line=3), reading.pipeline, reading.places, {}).line == 3
    outer = read(MAIN, "main.treadle.yaml")
    assert outer.pipeline is not None
    found = located(Where(node="prep/fit"), outer.pipeline, outer.places, FILES)
    assert (found.file, found.line) == ("prepare.treadle.yaml", 20)
    assert located(Where(node="prep/fit"), outer.pipeline, outer.places, {}).line == 8
    odd = read("treadle: 1\nnodes:\n  a/b: {uses: data.load}\n").places
    assert odd.at("a/b").line == 3
    assert Places().at("a/b").line is None


def test_what_a_pipeline_gives_is_traced_to_the_node_that_makes_it() -> None:
    inside = replace(pipeline(MAIN), outputs={"best": Endpoint("prep", "model")})
    outer = Pipeline(nodes={"all": Node("all", "", pipeline=inside)})
    assert [(str(given), str(made)) for given, made in made_by(outer, FILES)] == [
        ("all/prep.rest", "all/prep/split.test"),
        ("all/prep.model", "all/prep/fit.model"),
        ("all.best", "all/prep.model"),
    ]
    assert len(made_by(deep(30))) == 30


def test_an_edit_inside_a_group_keeps_the_comments_around_it() -> None:
    text = folded().replace("      nodes:\n", "      # what it does\n      nodes: # here\n")
    reading = read(text)
    assert reading.pipeline is not None
    prep = reading.pipeline.nodes["prep"]
    assert prep.pipeline is not None
    fit = replace(prep.pipeline.nodes["fit"], params={"depth": 4})
    inside = replace(prep.pipeline, nodes={**prep.pipeline.nodes, "fit": fit})
    edited = replace(reading.pipeline, nodes={**reading.pipeline.nodes, "prep": replace(prep, pipeline=inside)})
    assert write(edited, text) == text.replace(
        'with: {label: $params.label, options: {at: [$params.share, "$$5"]}}', "with: {depth: 4}"
    )


def test_a_node_uses_one_thing() -> None:
    found = read("treadle: 1\nnodes: {a: {uses: data.load, pipeline: {}}}\n")
    assert [(each.code, each.severity) for each in found.problems] == [("two-uses", Severity.ERROR)]


def test_an_output_is_one_endpoint() -> None:
    found = read("treadle: 1\noutputs: {a: [b.c, d.e]}\nnodes: {}\n")
    assert [each.code for each in found.problems] == ["wrong-value"]


def test_where_pipelines_make_too_many_nodes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven uses of two nodes each are more than ten: where it stops is told, with the node that was one too many."""
    monkeypatch.setattr(opening, "MOST_NODES", 10)
    nodes = "".join(f"  use{n}:\n    uses: prepare.treadle.yaml\n" for n in range(7))
    found = flatten(pipeline(f"treadle: 1\nname: wide\nnodes:\n{nodes}"), FILES, CATALOG.get)
    assert [each.code for each in found.problems][-1:] == ["too-many-nodes"]
    assert found.problems[-1].where.node == list(found.pipeline.nodes)[-1]
    assert len(found.pipeline.nodes) == 11


def test_what_feeds_a_pipeline_reaches_the_nodes_of_pipelines_inside_it_each_waited_for_once() -> None:
    p = read(
        "treadle: 1\ninputs: {data: [outer.data, plain.data]}\nnodes:\n"
        "  plain: {uses: data.split}\n"
        "  outer:\n    pipeline:\n      inputs: {data: inner.data}\n      nodes:\n"
        "        inner:\n          pipeline:\n            inputs: {data: split.data}\n            nodes:\n"
        "              split: {uses: data.split}\n"
        "  one: {uses: data.load, after: [outer]}\n"
        "  two: {uses: data.load, after: [outer]}\n"
    ).pipeline
    found = flatten(p, {}, CATALOG.get).pipeline
    assert found.inputs == {"data": (Endpoint("outer/inner/split", "data"), Endpoint("plain", "data"))}
    assert found.nodes["one"].after == found.nodes["two"].after == ("outer/inner/split",)
