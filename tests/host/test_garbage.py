"""A process that goes on with runs doesn't stop to look at everything it holds."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from treadle.host.garbage import collect_mostly_the_young


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_cycles_go_and_what_lives_is_not_looked_at_again() -> None:
    collected: list[int] = []

    def note(phase: str, told: dict[str, int]) -> None:
        if phase == "stop":
            collected.append(told["generation"])

    collect_mostly_the_young()
    gc.callbacks.append(note)
    try:
        kept = [{} for _ in range(200_000)]
        for _ in range(30_000):
            cycle: list[object] = []
            cycle.append(cycle)
    finally:
        gc.callbacks.remove(note)
    assert len(kept) == 200_000
    assert len(collected) > 10
    assert set(collected) == {0}
    assert sum(isinstance(each, list) and each[:1] == [each] for each in gc.get_objects(0)) < 15_000
