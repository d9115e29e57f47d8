"""Puts a theme on an application: palette, fonts, style sheet, window icon.

Fusion is the base style because it is the same everywhere and honours all of the style sheet.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from treadle_gui.style.icons import app_icon
from treadle_gui.style.sheet import style_sheet
from treadle_gui.style.tokens import METRICS, MONO, SANS, Theme

__all__ = ["apply_theme", "mono_font", "sans_font"]

_FONTS: Final = Path(__file__).parent / "fonts"


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Gives every widget of `app`, now and later, the look of `theme`. May be called again to switch live."""
    _load_fonts()
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setWindowIcon(app_icon())
    app.setFont(sans_font())
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))


def _load_fonts() -> None:
    """Registers the fonts that ship with the app, once."""
    known = set(QFontDatabase.families())
    if SANS[0] in known:
        return
    for file in sorted(_FONTS.glob("*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(file))


def sans_font(size: int = METRICS.text, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font at `size` pixels."""
    return _font(SANS, size, weight)


def mono_font(size: int = METRICS.text) -> QFont:
    """The font of code, logs and numbers at `size` pixels."""
    font = _font(MONO, size, QFont.Weight.Normal)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _font(families: tuple[str, ...], size: int, weight: QFont.Weight) -> QFont:
    font = QFont(list(families))
    font.setPixelSize(size)
    font.setWeight(weight)
    # Letters are shown as a person typed them: with these, "8x1" would read "8×1" and "->" an arrow.
    for feature in ("calt", "liga", "clig", "dlig"):
        font.setFeature(QFont.Tag(feature), 0)
    return font


def palette(theme: Theme) -> QPalette:
    """The theme as a QPalette, for what paints itself without the style sheet."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.panel),
        (role.WindowText, theme.text),
        (role.Base, theme.field),
        (role.AlternateBase, theme.window),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.placeholder),
        (role.Button, theme.pressed),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.failed),
        (role.Highlight, theme.primary),
        (role.HighlightedText, theme.on_primary),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Light, theme.line_strong),
        (role.Midlight, theme.line),
        (role.Mid, theme.line),
        (role.Dark, theme.line),
        (role.Shadow, theme.canvas),
        (role.Accent, theme.accent),
    ):
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.faint))
    return made
