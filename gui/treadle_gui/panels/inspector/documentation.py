"""A component's docstring as labels: headings, paragraphs, lists and code, no word of it ever read as a tag.

`blocks` reads the docstring (numpydoc or Google headings, Markdown's `#`), `marked` its code spans and items;
`Documentation` only shows them.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from treadle_gui.panels.inspector.marked import marked
from treadle_gui.style.apply import mono_font
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel

__all__ = ["Block", "BlockKind", "Documentation", "blocks"]

_UNDERLINE: Final = re.compile(r"[-=~]{3,}\s*\Z")
_GOOGLE: Final = re.compile(
    r"(Args|Arguments|Parameters|Returns|Raises|Yields|Examples?|Notes?|See also|References):\s*\Z", re.IGNORECASE
)


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    text: str


def blocks(doc: str) -> list[Block]:
    """The docstring's parts in order."""
    lines = inspect.cleandoc(doc).splitlines()
    made: list[Block] = []
    paragraph: list[str] = []

    def flush() -> None:
        if paragraph:
            made.append(_paragraph(paragraph))
            paragraph.clear()

    place, in_list = 0, False
    while place < len(lines):
        line = lines[place]
        following = lines[place + 1] if place + 1 < len(lines) else ""
        if line.strip() and _UNDERLINE.match(following):
            flush()
            made.append(Block(BlockKind.HEADING, line.strip()))
            place += 1
        elif line.startswith("#") or _GOOGLE.match(line):
            flush()
            made.append(Block(BlockKind.HEADING, line.strip("#: ")))
            in_list = bool(_GOOGLE.match(line)) and not line.startswith("Example")
        elif line.strip():
            in_list = in_list and line.startswith(" ")
            paragraph.append(_item(line) if in_list else line)
        else:
            flush()
        place += 1
    flush()
    return made


def _item(line: str) -> str:
    """A line of `Args:`; one that begins a name becomes a list item, others go on with the last."""
    name = line.strip().partition(":")[0]
    is_name = line.startswith("    ") and not line.startswith("     ") and name.replace(" ", "").isidentifier()
    return f"- {line.strip()}" if is_name and ":" in line else line.strip()


def _paragraph(lines: list[str]) -> Block:
    """Indented or prompted lines keep their shape; others flow, each list item on its own line."""
    stripped = [line.strip() for line in lines]
    if all(line.startswith("    ") for line in lines) or stripped[0].startswith((">>>", "```")):
        inner = [line.removeprefix("    ") for line in lines if not line.strip().startswith("```")]
        return Block(BlockKind.CODE, "\n".join(inner))
    text = ""
    for line in stripped:
        is_item = line.startswith(("- ", "* ", "• ")) or (" : " in line and line.split(" : ")[0].isidentifier())
        text += ("\n" if is_item and text else " " if text else "") + re.sub(r"\A[*-] ", "• ", line)
    return Block(BlockKind.PARAGRAPH, text.replace("``", "`"))


class Documentation(QWidget):
    """Shows a docstring."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(METRICS.gap)
        self._doc: str | None = None

    def show_doc(self, doc: str) -> None:
        if doc == self._doc:
            return
        self._doc = doc
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for block in blocks(doc):
            self._column.addWidget(_label(block))


def _label(block: Block) -> PlainLabel:
    label = PlainLabel(block.text, "section" if block.kind is BlockKind.HEADING else "")
    if block.kind is BlockKind.PARAGRAPH:
        label.setTextFormat(Qt.TextFormat.RichText)
        label.setText(marked(block.text))
    label.setWordWrap(True)
    label.setMinimumWidth(1)  # a long line of code wraps; it never widens the form
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if block.kind is BlockKind.CODE:
        label.setFont(mono_font(METRICS.text_small))
    return label
