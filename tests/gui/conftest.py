"""Fixtures that every test of the app shares: no display, the app's own look, both themes."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication

from treadle_gui.style.apply import apply_theme
from treadle_gui.style.tokens import DARK, LIGHT, Theme


@pytest.fixture(scope="session", autouse=True)
def _what_was_imported_is_no_garbage(qapp: QApplication) -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _garbage_is_collected_between_tests(qapp: QApplication) -> Iterator[None]:
    """Never within an event, where a window found to be garbage takes along what is painted on: as in the app itself
    (`treadle_gui.tidying`)."""
    was_on = gc.isenabled()
    gc.disable()
    yield
    qapp.processEvents()
    gc.collect()
    if was_on:
        gc.enable()


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
