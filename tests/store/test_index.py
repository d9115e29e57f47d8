"""The list of runs is what their folders say, whatever happened to the index."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from treadle.store.index import RunIndex, RunRow
from treadle.store.project import Project


class Runs:
    """Folders of runs whose journal just holds the state's name."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root)
        self.read: list[str] = []

    def write(self, run: str, state: str) -> None:
        folder = self.project.run_folder(run)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "events.jsonl").write_text(state)

    def summarise(self, folder: Path) -> RunRow:
        self.read.append(folder.name)
        state = (folder / "events.jsonl").read_text()
        return RunRow(folder.name, "churn", None, state, float(folder.name), None, 3, {"succeeded": 3})

    def index(self) -> RunIndex:
        return RunIndex(self.project, self.summarise)

    def states(self) -> dict[str, str]:
        return {row.run: row.state for row in self.index().rows()}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    made = Runs(tmp_path)
    for number in range(1, 6):
        made.write(str(number), "succeeded")
    return made


def test_runs_come_newest_first_and_limited(runs: Runs) -> None:
    assert [row.run for row in runs.index().rows(2)] == ["5", "4"]
    assert runs.index().rows()[0] == RunRow("5", "churn", None, "succeeded", 5.0, None, 3, {"succeeded": 3})
    assert runs.index().run_ids() == ["1", "2", "3", "4", "5"]


def test_only_what_changed_is_read_again(runs: Runs) -> None:
    runs.index().rows()
    runs.read.clear()
    runs.write("3", "interrupted")
    assert runs.states()["3"] == "interrupted"
    assert runs.read == ["3"]


def test_a_run_that_was_deleted_is_gone(runs: Runs) -> None:
    runs.index().rows()
    (runs.project.run_folder("2") / "events.jsonl").unlink()
    runs.project.run_folder("2").rmdir()
    assert "2" not in runs.states()


def test_a_deleted_index_is_made_anew(runs: Runs) -> None:
    before = runs.states()
    runs.project.index_file.unlink()
    assert runs.states() == before


def test_a_damaged_index_is_made_anew(runs: Runs) -> None:
    """I5: the runs' own folders say it all."""
    before = runs.states()
    whole = runs.project.index_file.read_bytes()
    chance = random.Random(3)
    for _ in range(60):
        damaged = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.5 else whole)
        for _ in range(20):
            if damaged:
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        runs.project.index_file.write_bytes(damaged)
        assert set(runs.states()) == set(before)
    runs.project.index_file.write_bytes(b"no database" * 500)
    assert runs.states() == before


def test_an_index_of_another_layout_is_made_anew(runs: Runs) -> None:
    before = runs.states()
    connection = sqlite3.connect(runs.project.index_file)
    connection.execute("drop table run")
    connection.execute("create table run(other text)")
    connection.execute("pragma user_version = 99")
    connection.close()
    assert runs.states() == before


def test_where_no_index_can_be_kept_the_folders_are_read(runs: Runs) -> None:
    runs.project.index_file.mkdir()
    assert [row.run for row in runs.index().rows(2)] == ["5", "4"]


def test_a_project_without_runs_has_none_and_no_index_is_made(tmp_path: Path) -> None:
    assert Runs(tmp_path).index().rows() == []
    assert list(tmp_path.iterdir()) == []
