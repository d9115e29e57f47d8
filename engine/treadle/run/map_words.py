"""How far a map is, in words, for every place that says it."""

from __future__ import annotations

from treadle.run.map_state import MapState

__all__ = ["items_of", "progress_of"]


def items_of(state: MapState) -> str:
    """`10,000 items`."""
    return f"{state.items:,} item{'s' * (state.items != 1)}"


def progress_of(state: MapState) -> str:
    """`7,301 of 10,000 items, 2 failed`; once all are done just how many they are."""
    done = items_of(state) if state.done == state.items else f"{state.done:,} of {items_of(state)}"
    return f"{done}, {state.failed:,} failed" if state.failed else done
