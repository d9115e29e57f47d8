"""Where a project begins, and where what it keeps lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from treadle.store.project import Project, RunFolder, find_project


@pytest.mark.parametrize("mark", [".treadle", "components"])
def test_a_project_is_the_nearest_folder_that_holds_a_mark(tmp_path: Path, mark: str) -> None:
    (tmp_path / mark).mkdir()
    deep = tmp_path / "pipelines" / "deep"
    deep.mkdir(parents=True)
    assert find_project(deep / "churn.treadle.yaml") == Project(tmp_path)
    assert find_project(deep) == Project(tmp_path)


def test_without_a_mark_it_is_the_files_own_folder_and_nothing_is_made(tmp_path: Path) -> None:
    assert find_project(tmp_path / "churn.treadle.yaml") == Project(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("run", ["", "..", "../x", "a/b", "/etc", "a\n", ".hidden", "x" * 99])
def test_no_id_leads_out_of_the_runs(tmp_path: Path, run: str) -> None:
    with pytest.raises(ValueError, match="not a run's id"):
        Project(tmp_path).run_folder(run)


def test_run_ids_are_folders_in_order(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert project.run_ids() == []
    for name in ("20260102-1", "20260101-1"):
        project.run_folder(name).mkdir(parents=True)
    (project.runs / "notes.txt").write_text("")
    (project.runs / ".tmp").mkdir()
    assert project.run_ids() == ["20260101-1", "20260102-1"]


def test_a_tasks_name_never_leads_out_of_its_folder(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for name in ("../../x", "/etc/passwd", "a/b", "..", "CON", "a\0b"):
        log = folder.log(name, 1)
        assert log.relative_to(tmp_path / "attempts").parts[1:] == ("1", "output.log")
    assert folder.log("Fit", 1) != folder.log("fit", 1)


def test_places_of_a_project(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert {project.artifacts, project.cache, project.index_file, project.runs} == {
        tmp_path / ".treadle" / name for name in ("artifacts", "cache", "index.sqlite", "runs")
    }
    assert project.components == tmp_path / "components"
    folder = project.run("r1")
    assert (folder.pipeline.name, folder.plan.name, folder.events.name) == (
        "pipeline.yaml",
        "plan.json",
        "events.jsonl",
    )


@pytest.fixture
def owned_by(monkeypatch: pytest.MonkeyPatch) -> dict[Path, int]:
    """Folders that the test gives to other users; everything else is ours."""
    others: dict[Path, int] = {}
    stat_of = Path.stat

    def stat(self: Path, **options: bool) -> os.stat_result:
        found = stat_of(self, **options)
        if self not in others:
            return found
        return os.stat_result((*found[:4], others[self], *found[5:10]))

    monkeypatch.setattr(Path, "stat", stat)
    return others


def test_nobody_gives_components_to_the_pipelines_below_a_folder_open_to_all(
    tmp_path: Path, owned_by: dict[Path, int]
) -> None:
    tmp_path.chmod(0o1777)
    for mark in (".treadle", "components"):
        (tmp_path / mark).mkdir()
        owned_by[tmp_path / mark] = 4711
    mine = tmp_path / "mine"
    mine.mkdir()
    assert find_project(mine / "churn.treadle.yaml") == Project(mine)
    assert Project(tmp_path).planted() == tmp_path / ".treadle"
    owned_by[tmp_path / ".treadle"] = os.getuid()
    assert Project(tmp_path).planted() == tmp_path / "components"


def test_a_search_stops_at_no_folder_of_somebody_else(tmp_path: Path, owned_by: dict[Path, int]) -> None:
    (tmp_path / "components").mkdir()
    owned_by[tmp_path] = owned_by[tmp_path / "components"] = 4711
    mine = tmp_path / "mine"
    mine.mkdir()
    assert find_project(mine) == Project(mine)


def test_a_colleagues_project_is_found_from_within(tmp_path: Path, owned_by: dict[Path, int]) -> None:
    (tmp_path / "components").mkdir()
    below = tmp_path / "pipelines"
    below.mkdir()
    for folder in (tmp_path, tmp_path / "components", below):
        owned_by[folder] = 4711
    assert find_project(below / "churn.treadle.yaml") == Project(tmp_path)
    assert Project(tmp_path).planted() is None


def test_a_project_that_is_gone_holds_nothing_planted(tmp_path: Path) -> None:
    assert Project(tmp_path / "gone").planted() is None
