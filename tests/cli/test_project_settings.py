"""`treadle pools` and `treadle trust`: what holds for a project, from the command line."""

from __future__ import annotations

import json

from treadle.store.project import Project
from treadle.store.project_settings import read_settings


def test_pools_are_set_listed_and_taken_away(treadle, project: Project) -> None:
    assert "no pools" in treadle("pools").stderr
    assert treadle("pools", "db=2", "licence=1").returncode == 0
    assert read_settings(project.root).pools == {"db": 2, "licence": 1}
    told = json.loads(treadle("pools", "db=0", "--json").stdout)
    assert told == {"file": str(project.root / "treadle.toml"), "pools": {"licence": 1}}


def test_what_is_no_pool_is_said(treadle, project: Project) -> None:
    assert "db=2" in treadle("pools", "db").stderr
    assert "can't name a pool" in treadle("pools", "/x=1").stderr
    assert not (project.root / "treadle.toml").exists()


def test_trust_is_given_and_taken_back(treadle, project: Project) -> None:
    assert "restricted" in treadle("trust").stdout
    assert "is trusted" in treadle("trust", "--on").stdout
    assert json.loads(treadle("trust", "--off", "--json").stdout)["trusted"] is False


def test_a_project_that_is_not_there_is_no_other_one(treadle, project: Project) -> None:
    for words in (("trust", "--on"), ("pools", "db=2"), ("runs",), ("gc",)):
        done = treadle(*words, "-C", str(project.root / "mistyped"))
        assert done.returncode == 2
        assert "mistyped" in done.stderr
    assert not (project.root / "treadle.toml").exists()
    assert "restricted" in treadle("trust").stdout
