"""A docstring's light markup as rich text of our own making: code spans, bold words, list items, names of parameters.

Every word of the docstring is escaped first; tags and styles come from here only, so nothing in it can be a tag.
"""

from __future__ import annotations

import html
import re
from typing import Final

from treadle_gui.style.tokens import MONO

__all__ = ["marked"]

_SPAN: Final = re.compile(r"(?::[\w:]+:)?`(?P<code>[^`\n]+)`(?:__?)?|\*\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*\*")
_ITEM: Final = re.compile(r"(?P<mark>•|\d{1,2}[.)]) +(?P<words>.*)", re.DOTALL)
_NAMED: Final = re.compile(r"(?P<name>\*{0,2}[A-Za-z_]\w*)(?P<kind> ?\([^)]*\)| : [^:]*)?(?P<colon>: |\Z)")
_CODE: Final = f"<span style=\"font-family:'{MONO[0]}'\">{{}}</span>"
_LINE: Final = '<p style="margin:0px 0px 4px 0px">{}</p>'
_LISTED: Final = '<p style="margin:0px 0px 4px 14px; text-indent:-12px">{}</p>'


def marked(text: str) -> str:
    """HTML for a label, of plain lines in which `•` and numbers begin items."""
    return "".join(map(_line, text.split("\n")))


def _line(line: str) -> str:
    item = _ITEM.fullmatch(line)
    if item is None:
        return _LINE.format(_spans(line))
    named = _NAMED.match(item["words"]) if item["mark"] == "•" else None
    if named is None:
        return _LISTED.format(f"{html.escape(item['mark'])} {_spans(item['words'])}")
    rest = item["words"][named.end() :]
    head = _CODE.format(html.escape(named["name"])) + html.escape((named["kind"] or "") + named["colon"])
    return _LISTED.format(f"• {head}{_spans(rest)}")


def _spans(text: str) -> str:
    made, place = [], 0
    for span in _SPAN.finditer(text):
        made.append(html.escape(text[place : span.start()]))
        code = span["code"]
        made.append(_CODE.format(html.escape(code)) if code else f"<b>{html.escape(span['bold'])}</b>")
        place = span.end()
    return "".join(made) + html.escape(text[place:])
