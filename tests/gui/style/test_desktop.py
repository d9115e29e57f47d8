"""Dark or light by the desktop's word; what nobody says is dark, and what is no scheme says nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtDBus import QDBusVariant
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from treadle_gui.style.desktop import DesktopScheme

SPACE, KEY = "org.freedesktop.appearance", "color-scheme"


@pytest.fixture
def scheme(qapp: QApplication) -> DesktopScheme:
    return DesktopScheme(qapp)


@pytest.mark.parametrize(("said", "is_dark"), [(0, False), (1, True), (2, False), (7, True), ("dark", True)])
def test_the_portals_word_counts_and_nonsense_does_not(scheme: DesktopScheme, said: object, is_dark: bool) -> None:
    scheme._setting_changed(SPACE, KEY, QDBusVariant(said))
    assert scheme.is_dark is is_dark


def test_only_news_of_the_scheme_is_told(scheme: DesktopScheme, qtbot: QtBot) -> None:
    told: list[bool] = []
    scheme.changed.connect(lambda: told.append(scheme.is_dark))

    scheme._setting_changed(SPACE, "accent-color", QDBusVariant(2))
    scheme._setting_changed(SPACE, KEY, QDBusVariant(2))
    scheme._setting_changed(SPACE, KEY, QDBusVariant(0))
    scheme._setting_changed(SPACE, KEY, QDBusVariant(1))

    assert told == [False, True]


def test_qts_hint_counts_only_where_the_portal_says_nothing(scheme: DesktopScheme) -> None:
    told: list[bool] = []
    scheme.changed.connect(lambda: told.append(scheme.is_dark))

    scheme._hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    scheme._setting_changed(SPACE, KEY, QDBusVariant(1))
    scheme._hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)

    assert len(told) == 2
    assert scheme.is_dark
