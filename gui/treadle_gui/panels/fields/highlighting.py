"""Light syntax colours for Python, SQL, YAML and XML: keywords, strings, comments, numbers. Line by line, no parser."""

from __future__ import annotations

import keyword
import re
from typing import Final

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from treadle_gui.style.tokens import Theme

__all__ = ["Highlighter"]

_SQL_WORDS: Final = (
    "select|from|where|group|by|order|having|limit|offset|join|left|right|inner|outer|full|cross|on|using|as|and|or|"
    "not|in|is|null|like|ilike|between|case|when|then|else|end|with|union|all|distinct|insert|into|values|update|set|"
    "delete|create|table|view|over|partition|window|asc|desc|true|false|cast|exists|qualify"
)
_STRING: Final = (
    r"(?P<string>\"\"\"(?:(?!\"\"\").)*(?:\"\"\")?|'''(?:(?!''').)*(?:''')?|'(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?)"
)
_NUMBER: Final = r"(?P<number>\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
_PYTHON_WORDS: Final = "|".join(keyword.kwlist)
_RULES: Final = {
    "python": re.compile(
        rf"(?P<comment>#.*)|{_STRING}|(?P<keyword>\b(?:{_PYTHON_WORDS})\b)|"
        rf"(?P<name>(?<=def )\w+|(?<=class )\w+|@[\w.]+)|{_NUMBER}"
    ),
    "sql": re.compile(
        rf"(?P<comment>--.*)|{_STRING}|(?P<keyword>\b(?:{_SQL_WORDS})\b)|(?P<name>\b\w+(?=\())|{_NUMBER}",
        re.IGNORECASE,
    ),
    "yaml": re.compile(rf"(?P<comment>(?:^|(?<=\s))#.*)|(?P<name>^\s*(?:- )?[\w.$-]+(?=:))|{_STRING}|{_NUMBER}"),
    "xml": re.compile(rf"(?P<comment><!--.*?-->)|(?P<keyword></?[\w:]+|/?>)|(?P<name>[\w:-]+(?==))|{_STRING}"),
}
_TRIPLES: Final = ('"""', "'''")
_LONGEST: Final = 2000
"""Characters of a line that are coloured; a longer one would stall typing."""


class Highlighter(QSyntaxHighlighter):
    """Colours `document` as `language`; an unknown language stays plain."""

    def __init__(self, document: QTextDocument, language: str, theme: Theme) -> None:
        super().__init__(document)
        self._language = language.casefold()
        self._rule = _RULES.get(language.casefold())
        self._formats: dict[str, QTextCharFormat] = {}
        self.set_theme(theme)

    def set_language(self, language: str) -> None:
        self._language = language.casefold()
        self._rule = _RULES.get(self._language)
        self.rehighlight()

    def set_theme(self, theme: Theme) -> None:
        colours = {
            "comment": theme.placeholder,
            "string": theme.ports["Metrics"].colour,
            "keyword": theme.accent,
            "name": theme.ports["Model"].colour,
            "number": theme.ports["Image"].colour,
        }
        self._formats = {name: _ink(colour) for name, colour in colours.items()}
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        if self._rule is None:
            return
        shown = text[:_LONGEST]
        for match in self._rule.finditer(shown, self._leave_string(shown)):
            kind = match.lastgroup
            if kind is None:
                continue
            if (
                self._language == "python"
                and match[0].startswith(_TRIPLES)
                and self._enter_string(shown, match.start())
            ):
                return
            self.setFormat(match.start(), match.end() - match.start(), self._formats[kind])

    def _leave_string(self, text: str) -> int:
        """Colours what is left of a string of several lines; returns where it ends."""
        state = self.previousBlockState()
        self.setCurrentBlockState(-1)
        if not 0 <= state < len(_TRIPLES):
            return 0
        end = text.find(_TRIPLES[state])
        length = len(text) if end < 0 else end + 3
        self.setFormat(0, length, self._formats["string"])
        if end < 0:
            self.setCurrentBlockState(state)
        return length

    def _enter_string(self, text: str, start: int) -> bool:
        """Whether a string of several lines begins at `start` and goes on after this line."""
        mark = text[start : start + 3]
        if mark not in _TRIPLES or mark in text[start + 3 :]:
            return False
        self.setFormat(start, len(text) - start, self._formats["string"])
        self.setCurrentBlockState(_TRIPLES.index(mark))
        return True


def _ink(colour: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(colour))
    return made
