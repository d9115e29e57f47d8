"""Environments and isolation in the file, and what a node inherits of them."""

from __future__ import annotations

from treadle.spec.environments import Environment, Isolation
from treadle.spec.file_format import read, write

TEXT = """treadle: 1
defaults:
  isolation: reuse
  environment: {python: 3.10, variables: {COLOUR: NO}}
nodes:
  a:
    uses: m.f
    isolation: fresh
    environment:
      requirements: [polars==1.2, "numpy<3"]
      variables: {SEED: 7}
      folder: data
"""


def test_what_the_file_says_is_read_and_written() -> None:
    pipeline = read(TEXT).pipeline
    assert pipeline is not None
    assert pipeline.defaults.isolation is Isolation.REUSE
    assert pipeline.defaults.environment == Environment("3.10", variables={"COLOUR": "NO"})
    policy = pipeline.nodes["a"].policy
    assert policy.isolation is Isolation.FRESH
    assert policy.environment == Environment(None, ("polars==1.2", "numpy<3"), {"SEED": "7"}, "data")
    assert write(pipeline, TEXT) == TEXT
    assert read(write(pipeline)).pipeline == pipeline


def test_mistakes_are_told() -> None:
    reading = read(TEXT.replace("isolation: fresh", "isolation: container").replace("folder: data", "folders: data"))
    assert {(problem.code, problem.where.line) for problem in reading.problems} == {
        ("wrong-value", 8),
        ("unknown-key", 12),
    }


def test_a_node_takes_what_it_leaves_open_from_the_defaults() -> None:
    base = Environment("3.12", ("pandas",), {"A": "1", "B": "1"}, "here")
    assert Environment().over(base) == base
    assert Environment(variables={"B": "2"}, folder="there").over(base) == Environment(
        "3.12", ("pandas",), {"A": "1", "B": "2"}, "there"
    )
    assert Environment(requirements=("polars",)).over(base).python == "3.12"


def test_a_node_that_names_an_interpreter_means_its_packages_too() -> None:
    assert Environment("venv").over(Environment("3.12", ("pandas",))).requirements is None
