"""From halfway off a node's title stays readable: its size on the screen, its lines, its place beside the badge."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF

from treadle_gui.canvas.geometry import FAR_ZOOM, TEXT_ZOOM
from treadle_gui.canvas.near_text import NearFonts, badge_boxes, near_size, near_text, wrapped


@pytest.fixture
def metrics(qapp) -> QFontMetricsF:
    return NearFonts(30).metrics


@pytest.mark.parametrize("zoom", [FAR_ZOOM, 0.3, 0.36, 0.42, 0.5, 0.58, TEXT_ZOOM])
def test_a_title_has_eleven_to_thirteen_pixels_at_every_zoom(zoom: float) -> None:
    assert 10.5 <= near_size(zoom) * zoom <= 13.5


def test_a_title_breaks_between_words_and_after_the_joints_of_an_id(metrics) -> None:
    room = metrics.horizontalAdvance("Gradient_") + 1
    assert wrapped("Gradient boosting", metrics, (room, room)) == ["Gradient", "boosting"]
    assert wrapped("Gradient_boosting", metrics, (room, room)) == ["Gradient_", "boosting"]
    assert wrapped("Fit", metrics, (room, room)) == ["Fit"]


def test_a_word_too_long_for_a_line_is_elided_and_nothing_is_lost_unsaid(metrics) -> None:
    room = metrics.horizontalAdvance("Gradient") + 1
    [line] = wrapped("Donaudampfschifffahrt", metrics, (room, room))
    assert line.startswith("Donau")
    assert line.endswith("…")
    assert wrapped("Gradient boosting of everything", metrics, (room, room))[-1].endswith("…")


def test_the_first_line_leaves_room_for_the_badge(qapp) -> None:
    fonts = NearFonts(30)
    marked = near_text("Weather by hours", (208.0, 106.0), 0.0, 1, fonts, 30)
    badge = badge_boxes(30, 208.0, 1)[0]
    first = marked.words.text().split("\u2028")[0]
    assert marked.at.x() + fonts.metrics.horizontalAdvance(first) <= badge.left() + 1
    assert marked.words.text() == "Weather\u2028by hours"


def test_a_low_node_has_one_line(qapp) -> None:
    text = near_text("All flights of 2013", (208.0, 62.0), 0.0, 0, NearFonts(44), 44)
    assert "\u2028" not in text.words.text()
