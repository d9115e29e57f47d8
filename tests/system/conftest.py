"""A screen of its own for each journey through the app."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from system.screen import Screen, screen


@pytest.fixture
def on_screen(tmp_path: Path) -> Iterator[Screen]:
    """Pictures that a journey takes go to `$TREADLE_PICTURES`, where that is set."""
    with screen(Path(os.environ.get("TREADLE_PICTURES", tmp_path / "pictures"))) as found:
        yield found
