"""A bench to run plans on."""

from __future__ import annotations

from pathlib import Path

import pytest
from run.fakes import Bench, FakeExecutor

from treadle.store.project import Project


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    project = Project(tmp_path)
    return Bench(project, FakeExecutor(project.artifacts))
