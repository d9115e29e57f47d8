"""A docstring's markup is shown, and nothing in a docstring can be more than words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from treadle_gui.panels.inspector.documentation import Documentation
from treadle_gui.panels.inspector.marked import marked
from treadle_gui.style.tokens import MONO, Theme


def shown(text: str) -> str:
    """What a reader sees of it."""
    document = QTextDocument()
    document.setHtml(marked(text))
    return document.toPlainText()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Uses `fit` and `:` too.", "Uses fit and : too."),
        ("See :func:`run` and `link`_.", "See run and link."),
        ("**Beware** of 2 ** 3 and a*b*c.", "Beware of 2 ** 3 and a*b*c."),
        ("A lone ` stays", "A lone ` stays"),
        ("Two:\n• one `x`\n• two\n1. three", "Two:\n• one x\n• two\n1. three"),
        ("• rate: How fast, `0` to `1`.", "• rate: How fast, 0 to 1."),
        ("• rate (float): How fast.", "• rate (float): How fast."),
        ("<b>bold</b> & <img src='x'>", "<b>bold</b> & <img src='x'>"),
        ("`<script>alert(1)</script>`", "<script>alert(1)</script>"),
    ],
)
def test_markup_is_read_and_words_stay_words(written: str, read: str, qtbot: QtBot) -> None:
    assert shown(written) == read


def test_code_and_parameters_stand_in_the_font_of_code() -> None:
    html = marked("• rate: as `fit` has it")
    assert html.count(MONO[0]) == 2
    assert ">rate</span>: as <span" in html


@given(st.text(alphabet="<>&\"'`*:•1.() \nab=/"))
def test_no_docstring_makes_a_tag_of_its_own(text: str) -> None:
    for tag in marked(text).split("<")[1:]:
        assert tag.startswith(("p style=", "/p>", "span style=", "/span>", "b>", "/b>"))


def test_the_panel_shows_no_backticks(theme: Theme, qtbot: QtBot) -> None:
    panel = Documentation()
    qtbot.addWidget(panel)
    panel.show_doc("Fits `model`.\n\nArgs:\n    rate: As in ``fit``.\n\nExample:\n    >>> fit(`1`)\n")

    texts = [label.text() for label in panel.findChildren(QLabel)]
    assert not any("`" in text for text in texts[:-1])
    assert texts[-1] == ">>> fit(`1`)"
