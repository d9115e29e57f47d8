"""A docstring as summary, text and help by parameter. Google, NumPy and Sphinx layouts are understood."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Documentation", "read_docstring"]

_GOOGLE: Final = re.compile(r"(Args|Arguments|Parameters|Returns|Attributes):\s*$")
_GOOGLE_ITEM: Final = re.compile(r"\s+\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")
_NUMPY_ITEM: Final = re.compile(r"(\w+)\s*(?::.*)?$")
_SPHINX_ITEM: Final = re.compile(r":(?:param|parameter)(?:\s+[^:]+?)??\s+(\w+):\s*(.*)$")
_NUMPY_SECTIONS: Final = frozenset({"Parameters", "Returns", "Attributes"})


@dataclass(frozen=True, slots=True)
class Documentation:
    """`summary` is the first paragraph on one line; `help` is by parameter or output name."""

    summary: str = ""
    text: str = ""
    help: Mapping[str, str] = field(default_factory=dict)


def read_docstring(raw: str | None) -> Documentation:
    if not raw:
        return Documentation()
    text = inspect.cleandoc(raw)
    summary = " ".join(text.split("\n\n", 1)[0].split())
    help_by_name: dict[str, str] = {}
    for name, line in _items(text.splitlines()):
        help_by_name[name] = f"{help_by_name[name]} {line}".strip() if name in help_by_name else line
    return Documentation(summary, text, help_by_name)


def _items(lines: list[str]) -> Iterator[tuple[str, str]]:
    """(parameter, a line of its help), in order; a continued line comes as another pair."""
    section, current, indent = "", "", 0
    for position, line in enumerate(lines):
        following = lines[position + 1] if position + 1 < len(lines) else ""
        if sphinx := _SPHINX_ITEM.match(line.strip()):
            section, current = "sphinx", sphinx[1]
            yield current, sphinx[2].strip()
        elif _GOOGLE.match(line):
            section, current, indent = "google", "", 0
        elif line.strip() in _NUMPY_SECTIONS and following.startswith("---"):
            section, current = "numpy", ""
        elif not line.startswith((" ", "-")) and line and section != "numpy":
            section, current = "", ""
        elif section == "google" and (item := _GOOGLE_ITEM.match(line)) and _indent(line) <= (indent or 99):
            current, indent = item[1], _indent(line)
            yield current, item[2].strip()
        elif section == "numpy" and line and not line.startswith((" ", "-")):
            header = _NUMPY_ITEM.match(line)
            current = header[1] if header else ""
        elif current and line.strip():
            yield current, line.strip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
