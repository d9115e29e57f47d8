"""The tokens keep their promises: contrast, one look for each port type and state."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from treadle.spec.types import DATA_TYPES, SCALAR_TYPES
from treadle_gui.style.states import IDLE, state_colour, state_look
from treadle_gui.style.tokens import DARK, LIGHT, Theme

THEMES = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
STATES = ("queued", "running", "succeeded", "cached", "failed", "crashed", "timed_out", "cancelled", "skipped")


Matrix = tuple[tuple[float, float, float], ...]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    red, green, blue = _linear(colour)
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
@pytest.mark.parametrize("surface", ["canvas", "window", "panel", "field", "raised"])
def test_other_inks_are_readable_where_text_is_written_in_them(theme: Theme, surface: str) -> None:
    for ink in ("placeholder", "failed", "warning", "accent"):
        assert contrast(getattr(theme, ink), getattr(theme, surface)) >= 4.5, ink


@THEMES
@pytest.mark.parametrize("fill", ["primary", "primary_hover", "primary_pressed"])
def test_text_on_primary_buttons_is_readable(theme: Theme, fill: str) -> None:
    assert contrast(theme.on_primary, getattr(theme, fill)) >= 4.5


@THEMES
def test_text_on_filled_states_is_readable(theme: Theme) -> None:
    assert contrast(theme.on_danger, theme.danger) >= 4.5
    for state in STATES:
        assert contrast(theme.on_state, state_colour(theme, state)) >= 4.5, state


@THEMES
@pytest.mark.parametrize("surface", ["canvas", "window", "panel", "node"])
def test_marks_stand_out_from_what_they_lie_on(theme: Theme, surface: str) -> None:
    ground = getattr(theme, surface)
    marks = [look.colour for look in theme.ports.values()] + [state_colour(theme, state) for state in STATES]
    for mark in (*marks, theme.accent, theme.control):
        assert contrast(mark, ground) >= 3, mark


@THEMES
def test_edges_and_curves_stand_out(theme: Theme) -> None:
    assert contrast(theme.edge, theme.canvas) >= 3
    assert all(contrast(curve, theme.field) >= 4.5 for curve in theme.charts)


@THEMES
@pytest.mark.parametrize("surface", ["canvas", "window", "panel", "field", "raised", "selected", "node"])
def test_the_focus_ring_is_seen_everywhere(theme: Theme, surface: str) -> None:
    assert contrast(theme.accent, getattr(theme, surface)) >= 3


@THEMES
@pytest.mark.parametrize("sight", ["every", "protan", "deutan", "tritan"])
def test_states_differ_for_every_kind_of_colour_sight(theme: Theme, sight: str) -> None:
    colours = [getattr(theme, name) for name in ("idle", "queued", "running", "succeeded", "warning", "failed")]
    seen = [_oklab(colour, _SIGHT[sight]) for colour in colours]
    closest = min(math.dist(a, b) for a, b in itertools.combinations(seen, 2)) * 100
    assert closest >= (12.9 if theme.is_dark else 9.9)


@THEMES
def test_every_port_type_has_a_look_and_an_unknown_one_looks_like_any(theme: Theme) -> None:
    assert set(theme.ports) == {*DATA_TYPES, *SCALAR_TYPES}
    assert theme.port("Hologram") == theme.port("Any")


def test_no_two_states_share_icon_and_fill() -> None:
    looks = [state_look(state) for state in STATES]
    assert len({(look.icon, look.filled) for look in looks}) == len(looks)
    assert state_look("never heard of") is IDLE


# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
_SIGHT = {
    "every": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def _linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]


def _times(matrix: Matrix, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _oklab(colour: str, sight: Matrix) -> list[float]:
    """Björn Ottosson's OKLab of a colour as somebody with this sight sees it."""
    seen = [min(max(part, 0.0), 1.0) for part in _times(sight, _linear(colour))]
    cones = _times(
        ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566),
         (0.0883024619, 0.2817188376, 0.6299787005)), seen,
    )  # fmt: skip
    return _times(
        ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099),
         (0.0259040371, 0.7827717662, -0.8086757660)), [cone ** (1 / 3) for cone in cones],
    )  # fmt: skip
