"""Garbage is collected by the event loop, never in the middle of something."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from treadle_gui.tidying import Tidying, due


class Cycle:
    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _python_collects() -> Iterator[None]:
    """As where the app starts; the app's other tests keep garbage until they have ended."""
    gc.enable()
    yield
    gc.disable()


@pytest.fixture
def tidying(qtbot: QtBot) -> Iterator[Tidying]:
    made = Tidying(every_ms=5)
    yield made
    made.stop()


def test_garbage_waits_for_the_loop(tidying: Tidying, qtbot: QtBot) -> None:
    gone = weakref.ref(Cycle())
    kept = [[number] for number in range(10 * gc.get_threshold()[0])]
    assert gone() is not None
    qtbot.waitUntil(lambda: gone() is None, timeout=5_000)
    assert len(kept) > 0


def test_old_garbage_goes_in_the_end(tidying: Tidying, qtbot: QtBot) -> None:
    cycle = Cycle()
    gc.collect()
    gone = weakref.ref(cycle)
    del cycle
    kept: list[list[int]] = []

    def busy() -> bool:
        kept.extend([number] for number in range(2 * gc.get_threshold()[0]))
        return gone() is None

    qtbot.waitUntil(busy, timeout=20_000)


def test_python_collects_again_afterwards(qtbot: QtBot) -> None:
    tidying = Tidying()
    assert not gc.isenabled()
    tidying.stop()
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("counts", "generation"), [((700, 10, 10), None), ((701, 0, 0), 0), ((701, 11, 0), 1), ((0, 0, 11), 2)]
)
def test_the_oldest_generation_that_is_due_is_collected(counts: tuple[int, int, int], generation: int | None) -> None:
    assert due(counts, (700, 10, 10)) == generation
