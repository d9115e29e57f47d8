"""`resources:`, `pools:`, `priority:` and `concurrency:` in a pipeline file: read, written, and what can't be."""

from __future__ import annotations

import pytest
from hypothesis import given
from spec.pipelines import resources

from treadle.spec import edits
from treadle.spec.file_format import read, write
from treadle.spec.pipeline import Node, Pipeline, Resources
from treadle.spec.problems import Problem
from treadle.spec.resources import Concurrency
from treadle.spec.validate import validate

TEXT = """\
treadle: 1
name: p
concurrency: {tasks: 4, runs: 1}
pools:
  db: 2  # the test database takes no more
defaults:
  priority: 1
  resources: {cpu: 0.5, pools: {db: 1}}
nodes:
  a:
    uses: m.f
    priority: 5
    resources: {memory: 1GiB, gpu: 1, pools: {db: 2, net: 0}}
"""


def problems(text: str, pools: dict[str, int] | None = None) -> list[Problem]:
    reading = read(text)
    assert reading.pipeline is not None, reading.problems
    found = validate(reading.pipeline, {}, reading.places, pools=pools or {})
    return [each for each in found if each.code != "unknown-component"]


def test_what_a_file_says_of_resources_is_read_and_kept() -> None:
    pipeline = read(TEXT).pipeline
    assert pipeline is not None
    assert pipeline.concurrency == Concurrency(4, 1)
    assert pipeline.pools == {"db": 2}
    assert pipeline.resources == Resources(cpu=0.5, pools={"db": 1})
    assert pipeline.defaults.priority == 1
    node = pipeline.nodes["a"]
    assert node.policy.priority == 5
    assert node.resources == Resources(memory=1 << 30, gpu=1, pools={"db": 2, "net": 0})
    assert write(pipeline, TEXT) == TEXT


def test_an_edit_touches_no_other_line() -> None:
    pipeline = read(TEXT).pipeline
    assert pipeline is not None
    edited = edits.set_pools(edits.set_concurrency(pipeline, Concurrency(tasks=8)), {"db": 3})
    edited = edits.set_default_resources(edited, Resources(cpu=1))
    written = write(edited, TEXT)
    assert read(written).pipeline == edited
    assert "  db: 3  # the test database takes no more\n" in written


@given(resources, resources)
def test_what_a_node_leaves_open_is_the_defaults(own: Resources, inherited: Resources) -> None:
    settled = own.over(inherited)
    assert settled.cpu == (inherited.cpu if own.cpu is None else own.cpu)
    assert settled.memory == (inherited.memory if own.memory is None else own.memory)
    assert settled.gpu == (inherited.gpu if own.gpu is None else own.gpu)
    assert {name: slots for name, slots in own.pools.items() if slots}.items() <= settled.pools.items()
    assert 0 not in settled.pools.values()


def test_a_pool_that_nobody_sizes_is_told_with_its_line_and_the_one_that_was_meant() -> None:
    text = TEXT.replace("pools: {db: 2, net: 0}", "pools: {dbs: 1}")
    (found,) = problems(text)
    assert (found.code, found.where.line, found.where.node, found.hint) == ("unknown-pool", 13, "a", "did you mean db?")
    assert problems(text, {"dbs": 1}) == []
    reading = read(text)
    assert reading.pipeline is not None
    assert {each.code for each in validate(reading.pipeline, {})} == {"unknown-component"}


def test_more_slots_than_the_pool_has_are_refused_and_the_projects_size_counts_first() -> None:
    assert [each.code for each in problems(TEXT.replace("{db: 2, net: 0}", "{db: 3}"))] == ["too-many-slots"]
    assert problems(TEXT, {"net": 1}) == []
    found = problems(TEXT, {"net": 1, "db": 1})
    assert [(each.where.line, each.message) for each in found] == [(13, "a: asks for 2 slots of pool db, which has 1")]


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ("runs: 1", "runs: 0", 3, "runs has to be 1 at least"),
        ("tasks: 4", "tasks: -1", 3, "tasks has to be 1 at least"),
        ("db: 2  #", "db: 0  #", 5, "has to have a slot at least"),
        ("cpu: 0.5", "cpu: 0", 8, "defaults: cpu has to be above zero"),
        ("memory: 1GiB", "memory: 0", 13, "a: memory has to be above zero"),
        ("gpu: 1", "gpu: -1", 13, "a: gpu can't be below zero"),
        ("{db: 2, net", "{db: -2, net", 13, "slots of pool db can't be below zero"),
    ],
)
def test_what_can_not_be_is_told_with_its_line(before: str, after: str, line: int, said: str) -> None:
    found = problems(
        TEXT.replace(before, after),
        {"net": 1, "db": 9} if "runs" not in before and "db: 2 " not in before else {"net": 1},
    )
    assert [(each.code, each.where.line) for each in found if said in each.message] == [("wrong-value", line)]


def test_a_pool_is_named_as_a_node_is() -> None:
    pipeline = Pipeline(pools={"/x": 1}, nodes={"a": Node("a", "m.f")})
    assert "can't name a pool" in str([each.message for each in validate(pipeline, {})])


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("cpu: 0.5", "cpu: much", "cpu wants a number"),
        ("memory: 1GiB", "memory: big", "is not a size"),
        ("memory: 1GiB", "memory: [1]", "is not a size"),
        ("db: 2  #", "db: two  #", "pool db wants a number"),
        ("{tasks: 4, runs: 1}", "4", "concurrency wants names and values"),
        ("priority: 5", "priority: 1.5", "priority wants a whole number"),
    ],
)
def test_what_is_no_number_is_told(before: str, after: str, message: str) -> None:
    reading = read(TEXT.replace(before, after))
    assert reading.pipeline is None
    assert message in reading.problems[0].message


def test_an_unknown_key_is_kept_and_told() -> None:
    reading = read(TEXT.replace("{tasks: 4,", "{task: 4,").replace("gpu: 1", "gpus: 1"))
    assert [each.code for each in reading.problems] == ["unknown-key", "unknown-key"]


@pytest.mark.parametrize("key", ["resources", "concurrency"])
def test_what_is_no_mapping_is_told(key: str) -> None:
    text = (
        f"treadle: 1\nname: p\n{key}: [1]\nnodes: {{}}\n"
        if key == "concurrency"
        else TEXT.replace("resources: {memory: 1GiB, gpu: 1, pools: {db: 2, net: 0}}", "resources: [1]")
    )
    reading = read(text)
    assert reading.pipeline is None
    assert "wants names and values" in reading.problems[0].message
