"""Pipelines inside pipelines on the command line: shown, validated, exported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from treadle.store.project import Project

INNER = """treadle: 1
name: inner
inputs: {text: loud.text}
outputs: {text: loud.value}
nodes:
  loud: {uses: demo.shout}
"""
OUTER = """treadle: 1
name: outer
nodes:
  make: {uses: demo.make}
  both:
    in: {text: make.value}
    pipeline:
      inputs: {text: inner.text}
      nodes:
        inner: {uses: inner.treadle.yaml}
        other: {uses: demo.make}
"""


@pytest.fixture
def file(project: Project) -> Path:
    (project.root / "inner.treadle.yaml").write_text(INNER)
    file = project.root / "outer.treadle.yaml"
    file.write_text(OUTER)
    return file


def test_show_sums_up_the_nodes_inside(treadle, file: Path) -> None:
    assert treadle("run", file.name).returncode == 0
    shown = treadle("show", "last").stdout.splitlines()
    names = [line.split()[1] for line in shown if line[:1] in "✓⟳"]
    assert names == ["make", "both/", "both/inner/", "both/inner/loud", "both/other"]
    told = json.loads(treadle("show", "last", "--json").stdout)
    assert set(told["groups"]) == {"both", "both/inner"}
    assert (told["groups"]["both"]["state"], told["groups"]["both"]["tasks"]) == ("succeeded", 2)


def test_validate_follows_into_the_files(treadle, file: Path) -> None:
    inner = file.parent / "inner.treadle.yaml"
    inner.write_text(INNER.replace("demo.shout", "demo.shuot"))
    done = treadle("validate", file.name)
    assert done.returncode == 2
    assert "inner.treadle.yaml:6:3 both/inner/loud" in done.stderr
    told = json.loads(treadle("validate", file.name, "--json").stdout)["problems"]
    assert [each["where"]["node"] for each in told] == ["both/inner/loud"]


def test_a_failure_inside_is_told_by_the_way_to_it(treadle, file: Path) -> None:
    assert treadle("run", file.name, "--to", "both/inner").returncode == 0
    done = treadle("logs", "last", "both")
    assert done.returncode != 0
    assert "name one of its nodes: both/inner/loud" in done.stderr
    assert "both/inner/loud" in treadle("show", "last").stdout
    assert "both/other" not in treadle("show", "last").stdout


def test_components_lists_the_pipelines_that_have_ports(treadle, file: Path) -> None:
    told = json.loads(treadle("components", "--json").stdout)
    assert [each["uses"] for each in told if each["category"] == "Pipelines"] == ["inner.treadle.yaml"]


def test_exports_get_the_nodes_inside_and_a_picture_the_group(treadle, file: Path) -> None:
    script = treadle("export", file.name, "--to", "python")
    assert script.returncode == 0, script.stderr
    assert "both_inner_loud" in script.stdout
    dag = treadle("export", file.name, "--to", "airflow")
    assert dag.returncode == 0, dag.stderr
    assert "both_inner_loud" in dag.stdout
    assert "both/inner" not in dag.stdout
    picture = treadle("export", file.name, "--to", "svg")
    assert picture.returncode == 0, picture.stderr
    assert "Both" in picture.stdout
    assert "loud" not in picture.stdout
