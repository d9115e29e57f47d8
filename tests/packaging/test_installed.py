"""What `pip install .` puts in place: the wheel alone, without the source tree, does the whole job.

Under the editable install type checkers resolve every import of ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PACKAGES = {"treadle": "engine", "treadle_gui": "gui", "treadle_resources": "resources"}
ENTRY = "import sys; from treadle.cli.main import main; main(sys.argv[1:])"

pytestmark = pytest.mark.slow

Treadle = Callable[..., str]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files in a folder, as pip lays them out."""
    folder = tmp_path_factory.mktemp("wheel")
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def treadle(installed: Path, tmp_path: Path) -> Treadle:
    """The installed command; the path of the editable install comes after it, and is never needed."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "COLUMNS": "200", "NO_COLOR": "1"}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-c", ENTRY, *words], cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def from_where(installed: Path) -> set[str]:
    """The files that the names of our packages stand for where the wheel is installed."""
    look = f"import json; print(json.dumps([__import__(name).__file__ for name in {sorted(PACKAGES)}]))"
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return set(json.loads(subprocess.check_output([sys.executable, "-P", "-c", look], env=environment)))


def test_the_wheel_holds_all_that_the_source_tree_has(installed: Path) -> None:
    for package, room in PACKAGES.items():
        ours = {path.relative_to(ROOT / room) for path in (ROOT / room / package).rglob("*") if path.is_file()}
        kept = {path for path in ours if "__pycache__" not in path.parts and ".treadle" not in path.parts}
        assert {path for path in kept if not (installed / path).is_file()} == set()


def test_the_command_works_from_the_wheel_alone(treadle: Treadle, installed: Path) -> None:
    assert from_where(installed) == {str(installed / package / "__init__.py") for package in PACKAGES}
    assert "run" in treadle("--help")
    assert "ok   fork server" in treadle("doctor")
    treadle("new", "project")
    assert "2 succeeded" in treadle("run", "project/hello.treadle.yaml")
    assert "data.read_csv" in {each["uses"] for each in json.loads(treadle("components", "--json"))}


def test_type_checkers_resolve_the_editable_install(tmp_path: Path) -> None:
    file = tmp_path / "user.py"
    file.write_text("import treadle.host.facade\nimport treadle_gui.app\nimport treadle_resources\n")
    checks = (
        ["mypy", "--config-file=", "--follow-imports=silent", f"--cache-dir={tmp_path}"],
        ["pyright", "--pythonpath", sys.executable],
    )
    for words in checks:
        done = subprocess.run(
            [sys.executable, "-m", *words, str(file)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
