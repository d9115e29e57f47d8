"""What set-up installs: pinned, hashed, from no named registry, and with the PySide6 that does not abort."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "packaging").glob("*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_is_pinned_and_hashed_and_no_host_is_named(lock):
    text = lock.read_text()
    assert "://" not in text
    assert "index-url" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 20
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[^]]*\])?==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry


def test_the_locked_pyside_is_one_that_keeps_its_references():
    versions = re.findall(
        r"^pyside6-essentials==(\S+)", (ROOT / "packaging/requirements.lock").read_text(), re.MULTILINE
    )
    assert versions
    for version in versions:
        assert (6, 11, 3) <= tuple(int(part) for part in version.split(".")) < (6, 12)


def test_there_is_one_distribution_with_three_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert [Path(package).name for package in packages] == ["treadle", "treadle_gui", "treadle_resources"]
    for package in packages:
        assert (ROOT / package / "__init__.py").is_file()
