"""Before a person trusts a project nothing of it is executed, imported, spawned for or unpickled."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

EVIL = '''
from pathlib import Path

from treadle.sdk import component

Path(__file__).with_name("ran").write_text("ran")

@component(category="Data")
def evil(path: str = "x") -> dict:
    """Writes a file when anybody runs it, or only imports its module."""
    return {}
'''

PIPELINE = """treadle: 1
name: evil
nodes:
  first:
    uses: steps.evil
  second:
    uses: data.read_csv
    with: {path: data.csv}
"""


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch bomb",)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "components").mkdir(parents=True)
    (root / "components" / "steps.py").write_text(EVIL)
    (root / "data.csv").write_text("a,b\n1,2\n")
    (root / "evil.treadle.yaml").write_text(PIPELINE)
    (root / "model.pkl").write_bytes(pickle.dumps(_Bomb()))
    (root / "conftest.py").write_text("raise SystemExit")
    return root


@pytest.mark.slow
def test_looking_around_an_untrusted_project_runs_nothing_of_it(project: Path, tmp_path: Path) -> None:
    """I7, I12."""
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    before = sorted(project.rglob("*"))
    script = Path(__file__).with_name("looking_around.py")
    looked = subprocess.run(
        [sys.executable, str(script), str(project / "evil.treadle.yaml")],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert looked.returncode == 0, looked.stderr
    assert looked.stdout.split("\n") == ["looked", ""]
    assert sorted(project.rglob("*")) == before
