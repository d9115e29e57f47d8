"""History: what undo and redo walk over, as a value.

    past ── Step(label, before, selection) … ──► present ◄── … Step(label, after, selection) ── future

A step keeps the whole earlier Pipeline; unchanged nodes are shared by identity, so a step costs what it changed.
Undoing everything gives the very first object back, redoing everything the very last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from treadle.spec.pipeline import Pipeline

__all__ = ["History", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the undo list: the value on the other side of an edit, and the key under which it merges."""

    label: str
    pipeline: Pipeline
    merge: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The present value with the steps behind and before it. `sealed` keeps the next edit from merging."""

    present: Pipeline
    past: tuple[Step, ...] = ()
    future: tuple[Step, ...] = ()
    sealed: bool = True

    def edited(self, label: str, pipeline: Pipeline, merge: str | None = None) -> History:
        """With `pipeline` as the present. A merged edit that leads back to its start takes its own step away."""
        last = self.past[-1] if self.past else None
        if merge is not None and not self.sealed and last is not None and last.merge == merge:
            if pipeline == last.pipeline:
                return History(last.pipeline, self.past[:-1])
            return History(pipeline, self.past, sealed=False)
        return History(pipeline, (*self.past, Step(label, self.present, merge)), sealed=False)

    def undone(self) -> History:
        """One step back. The caller has looked at `past`: with none, this is the same history."""
        if not self.past:
            return self
        step = self.past[-1]
        return History(step.pipeline, self.past[:-1], (*self.future, Step(step.label, self.present, step.merge)))

    def redone(self) -> History:
        """One step forward again."""
        if not self.future:
            return self
        step = self.future[-1]
        return History(step.pipeline, (*self.past, Step(step.label, self.present, step.merge)), self.future[:-1])

    def seal(self) -> History:
        """The next edit begins a step of its own, whatever its merge key."""
        return self if self.sealed else replace(self, sealed=True)
