"""Set-up where it may not install system packages: it says which are missing, how to get them, and changes nothing."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "dirname", "id", "cat", "sha256sum", "cut")


def _checkout(folder: Path, missing: str) -> Path:
    """What set-up needs of a checkout, on a machine where `missing` is missing."""
    shutil.copytree(ROOT / "packaging", folder / "packaging", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "packaging/system_packages.py").write_text(f"print({missing!r})\n")
    return folder


def _set_up(folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs set-up with neither apt-get nor sudo on the path."""
    tools = folder / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    environment = {"PATH": str(tools), "PYTHON": sys.executable}
    command = [str(tools / "sh"), "packaging/setup.sh", "run"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_what_is_missing_is_named_with_the_command_that_installs_it(tmp_path):
    folder = _checkout(tmp_path, "libegl1 libxcb-cursor0")
    done = _set_up(folder)
    assert done.returncode == 1
    assert "sudo apt-get install -y --no-install-recommends libegl1 libxcb-cursor0" in done.stderr
    assert not (folder / ".venv").exists()


def test_what_is_already_set_up_is_left_alone(tmp_path):
    folder = _checkout(tmp_path, "")
    locked = b"".join(
        (folder / name).read_bytes() for name in ("packaging/requirements.lock", "pyproject.toml", "packaging/slim.py")
    )
    (folder / ".venv").mkdir()
    stamp = folder / ".venv/.stamp-run"
    stamp.write_text(hashlib.sha256(locked).hexdigest() + "\n")
    done = _set_up(folder)
    assert done.returncode == 0, done.stderr
    assert [file.name for file in (folder / ".venv").iterdir()] == [stamp.name]


def test_nothing_is_missing_where_set_up_has_been():
    done = subprocess.run(
        [sys.executable, str(ROOT / "packaging/system_packages.py"), "dev"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
