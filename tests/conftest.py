"""Before any test: a user's folders that are this session's own, so that no test reads or writes a real person's.

Fonts that matplotlib has listed once are no person's data: the cache folder stays as it is. And Python's collector is
after each test as it was before: a command that a test calls in this process has it look at little.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

_FOLDERS = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")
_made = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """A short path: a socket's address below it must fit 107 bytes."""
    base = config.stash[_made] = Path(tempfile.mkdtemp(prefix="treadle-user-"))
    for name in _FOLDERS:
        folder = base / name.removeprefix("XDG_").lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_made], ignore_errors=True)


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
