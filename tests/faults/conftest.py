from __future__ import annotations

from collections.abc import Iterator

import pytest
from execute.attempts import Bench, bench
from host.conftest import home

__all__ = ["here", "home"]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """An executor that the tests of a module share."""
    with bench(tmp_path_factory.mktemp("bench")) as made:
        yield made
