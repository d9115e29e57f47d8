"""Fixtures that every test of the app shares: no display, the app's own look, both themes."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from treadle_gui.style.apply import apply_theme
from treadle_gui.style.tokens import DARK, LIGHT, Theme


@pytest.fixture(params=[DARK, LIGHT], ids=lambda theme: theme.name)
def each_theme(request: pytest.FixtureRequest, qapp: QApplication) -> Theme:
    """The application in the dark, then in the light theme."""
    theme: Theme = request.param
    apply_theme(qapp, theme)
    return theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """The application in the dark theme."""
    apply_theme(qapp, DARK)
    return DARK


@pytest.fixture
def app(theme: Theme, qapp: QApplication) -> Iterator[QApplication]:
    """The application, dark, whose windows are closed afterwards."""
    yield qapp
    for window in qapp.topLevelWidgets():
        window.close()
