"""What the tests share: an executor, and a small file system of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute.attempts import Bench, bench
from host.conftest import home

__all__ = ["here", "home"]

SIZE = 4 << 20


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An executor that the tests of a module share."""
    with bench(tmp_path_factory.mktemp("bench")) as made:
        yield made


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A file system of 4 MiB (which only root can mount)."""
    folder = home / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a file system can't be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
