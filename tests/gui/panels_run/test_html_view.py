"""The page view: tables and pictures show; nothing is loaded, whatever the page asks for."""

from __future__ import annotations

import base64

import pytest
from PySide6.QtCore import QBuffer, QIODevice, QUrl
from PySide6.QtGui import QImage, QTextDocument
from pytestqt.qtbot import QtBot

from treadle_gui.panels.data.html_view import HtmlView
from treadle_gui.style.tokens import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def png(width: int = 40) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image = QImage(width, 10, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.data().data()).decode()


def test_text_tables_and_pictures_show(qtbot: QtBot, theme: Theme) -> None:
    view = HtmlView(f'<h1>Title</h1><table><tr><td>1</td></tr></table><img src="data:image/png;base64,{png()}">', theme)
    qtbot.addWidget(view)
    view.show()
    assert "Title" in view.toPlainText()
    view.grab()
    assert view.page.refused == set()
    assert view.textCursor().position() == 0
    kind = QTextDocument.ResourceType.ImageResource.value
    picture = view.page.loadResource(kind, QUrl(f"data:image/png;base64,{png(2000)}"))
    assert isinstance(picture, QImage)
    assert picture.width() == 900


@pytest.mark.parametrize(
    "source", ["http://127.0.0.1:9/x.png", "file:///etc/passwd", "data:image/svg+xml;base64,PHN2Zy8+", "x.png"]
)
def test_nothing_is_loaded(qtbot: QtBot, theme: Theme, source: str) -> None:
    view = HtmlView(f'<img src="{source}"><script>x</script><p>text', theme)
    qtbot.addWidget(view)
    view.show()
    view.grab()
    assert source in view.page.refused
    assert view.page.loadResource(QTextDocument.ResourceType.HtmlResource.value, QUrl(source)) is None
    assert "x</script>" not in view.toPlainText()


def test_a_broken_picture_and_a_link_do_nothing(qtbot: QtBot, theme: Theme) -> None:
    view = HtmlView('<img src="data:image/png;base64,AAA"><a href="http://x">go</a>', theme)
    qtbot.addWidget(view)
    view.show()
    view.grab()
    assert not view.openLinks()
    assert not view.openExternalLinks()
    view.set_theme(theme)
    assert "go" in view.toPlainText()
