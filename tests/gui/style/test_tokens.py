"""The tokens keep their promises: contrast, one look for each port type and state."""

from __future__ import annotations

import re

import pytest

from treadle.spec.types import DATA_TYPES, SCALAR_TYPES
from treadle_gui.style.states import IDLE, state_colour, state_look
from treadle_gui.style.tokens import DARK, LIGHT, Theme

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
STATES = ("queued", "running", "succeeded", "cached", "failed", "crashed", "timed_out", "cancelled", "skipped")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@THEMES
def test_every_colour_is_six_hex_digits(theme: Theme) -> None:
    values = [getattr(theme, name) for name in theme.__slots__ if name not in {"name", "is_dark", "ports", "charts"}]
    values += [look.colour for look in theme.ports.values()] + list(theme.charts)
    assert all(re.fullmatch(r"#[0-9A-F]{6}", value) for value in values)


@THEMES
@pytest.mark.parametrize("surface", ["canvas", "window", "panel", "field", "raised", "hover", "selected", "node"])
def test_text_is_readable_on_every_surface(theme: Theme, surface: str) -> None:
    assert contrast(theme.text, getattr(theme, surface)) >= 7
    assert contrast(theme.muted, getattr(theme, surface)) >= 4.5


@THEMES
@pytest.mark.parametrize(("ink", "fill"), [("on_primary", "primary"), ("on_danger", "danger"), ("on_state", "running")])
def test_text_on_filled_buttons_is_readable(theme: Theme, ink: str, fill: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, fill)) >= 4.5


@THEMES
def test_marks_stand_out_from_node_and_canvas(theme: Theme) -> None:
    marks = [look.colour for look in theme.ports.values()] + [state_colour(theme, state) for state in STATES]
    marks.append(theme.accent)
    for mark in marks:
        assert contrast(mark, theme.node) >= 3
        assert contrast(mark, theme.canvas) >= 3


@THEMES
def test_every_port_type_has_a_look_and_an_unknown_one_looks_like_any(theme: Theme) -> None:
    assert set(theme.ports) == {*DATA_TYPES, *SCALAR_TYPES}
    assert theme.port("Hologram") == theme.port("Any")


def test_no_two_states_share_icon_and_fill() -> None:
    looks = [state_look(state) for state in STATES]
    assert len({(look.icon, look.filled) for look in looks}) == len(looks)
    assert state_look("never heard of") is IDLE
