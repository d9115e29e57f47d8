"""HTML to look at: text, tables and pictures. It runs nothing, loads nothing, and no link leads anywhere.

Qt's rich text has no scripts; what it would load by a name is refused here, but for pictures within the page.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QImage, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from treadle_gui.style.tokens import Theme

__all__ = ["HtmlView", "Page"]

_MOST: Final = 8_000_000
_PICTURE: Final = re.compile(r"data:image/(png|jpeg);base64,([A-Za-z0-9+/=]+)\Z")
_WIDEST: Final = 900


class Page(QTextDocument):
    """A document that has only what is written in it. `refused` are the names of what it would have loaded."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.refused: set[str] = set()
        self._pictures: dict[str, QImage] = {}

    def loadResource(self, type: int, name: QUrl | str) -> object:  # noqa: A002 (Qt's name)
        """A picture that stands in the page itself; nothing else."""
        url = name.toString() if isinstance(name, QUrl) else name
        found = _PICTURE.match(url)
        if found is None or int(type) != QTextDocument.ResourceType.ImageResource.value:
            self.refused.add(url[:200])
            return None
        if url not in self._pictures:
            self._pictures[url] = _image(found[2])
        return self._pictures[url]


def _image(encoded: str) -> QImage:
    """The picture, no wider than a pane; an empty one where it can't be read."""
    try:
        image = QImage.fromData(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        return QImage()
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaledToWidth(_WIDEST, smooth) if image.width() > _WIDEST else image


class HtmlView(QTextBrowser):
    """`text` is anybody's HTML."""

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text[:_MOST]
        self.page = Page(self)
        self.setDocument(self.page)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("Page")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.page.setDefaultStyleSheet(
            f"body {{ color: {theme.text}; }} pre {{ color: {theme.text}; }} "
            f".code, th {{ background-color: {theme.hover}; }} td, th {{ padding: 3px; }}"
        )
        self.page.setHtml(self._text)
        self.setTextCursor(QTextCursor(self.page))  # else it shows the end
