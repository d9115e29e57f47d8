"""Collecting: which runs, cache entries and artifacts of a project may go. Pure: all it knows comes in as values.

    kept runs ─────────► artifacts that stay, with all that those refer to
    kept entries ──────►
    everything else goes

What a kept run refers to never goes. A run that an engine is going on with is always kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

__all__ = ["Choice", "Entry", "Found", "FoundRun", "Rules", "choose"]

Closure = Callable[[Iterable[str]], AbstractSet[str]]
"""Digests and all that they refer to, directly or not."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is to be kept. Seconds and bytes; None for no limit.

    Runs and cache entries last used more than `older_than` ago go, but for the newest `keep_runs`; with `keep_runs`
    alone all other runs go. Above `max_size` entries that only the cache needs go first, then runs, the oldest first,
    and never the newest one.
    """

    older_than: float | None = None
    keep_runs: int | None = None
    max_size: int | None = None


@dataclass(frozen=True, slots=True)
class FoundRun:
    """`ended` in epoch seconds; `size` of its folder in bytes; `refers` are digests. A `busy` one is going on."""

    run: str
    ended: float
    size: int
    refers: frozenset[str]
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the cache: last used when, and the digests of what it would give. Unreadable, it is not `whole`."""

    name: str
    used: float
    size: int
    refers: frozenset[str]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """All there is. `runs` are newest first, `artifacts` are sizes by digest."""

    runs: tuple[FoundRun, ...]
    entries: tuple[Entry, ...]
    artifacts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes, and how many bytes that frees and leaves."""

    runs: tuple[str, ...]
    entries: tuple[str, ...]
    artifacts: tuple[str, ...]
    freed: int
    left: int


def choose(found: Found, rules: Rules, closure: Closure, now: float) -> Choice:
    """`now` in epoch seconds."""
    keeping = _Keeping(found, closure)
    for place, run in enumerate(found.runs):
        if not run.busy and _is_past(run, place, rules, now):
            keeping.let_go(run)
    for entry in found.entries:
        too_old = rules.older_than is not None and now - entry.used > rules.older_than
        if too_old or not entry.whole or not entry.refers <= found.artifacts.keys():
            keeping.let_go(entry)
    if rules.max_size is not None:
        _shrink(keeping, rules.max_size, max(1, rules.keep_runs or 0))
    return keeping.choice()


def _is_past(run: FoundRun, place: int, rules: Rules, now: float) -> bool:
    if place < (rules.keep_runs or 0):
        return False
    if rules.older_than is not None:
        return now - run.ended > rules.older_than
    return rules.keep_runs is not None


def _shrink(keeping: _Keeping, most: int, spared: int) -> None:
    """Lets go of entries, then of runs, until what is left fits, or nothing more may go."""
    for entry in sorted(keeping.entries, key=lambda entry: entry.used):
        if keeping.left <= most:
            return
        if keeping.is_alone_with_any_of(entry):
            keeping.let_go(entry)
    for run in reversed([run for run in keeping.runs if not run.busy and run not in keeping.found.runs[:spared]]):
        if keeping.left <= most:
            return
        keeping.let_go(run)
        for entry in [entry for entry in keeping.entries if keeping.is_alone_with_any_of(entry)]:
            keeping.let_go(entry)


class _Keeping:
    """What is kept so far, and by how many each artifact is needed."""

    def __init__(self, found: Found, closure: Closure) -> None:
        self.found = found
        everything: tuple[FoundRun | Entry, ...] = (*found.runs, *found.entries)
        self._needs = {id(each): closure(each.refers) for each in everything}
        self._by_runs = Counter(digest for run in found.runs for digest in self._needs[id(run)])
        self._by_entries = Counter(digest for entry in found.entries for digest in self._needs[id(entry)])
        self.runs = list(found.runs)
        self.entries = list(found.entries)
        sizes = found.artifacts
        self._whole = sum(each.size for each in everything) + sum(found.artifacts.values())
        self.left = sum(each.size for each in everything)
        self.left += sum(sizes[digest] for digest in sizes if self._by_runs[digest] or self._by_entries[digest])

    def is_alone_with_any_of(self, entry: Entry) -> bool:
        """Whether no run needs something that `entry` does."""
        return any(not self._by_runs[digest] for digest in self._needs[id(entry)])

    def let_go(self, each: FoundRun | Entry) -> None:
        if isinstance(each, FoundRun):
            self.runs.remove(each)
            counts = self._by_runs
        else:
            self.entries.remove(each)
            counts = self._by_entries
        self.left -= each.size
        for digest in self._needs[id(each)]:
            counts[digest] -= 1
            if not self._by_runs[digest] and not self._by_entries[digest]:
                self.left -= self.found.artifacts.get(digest, 0)

    def choice(self) -> Choice:
        found = self.found
        runs, entries = {run.run for run in self.runs}, {entry.name for entry in self.entries}
        return Choice(
            tuple(run.run for run in found.runs if run.run not in runs),
            tuple(entry.name for entry in found.entries if entry.name not in entries),
            tuple(each for each in found.artifacts if not self._by_runs[each] and not self._by_entries[each]),
            self._whole - self.left,
            self.left,
        )
