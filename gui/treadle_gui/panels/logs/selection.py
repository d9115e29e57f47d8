"""What a person has selected in a log: from one place to another, as places between characters."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Place", "Selection"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Before character `column` of the line shown at `position`."""

    position: int
    column: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Between `anchor`, where it began, and `head`, which moves."""

    anchor: Place
    head: Place

    @property
    def is_empty(self) -> bool:
        return self.anchor == self.head

    @property
    def first(self) -> Place:
        return min(self.anchor, self.head)

    @property
    def last(self) -> Place:
        return max(self.anchor, self.head)

    def columns(self, position: int, length: int) -> tuple[int, int] | None:
        """From which to which column the line at `position` is selected; one beyond `length` takes its end."""
        if self.is_empty or not self.first.position <= position <= self.last.position:
            return None
        start = self.first.column if position == self.first.position else 0
        end = self.last.column if position == self.last.position else length + 1
        return start, end

    def cut(self, text: str) -> str:
        """The selected part of `text`, which holds the lines from `first` to `last`."""
        lines = text.split("\n")
        lines[-1] = lines[-1][: self.last.column]
        lines[0] = lines[0][self.first.column :]
        return "\n".join(lines)
