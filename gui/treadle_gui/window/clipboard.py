"""Copy and paste of nodes through the system's clipboard, as the text of a pipeline file.

So a selection can be pasted into another window, an editor or a chat, and text from there can be pasted here.
"""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from treadle.spec import edits
from treadle.spec.file_format import read, write
from treadle.spec.pipeline import Pipeline, Point
from treadle_gui.document.document import Document

__all__ = ["copy_selection", "fragment_on_clipboard", "paste_at"]

_STEP = 32.0
"""How far a paste lands from what it copies, where no place is given: a multiple of the grid."""


def copy_selection(document: Document) -> None:
    """Nothing is copied where nothing is selected."""
    if document.selection:
        # Not a QMimeData of ours: the clipboard outlives the interpreter, and would end it with a segmentation fault.
        QGuiApplication.clipboard().setText(write(edits.copy_nodes(document.pipeline, document.selection)))


def fragment_on_clipboard() -> Pipeline | None:
    """The nodes that were copied, or None where the clipboard holds something else."""
    text = QGuiApplication.clipboard().text()
    if not text.lstrip().startswith("treadle:") or len(text) > 2**22:
        return None
    return read(text).pipeline


def paste_at(document: Document, fragment: Pipeline, place: Point | None) -> None:
    """Adds copies with ids of their own, the upper left one at `place`, and selects them."""
    offset = (_STEP, _STEP)
    if place is not None and fragment.view:
        left = min(x for x, _ in fragment.view.values())
        top = min(y for _, y in fragment.view.values())
        offset = (place[0] - left, place[1] - top)
    after, new = edits.paste(document.pipeline, fragment, offset)
    words = "Paste a node" if len(new) == 1 else f"Paste {len(new)} nodes"
    document.edit(words, lambda _before: after, select=new)
