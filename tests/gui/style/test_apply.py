"""A theme reaches every widget; icons, marks and small widgets stand by it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPalette, QPen, QTextDocument
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from treadle_gui.style.apply import apply_theme, mono_font, sans_font
from treadle_gui.style.icons import FALLBACK, app_icon, glyph, has_icon, icon, pixmap
from treadle_gui.style.sheet import style_sheet
from treadle_gui.style.states import _LOOKS
from treadle_gui.style.tokens import DARK, LIGHT, Theme
from treadle_gui.style.widgets import ElidedLabel, EmptyState, PlainLabel, StatePill, set_role


def ink(image: QImage) -> set[str]:
    """The opaque colours of an image."""
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {colour.name().upper() for colour in colours if colour.alpha() == 255}


def as_shown(tooltip: str) -> str:
    """What a person reads in a tooltip."""
    document = QTextDocument()
    document.setHtml(tooltip)
    return document.toPlainText()


def test_switching_the_theme_changes_palette_and_sheet(qapp: QApplication) -> None:
    apply_theme(qapp, DARK)
    dark = qapp.palette().color(QPalette.ColorRole.Window).name().upper()
    apply_theme(qapp, LIGHT)
    light = qapp.palette().color(QPalette.ColorRole.Window).name().upper()

    assert (dark, light) == (DARK.panel, LIGHT.panel)
    assert LIGHT.primary in qapp.styleSheet()
    assert DARK.canvas not in qapp.styleSheet()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_sheet_names_only_files_that_exist(theme: Theme) -> None:
    files = re.findall(r'url\("([^"]+)"\)', style_sheet(theme))
    assert files
    assert [file for file in files if not Path(file).is_file()] == []


def test_the_shipped_fonts_are_used(theme: Theme) -> None:
    from PySide6.QtGui import QFontInfo

    assert QFontInfo(sans_font()).family() == "Inter"
    assert QFontInfo(mono_font()).family() == "JetBrains Mono"
    assert QFontInfo(mono_font()).fixedPitch()


def test_an_unknown_icon_is_the_fallback(theme: Theme) -> None:
    assert has_icon("table")
    assert not has_icon("no-such-icon")
    assert glyph("no-such-icon") == glyph(FALLBACK)
    assert not icon("no-such-icon", theme.text).isNull()


def test_an_icon_is_painted_in_the_colour_asked_for(theme: Theme) -> None:
    assert DARK.failed in ink(pixmap("square", DARK.failed, 16).toImage())
    assert LIGHT.failed in ink(pixmap("square", LIGHT.failed, 16).toImage())


def test_every_state_has_a_real_icon(theme: Theme) -> None:
    assert [look.icon for look in _LOOKS.values() if not has_icon(look.icon)] == []


@pytest.mark.parametrize("size", [16, 48, 256])
def test_the_app_icon_fills_any_size(theme: Theme, size: int) -> None:
    image = app_icon().pixmap(size, size).toImage()
    assert image.width() == size
    assert image.pixelColor(size // 2, size // 8).alpha() == 255


def test_a_plain_label_shows_markup_as_text(theme: Theme, qtbot: QtBot) -> None:
    label = PlainLabel("<b>bold</b><img src='file:///etc/passwd'>")
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.sizeHint().width() > PlainLabel("bold").sizeHint().width()


def test_an_elided_label_keeps_the_whole_text_in_its_tooltip(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel("a very long file name that will not fit.treadle.yaml")
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.show()

    assert label.text().endswith("…")
    assert as_shown(label.toolTip()) == label.whole_text

    label.resize(900, 20)
    assert label.text() == label.whole_text
    assert label.toolTip() == ""


def test_an_elided_label_does_not_read_a_tag_in_its_tooltip(theme: Theme, qtbot: QtBot) -> None:
    label = ElidedLabel("<b>a very long name that will not fit</b>")
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    assert as_shown(label.toolTip()) == "<b>a very long name that will not fit</b>"


def test_a_state_pill_is_as_wide_as_its_word(theme: Theme, qtbot: QtBot) -> None:
    pill = StatePill(theme, "failed")
    qtbot.addWidget(pill)
    narrow = pill.sizeHint().width()
    pill.set_state("upstream_failed")
    assert pill.sizeHint().width() > narrow
    assert pill.accessibleName() == "upstream failed"


def test_a_state_pill_is_painted_in_the_states_colour(each_theme: Theme, qtbot: QtBot) -> None:
    pill = StatePill(each_theme, "failed")
    qtbot.addWidget(pill)
    pill.resize(pill.sizeHint())
    assert each_theme.failed in ink(pill.grab().toImage())


def test_an_empty_state_tells_which_button_was_pressed(theme: Theme, qtbot: QtBot) -> None:
    empty = EmptyState(theme, "table", "Nothing here yet.", ["Add", "Open…"])
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.chosen) as heard:
        qtbot.mouseClick(empty.buttons[1], Qt.MouseButton.LeftButton)
    assert heard.args == [1]


def test_a_primary_button_is_filled(each_theme: Theme, qtbot: QtBot) -> None:
    button = QPushButton("Run")
    qtbot.addWidget(button)
    set_role(button, "primary")
    button.resize(100, 30)
    assert each_theme.primary in ink(button.grab().toImage())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_painting_keeps_the_references_to_none(theme: Theme) -> None:
    """PySide6 6.12.0 lost one a call and aborted within seconds."""
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    pen = QPen(QColor(theme.text))
    before = sys.getrefcount(None)
    for _ in range(1000):
        painter.setPen(pen)
    after = sys.getrefcount(None)
    painter.end()
    assert after >= before - 50


def test_text_is_shown_as_it_was_typed(qapp) -> None:
    """Inter's contextual alternates would make a cross of the x in 8x1."""
    apply_theme(qapp, DARK)
    for font in (sans_font(), mono_font()):
        metrics = QFontMetricsF(font)
        letters = sum(metrics.horizontalAdvance(letter) for letter in "8x1")
        assert abs(metrics.horizontalAdvance("8x1") - letters) < 0.75
        assert font.featureValue(QFont.Tag("calt")) == 0
        assert font.isFeatureSet(QFont.Tag("calt"))


def test_what_an_empty_field_says_is_as_readable_as_its_token(each_theme: Theme, qtbot: QtBot) -> None:
    """A style sheet that colours text makes placeholders half as strong, unless it names their colour."""
    for field in (QLineEdit(), QPlainTextEdit()):
        qtbot.addWidget(field)
        field.ensurePolished()
        colour = field.palette().color(QPalette.ColorRole.PlaceholderText)
        assert colour.name().upper() == each_theme.placeholder
        assert colour.alpha() == 255
