"""The real app, its own host, and a run of a map of 10,000 items: the loop never stands still, memory stays bounded."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import pytest
from gui.loop_watch import LIMIT
from system.test_never_blocks import measured

APP = Path(__file__).with_name("mapped_app.py")
ITEMS = 10_000
TRIES = 3
MOST = 64
"""MiB that the app may grow by: it holds a state for each item, and no log, no widget and no row."""

COMPONENTS = '''
from treadle import component


@component
def numbers(count: int) -> list[int]:
    """0, 1, 2 …"""
    return list(range(count))


@component
def fit(number: int) -> int:
    """One more; some fail."""
    if number % 1_000 == 7:
        raise ValueError(f"no use for {number}")
    return number + 1
'''
PIPELINE = f"""treadle: 1
name: many
nodes:
  numbers: {{uses: many.numbers, with: {{count: {ITEMS}}}}}
  fit: {{uses: many.fit, in: {{number: numbers.json}}, map: {{over: number}}, isolation: reuse}}
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def shown(folder: Path) -> dict[str, Any]:
    project = folder / "project"
    (project / "components").mkdir(parents=True)
    (project / "components" / "many.py").write_text(COMPONENTS)
    file = project / "many.treadle.yaml"
    file.write_text(PIPELINE)
    return measured(APP, folder, file)


def test_a_map_of_10_000_items_neither_holds_up_the_app_nor_fills_it(tmp_path: Path) -> None:
    """I9, I10: with the node's items in view all the while."""
    tries = [shown(tmp_path / str(number)) for number in range(TRIES)]

    assert [(each["items"], each["done"], each["failed"]) for each in tries] == [(ITEMS, ITEMS, ITEMS // 1_000)] * TRIES
    assert median(each["work"] for each in tries) <= LIMIT
    assert median(each["held"] for each in tries) <= LIMIT
    assert median(each["grew"] for each in tries) <= MOST
