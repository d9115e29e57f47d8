"""A line of a log as the view draws it, one column a character, and what a person looks for in it."""

from __future__ import annotations

from typing import Final

from treadle.store.logs import LogLine

__all__ = ["LogQuery", "displayed"]

_TAB: Final = 8


def displayed(line: LogLine) -> str:
    """The line's text with tabs as spaces; a line that was cut says by how much."""
    text = line.text.expandtabs(_TAB) if "\t" in line.text else line.text
    return f"{text} … {line.cut:,} more bytes" if line.cut else text


class LogQuery:
    """What a person looks for: plain text, never a pattern, whose cost nobody could bound."""

    def __init__(self, text: str, *, match_case: bool = False) -> None:
        self._needle = text if match_case else text.lower()
        self._match_case = match_case

    def __bool__(self) -> bool:
        return bool(self._needle)

    def matches(self, shown: str) -> bool:
        return self._needle in (shown if self._match_case else shown.lower())

    def spans(self, shown: str) -> list[tuple[int, int]]:
        """Where it stands in a displayed line: (first column, length)."""
        text = shown if self._match_case else shown.lower()
        found: list[tuple[int, int]] = []
        start = text.find(self._needle) if self._needle else -1
        while start >= 0:
            found.append((start, len(self._needle)))
            start = text.find(self._needle, start + len(self._needle))
        return found
