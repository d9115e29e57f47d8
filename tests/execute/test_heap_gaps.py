"""The gaps that imports leave in the heap, filled."""

from __future__ import annotations

import json
import os
import subprocess
import sys

SPREAD = """
import json, sys
from treadle.execute import heap_gaps
made = [bytes(length) for length in range(100, 900) for _ in range(20)]
del made[::2]
kept = heap_gaps.fill() if sys.argv[1] == "filled" else []
later = [bytes(200) for _ in range(100)]
places = sorted(map(id, later))
print(json.dumps([places[-1] - places[0], len(kept)]))
"""


def spread(how: str) -> tuple[int, int]:
    """How far a hundred objects lie from each other that are made after many others went; how many pieces fill gaps."""
    said = subprocess.run(
        [sys.executable, "-c", SPREAD, how],
        env={**os.environ, "PYTHONMALLOC": "malloc"},
        capture_output=True,
        check=True,
        text=True,
    )
    width, pieces = json.loads(said.stdout)
    return width, pieces


def test_what_is_made_after_the_gaps_are_filled_lies_close_together() -> None:
    (wide, nothing), (narrow, pieces) = spread("gaps"), spread("filled")
    assert nothing == 0 < pieces < 100_000
    assert narrow * 3 < wide


def test_under_an_allocator_that_gives_no_neighbours_it_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from treadle.execute import heap_gaps; print(len(heap_gaps.fill()) <= 100_000)"],
        env={**os.environ, "PYTHONMALLOC": "pymalloc"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout == "True\n"
