"""Files that are none: pipes, devices without end, links that lead to themselves, where a project has its own.

Nobody waits for what never comes or reads what never ends, and nothing is a traceback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from host.sample import make_project

from treadle.catalog.catalog import load_catalog
from treadle.store.project import Project
from treadle_gui.document.files import load, text_on_disk


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


def make(kind: str, path: Path) -> None:
    """A file that is none, at `path`."""
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "endless":
            path.symlink_to("/dev/zero")
        case "loop":
            path.symlink_to(path.name)
        case "folder":
            path.mkdir()
        case _:
            with path.open("wb") as file:
                file.truncate(3 << 30)


def treadle(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "treadle.cli", *words]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("kind", ["pipe", "endless", "loop", "folder", "sparse"])
def test_what_is_no_source_file_is_a_problem_of_its_own(project: Project, kind: str) -> None:
    """I4, I9: the other components are there."""
    make(kind, project.components / "strange.py")
    catalog = load_catalog(project.root)
    assert "demo.make" in catalog.components
    assert kind == "folder" or any("strange.py" in str(problem) for problem in catalog.problems)


@pytest.mark.parametrize("kind", ["endless", "loop", "folder", "sparse"])
def test_a_command_says_what_is_wrong_with_what_is_no_pipeline(project: Project, kind: str) -> None:
    """I4, I9."""
    make(kind, project.root / "strange.treadle.yaml")
    done = treadle(project, "validate", "strange.treadle.yaml")
    assert done.returncode != 0
    assert "strange.treadle.yaml" in done.stdout + done.stderr
    assert "bug in Treadle" not in done.stderr


def test_a_command_reads_a_pipe_as_it_reads_a_file(project: Project) -> None:
    """I4."""
    pipe = project.root / "pipe.treadle.yaml"
    make("pipe", pipe)
    with subprocess.Popen(["cp", "chain.treadle.yaml", pipe.name], cwd=project.root) as writing:
        done = treadle(project, "validate", pipe.name)
        assert (done.returncode, writing.wait(10)) == (0, 0), done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["pipe", "endless", "loop", "folder"])
def test_the_app_opens_and_watches_nothing_that_is_no_file(tmp_path: Path, kind: str) -> None:
    """I10: it would wait for ever."""
    file = tmp_path / "strange.treadle.yaml"
    make(kind, file)
    with pytest.raises(OSError):  # noqa: PT011 (each has its own words)
        load(file)
    assert text_on_disk(file) is None


@pytest.mark.parametrize(
    "name",
    ["sp ace", "new\nline", "日本-é-👩‍🚀", "$(touch pwned)", "q'uote\"d", "-dash", "per%cent%s{}", "<b>bold</b>"],
)
def test_a_project_runs_wherever_it_lies(tmp_path: Path, name: str) -> None:
    """I4, I7: no name is a command or a pattern."""
    project = make_project(tmp_path / name)
    done = treadle(project, "run", "chain.treadle.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert treadle(project, "show", "last").returncode == 0
    assert not list(tmp_path.rglob("pwned"))


def test_a_project_is_the_same_by_its_link(tmp_path: Path) -> None:
    """I5: what was cached by one way is found by the other."""
    project = make_project(tmp_path / "project")
    (tmp_path / "link").symlink_to("project")
    assert treadle(project, "run", "chain.treadle.yaml").returncode == 0
    again = treadle(Project(tmp_path / "link"), "run", "chain.treadle.yaml")
    assert again.returncode == 0
    assert "2 cached" in again.stdout


@pytest.mark.parametrize("kind", ["pipe", "endless", "loop", "folder"])
def test_a_run_that_cannot_be_read_is_told_so_and_hides_no_other(project: Project, kind: str) -> None:
    """I2, I4: the others are listed and shown."""
    assert treadle(project, "run", "chain.treadle.yaml").returncode == 0
    (whole,) = project.run_ids()
    broken = project.runs / "20991231-000000-000-beef"
    broken.mkdir()
    make(kind, broken / "events.jsonl")
    make(kind, broken / "plan.json")
    listed = treadle(project, "runs")
    assert whole in listed.stdout
    assert "unreadable" in listed.stdout
    assert treadle(project, "show", whole).returncode == 0
    for words in (("show", broken.name), ("resume", broken.name)):
        done = treadle(project, *words)
        assert done.returncode != 0
        assert "events.jsonl" in done.stderr or "plan.json" in done.stderr or broken.name in done.stderr, done.stderr
        assert "bug in Treadle" not in done.stderr


def test_a_copy_of_a_runs_folder_writes_nothing_into_the_run_it_was_copied_from(project: Project) -> None:
    """I2, I3."""
    assert treadle(project, "run", "chain.treadle.yaml").returncode == 0
    (whole,) = project.run_ids()
    copy = project.runs / "20991231-000000-000-beef"
    shutil.copytree(project.runs / whole, copy)
    (copy / "events.jsonl").write_bytes(b"garbage")
    before = project.run(whole).events.read_bytes()
    done = treadle(project, "resume", copy.name)
    assert done.returncode != 0
    assert f"a copy of run {whole}'s" in done.stderr
    assert project.run(whole).events.read_bytes() == before
