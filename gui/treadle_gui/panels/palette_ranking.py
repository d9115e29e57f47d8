"""How well a typed query fits a name: the one ranking of the palette, the command palette and quick-add.

    exact > prefix > initials > start of a word > anywhere > letters in order

The letters of a query must all appear in order, else there is no fit. Among equals the shorter text wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

__all__ = ["fit", "ranked"]

_T = TypeVar("_T")
_WORDS: Final = re.compile(r"[a-z0-9]+")


def fit(query: str, text: str) -> float | None:
    """From 0 (letters in order) to 100 (the same), or None where `query` does not fit `text`. Case is ignored."""
    wanted, given = query.casefold().strip(), text.casefold()
    if not wanted:
        return 0.0
    if wanted == given:
        return 100.0
    closeness = len(wanted) / max(len(given), len(wanted))
    if given.startswith(wanted):
        return 80 + 10 * closeness
    words = _WORDS.findall(given)
    if len(wanted) > 1 and "".join(word[0] for word in words).startswith(wanted):
        return 70 + 5 * closeness
    if any(word.startswith(wanted) for word in words):
        return 60 + 10 * closeness
    parts = wanted.split()
    if len(parts) > 1 and all(part in given for part in parts):
        return 50 + 10 * closeness
    if wanted in given:
        return 40 + 10 * closeness
    return _scattered(wanted.replace(" ", ""), given)


def _scattered(wanted: str, given: str) -> float | None:
    """The fit of letters that appear in order: the tighter they stand, the better (0 to 30)."""
    place = given.find(wanted[0])
    start = place
    for letter in wanted[1:]:
        place = given.find(letter, place + 1) if place >= 0 else -1
    if place < 0:
        return None
    return 30 * len(wanted) / (place - start + 1)


def ranked(query: str, items: Iterable[_T], texts: Callable[[_T], Iterable[tuple[str, float]]]) -> list[_T]:
    """The items that fit, best first; equal ones keep their order.

    `texts` gives an item's searchable texts with a weight each: `[(title, 1.0), (tags, 0.6)]`.
    """
    scored: list[tuple[float, int, _T]] = []
    for index, item in enumerate(items):
        fits = [(fit(query, text), weight) for text, weight in texts(item)]
        best = max((score * weight + weight for score, weight in fits if score is not None), default=None)
        if best is not None:
            scored.append((-best, index, item))
    return [item for _, _, item in sorted(scored, key=lambda row: row[:2])]
