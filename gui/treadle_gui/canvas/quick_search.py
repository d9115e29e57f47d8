"""Which components a few typed letters mean, best first, and which of them fit an open end. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from treadle.spec.component import Component
from treadle.spec.connecting import mismatch
from treadle.spec.pipeline import Endpoint

__all__ = ["fitting_port", "ranked", "score"]


def score(component: Component, text: str) -> int | None:
    """How well `text` names the component, 0 best; None where it does not."""
    wanted = text.casefold().strip()
    title, uses = component.title.casefold(), component.uses.casefold()
    if not wanted:
        return 0
    if title.startswith(wanted):
        return 0
    if any(word.startswith(wanted) for word in title.split()) or uses.partition(".")[2].startswith(wanted):
        return 1
    if wanted in title or wanted in uses:
        return 2
    if any(wanted in tag.casefold() for tag in (*component.tags, component.category)):
        return 3
    if _in_order(wanted.replace(" ", ""), title):
        return 4
    return 5 if all(word in component.summary.casefold() for word in wanted.split()) else None


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def ranked(components: Iterable[Component], text: str) -> list[Component]:
    """Those that `text` names, best first, then by title."""
    scored = [
        (found, item.title.casefold(), item.uses, item)
        for item in components
        if (found := score(item, text)) is not None
    ]
    return [item for *_, item in sorted(scored, key=lambda entry: entry[:3])]


def fitting_port(here: Component, end: Endpoint, candidate: Component, *, is_output: bool) -> str | None:
    """The first port of `candidate` that an edge from (or to) `end` could lead to. `here` is what `end.node` is."""
    if is_output:
        ports = (Endpoint("new", port.name) for port in candidate.inputs)
        return next((port.port for port in ports if mismatch(here, candidate, end, port) is None), None)
    ports = (Endpoint("new", port.name) for port in candidate.outputs)
    return next((port.port for port in ports if mismatch(candidate, here, port, end) is None), None)
