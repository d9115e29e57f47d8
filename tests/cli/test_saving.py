"""`treadle save`: results and what was kept, as files outside of the store; and the metrics that `show` tells."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from treadle.store.project import Project

TEXT = """treadle: 1
name: give
nodes:
  two:
    uses: shell
    with: {command: 'printf "x,y\\n1,a\\n" > "$table"; echo 3 > "$n"'}
    outputs: {table: Table, n: int}
  one:
    uses: script
    with: {path: one.py}
    outputs: {n: int}
"""
SCRIPT = """import os
from treadle.report import artifact, metric
metric("loss", 0.5, step=1)
metric("loss", 0.25, step=2)
metric("rows", 3)
os.makedirs("made", exist_ok=True)
open("made/a", "w").write("a")
artifact("note", {"b": [1]})
import pathlib
artifact("folder", pathlib.Path("made"))
open(os.environ["n"], "w").write("4")
"""


@pytest.fixture
def given(treadle, project: Project) -> Project:
    (project.root / "one.py").write_text(SCRIPT)
    (project.root / "give.treadle.yaml").write_text(TEXT)
    assert treadle("run", "give.treadle.yaml").returncode == 0
    return project


def test_a_table_is_saved_in_the_form_that_the_name_says(treadle, given: Project) -> None:
    said = treadle("save", "last", "two", "table")
    assert said.stdout == f"{given.root}/table.csv\n"
    assert (given.root / "table.csv").read_text() == "x,y\n1,a\n"
    told = json.loads(treadle("save", "last", "two", "table", "-o", "t.parquet", "--json").stdout)
    assert told == {"node": "two", "name": "table", "type": "Table", "path": "t.parquet"}
    assert pd.read_parquet(given.root / "t.parquet").to_dict("list") == {"x": [1], "y": ["a"]}


def test_the_one_output_needs_no_name_and_what_was_kept_has_one(treadle, given: Project) -> None:
    assert treadle("save", "last", "one").returncode == 0
    assert (given.root / "n.txt").read_text() == "4\n"
    assert treadle("save", "last", "one", "note", "-o", "b.json").returncode == 0
    assert json.loads((given.root / "b.json").read_text()) == {"b": [1]}
    assert treadle("save", "last", "one", "folder", "-o", "copy").returncode == 0
    Path(given.root, "copy", "a").write_text("mine to change")
    assert "gave several things; name one of: table, n" in treadle("save", "last", "two").stderr
    assert "gave no 'x'" in treadle("save", "last", "one", "x").stderr


def test_what_is_there_is_replaced_only_where_that_is_said(treadle, given: Project) -> None:
    file = given.root / "n.txt"
    file.write_text("mine")
    refused = treadle("save", "last", "one")
    assert (refused.returncode, file.read_text()) == (2, "mine")
    assert "--force" in refused.stderr
    assert treadle("save", "last", "one", "--force").returncode == 0
    assert file.read_text() == "4\n"
    assert not list(given.root.glob(".treadle-*"))
    assert "there is no folder" in treadle("save", "last", "one", "-o", "nowhere/n.txt").stderr


def test_what_is_no_longer_kept_is_said(treadle, given: Project) -> None:
    ref = json.loads(treadle("show", "last", "one", "--json").stdout)["outputs"]["n"]
    Path(given.artifacts, ref["digest"][:2], ref["digest"][2:]).unlink()
    gone = treadle("save", "last", "one")
    assert gone.returncode == 1
    assert "n of one is no longer kept" in gone.stderr


def test_the_last_value_of_each_metric_is_told(treadle, given: Project) -> None:
    shown = treadle("show", "last", "one").stdout
    assert "metric loss 0.25, step 2\n" in shown
    assert "metric rows 3\n" in shown
    told = json.loads(treadle("show", "last", "one", "--json").stdout)["metrics"]
    assert told == {"loss": {"value": 0.25, "step": 2}, "rows": {"value": 3.0, "step": None}}
