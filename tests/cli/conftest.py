"""The command as a process, in a project and with a user's folders that are the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from host.sample import make_project

from treadle.store.project import Project

Treadle = Callable[..., subprocess.CompletedProcess[str]]
Begin = Callable[..., subprocess.Popen[str]]

COMMAND = [sys.executable, "-m", "treadle.cli"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(tmp_path / "project")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a person with folders of their own, a wide terminal, and none of the caller's settings of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TREADLE_", "XDG_"))}
    return {**kept, "XDG_CONFIG_HOME": str(tmp_path / "config"), "COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.fixture
def treadle(project: Project, environment: dict[str, str]) -> Treadle:
    """Runs `treadle …` in the project to its end."""

    def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words], cwd=project.root, env={**environment, **variables}, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def begin(project: Project, environment: dict[str, str]) -> Iterator[Begin]:
    """Starts `treadle …` in the project; what goes on when the test has ended is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*COMMAND, *words], cwd=project.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()
