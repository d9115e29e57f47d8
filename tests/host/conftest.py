"""A project of small pure-Python components, and a user's folders that are the test's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from host.sample import end_host, make_project

from treadle.store.project import Project


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short path: what is below must fit a socket's address."""
    folder = Path(tempfile.mkdtemp(prefix="treadle-"))
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"):
        (folder / name).mkdir(mode=0o700)
        monkeypatch.setenv(name, str(folder / name))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def project(home: Path) -> Iterator[Project]:
    project = make_project(home / "project")
    yield project
    end_host(project)
