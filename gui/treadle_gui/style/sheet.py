"""The one style sheet of the app, made from a Theme's tokens. A pure function: Theme → text.

Looks beyond the widget class are asked for with the dynamic property `role` (see `widgets.set_role`).
Marks that a style sheet can only take from files (chevrons, ticks) lie in `marks/<theme>/` as SVG.
"""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final

from treadle_gui.style.tokens import METRICS, MONO, Theme

__all__ = ["style_sheet"]

_MARKS: Final = Path(__file__).parent / "marks"

_BASE: Final = """
* { outline: none; }
QWidget { color: $text; font-size: ${size}px; selection-background-color: $primary; selection-color: $on_primary; }
QMainWindow, QMainWindow > QWidget { background: $window; }
QDialog, QMainWindow > QDialog, QMessageBox, QWizard, QDockWidget > QWidget, QStackedWidget, QScrollArea,
QScrollArea > QWidget > QWidget
  { background: $panel; }
QWidget:disabled { color: $faint; }
QLabel, QCheckBox, QRadioButton { background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="small"] { color: $muted; font-size: ${small}px; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="heading"] { font-size: ${large}px; font-weight: 600; }
QLabel[role="section"] { color: $muted; font-size: ${small}px; font-weight: 600; }
QLabel[role="mono"] { font-family: $mono; font-size: ${small}px; }
QLabel[role="error"] { color: $failed; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="note"] { background: $raised; color: $failed; border: 1px solid $failed; border-radius: ${small_radius}px;
  padding: 5px 9px; }
QFrame[role="separator"] { background: $line; border: none; }
QFrame[role="popup"] { background: $raised; border: 1px solid $line_strong; border-radius: ${radius}px; }
QFrame[role="popup"] QAbstractItemView { background: $raised; }
QFrame[role="card"] { background: $raised; border: 1px solid $line; border-radius: ${radius}px; }
QToolTip { background: $raised; color: $text; border: 1px solid $line_strong; padding: 2px 3px; }
"""

_BARS: Final = """
QMenuBar { background: $window; border-bottom: 1px solid $line; padding: 2px 4px; }
QMenuBar::item { background: transparent; padding: 5px 9px; border-radius: ${small_radius}px; }
QMenuBar::item:selected { background: $hover; }
QMenuBar::item:pressed { background: $pressed; }
QMenu, QMainWindow > QMenu { background: $raised; border: 1px solid $line_strong; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: ${small_radius}px; background: transparent; }
QMenu::item:selected { background: $selected; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::icon { padding-left: 9px; }
QMenu::separator { height: 1px; background: $line; margin: 5px 4px; }
QMenu::indicator { width: 16px; height: 16px; left: 8px; }
QMenu::indicator:checked { image: url("$marks/menu-check.svg"); }
QMenu::right-arrow { image: url("$marks/chevron-right.svg"); width: 14px; height: 14px; right: 6px; }
QToolBar { background: $window; border: none; border-bottom: 1px solid $line; padding: 4px 6px; spacing: 2px; }
QToolBar::separator { background: $line; width: 1px; margin: 5px 6px; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: ${small_radius}px;
  padding: 5px 7px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:open { background: $pressed; }
QToolButton:checked { background: $selected; border-color: $line_strong; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $faint; }
QToolButton[popupMode="1"] { padding-right: 18px; }
QToolButton::menu-button { border: none; width: 16px; }
QToolButton::menu-arrow, QToolButton::menu-indicator { image: url("$marks/chevron-down.svg"); width: 12px;
  height: 12px; }
QToolButton[popupMode="2"]::menu-indicator { subcontrol-position: right center; subcontrol-origin: padding;
  right: 3px; }
QToolButton[popupMode="2"] { padding-right: 20px; }
QToolButton[role="primary"] { background: $primary; color: $on_primary; font-weight: 600; padding: 5px 12px; }
QToolButton[role="primary"]::menu-arrow { image: url("$marks/chevron-down-primary.svg"); }
QToolButton[role="primary"]::menu-arrow:disabled { image: url("$marks/chevron-down.svg"); }
QToolButton[role="primary"]:hover { background: $primary_hover; }
QToolButton[role="primary"]:pressed { background: $primary_pressed; }
QToolButton[role="primary"]:disabled { background: $pressed; color: $faint; }
QStatusBar { background: $window; color: $muted; border-top: 1px solid $line; font-size: ${small}px; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; font-size: ${small}px; padding: 0 4px; }
"""

_DOCKS: Final = """
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $line; }
QSplitter::handle:hover { background: $accent; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QDockWidget { color: $muted; font-size: ${small}px; font-weight: 600; titlebar-close-icon: url("$marks/close.svg");
  titlebar-normal-icon: url("$marks/float.svg"); }
QDockWidget::title { background: $window; text-align: left; padding: 8px 12px; border-bottom: 1px solid $line; }
QDockWidget::close-button { subcontrol-position: top right; subcontrol-origin: margin; right: 6px; top: 6px;
  width: 16px; height: 16px; }
QDockWidget::float-button { subcontrol-position: top right; subcontrol-origin: margin; right: 28px; top: 6px;
  width: 16px; height: 16px; }
QDockWidget::close-button, QDockWidget::float-button { border: none; background: transparent; padding: 2px;
  border-radius: 4px; icon-size: 14px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $pressed; }
QTabWidget::pane { border: none; background: $panel; }
QTabWidget::tab-bar { left: 0px; }
QTabBar { background: $window; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; border: none; border-bottom: 2px solid transparent;
  padding: 7px 12px 6px 12px; margin: 0; }
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; background: $panel; }
QTabBar::tab:selected:focus { color: $accent; background: $hover; }
QTabBar::tab:disabled { color: $faint; }
QTabBar::close-button { image: url("$marks/close.svg"); subcontrol-position: right; border-radius: 4px;
  width: 14px; height: 14px; margin: 2px 4px 2px 0; }
QTabBar::close-button:hover { background: $pressed; }
QTabBar QToolButton { background: $window; border: none; border-radius: 0; }
QTabBar QToolButton::left-arrow { image: url("$marks/chevron-left.svg"); width: 12px; height: 12px; }
QTabBar QToolButton::right-arrow { image: url("$marks/chevron-right.svg"); width: 12px; height: 12px; }
QGroupBox { border: 1px solid $line; border-radius: ${radius}px; margin-top: 20px; padding: 10px; }
QGroupBox::title { subcontrol-origin: margin; left: 2px; top: 2px; color: $muted; font-weight: 600; }
QAbstractScrollArea { border: 1px solid transparent; }
QAbstractScrollArea:focus { border-color: $accent; }
QScrollArea, QGraphicsView { border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 11px; }
QScrollBar:horizontal { height: 11px; }
QScrollBar::handle { background: $scroll; border-radius: 3px; margin: 2px 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; margin: 3px 2px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $scroll_hover; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
"""

_VIEWS: Final = """
QAbstractItemView { background: $panel; alternate-background-color: $window; border: 1px solid transparent;
  gridline-color: $line; selection-background-color: $selected; selection-color: $text; }
QAbstractItemView:focus { border-color: $accent; }
QListView::item, QTreeView::item { min-height: 24px; padding: 1px 4px; border: none; color: $text; }
QTableView::item { padding: 0 8px; border: none; }
QListView::item { border-radius: ${small_radius}px; }
QAbstractItemView::item:hover { background: $hover; }
QAbstractItemView::item:selected { background: $selected_inactive; color: $text; }
QAbstractItemView::item:selected:active { background: $selected; color: $text; }
QAbstractItemView::item:disabled { color: $faint; }
QTreeView::branch { background: transparent; }
QTreeView::branch:hover { background: $hover; }
QTreeView::branch:selected { background: $selected_inactive; }
QTreeView::branch:selected:active { background: $selected; }
QTreeView::branch:has-children:closed { image: url("$marks/chevron-right.svg"); padding: 3px; }
QTreeView::branch:has-children:open { image: url("$marks/chevron-down.svg"); padding: 3px; }
QHeaderView { background: $window; border: none; }
QHeaderView::section { text-align: left; background: $window; color: $muted; border: none;
  border-bottom: 1px solid $line; border-right: 1px solid $line; padding: 5px 8px;
  font-size: ${small}px; font-weight: 600; }
QHeaderView::section:hover { color: $text; background: $hover; }
QHeaderView::down-arrow { image: url("$marks/chevron-down.svg"); width: 12px; height: 12px; }
QHeaderView::up-arrow { image: url("$marks/chevron-up.svg"); width: 12px; height: 12px; }
QTableView QTableCornerButton::section { background: $window; border: none; border-bottom: 1px solid $line; }
"""

_FIELDS: Final = """
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit, QTextBrowser, QKeySequenceEdit
  { background: $field; border: 1px solid $line; border-radius: ${small_radius}px; padding: 4px 8px;
    selection-background-color: $primary; selection-color: $on_primary; }
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: $placeholder; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 18px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover, QPlainTextEdit:hover, QTextEdit:hover
  { border-color: $line_strong; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus, QComboBox:on
  { border-color: $accent; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled, QPlainTextEdit:disabled { background: $window; }
QLineEdit[role="invalid"], QAbstractSpinBox[role="invalid"], QComboBox[role="invalid"], QPlainTextEdit[role="invalid"]
  { border-color: $failed; }
QPlainTextEdit[role="code"], QPlainTextEdit[role="log"], QTextEdit[role="code"], QLineEdit[role="code"]
  { font-family: $mono; }
QAbstractSpinBox { padding: 4px 22px 4px 1px; }
QAbstractSpinBox > QLineEdit, QComboBox > QLineEdit { background: transparent; border: none; padding: 0 6px; margin: 0;
  border-radius: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 20px; border: none;
  background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 1px 1px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 1px 1px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-button:pressed, QAbstractSpinBox::down-button:pressed { background: $pressed; }
QAbstractSpinBox::up-arrow { image: url("$marks/chevron-up.svg"); width: 11px; height: 11px; }
QAbstractSpinBox::down-arrow { image: url("$marks/chevron-down.svg"); width: 11px; height: 11px; }
QComboBox { padding-right: 24px; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: 24px; border: none; }
QComboBox::down-arrow { image: url("$marks/chevron-down.svg"); width: 13px; height: 13px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line_strong; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: 24px; padding: 1px 6px; }
QCheckBox, QRadioButton { spacing: 8px; padding: 2px 0; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator { width: 16px; height: 16px;
  border: 1px solid $control; background: $field; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover, QCheckBox::indicator:focus, QRadioButton::indicator:focus
  { border-color: $accent; }
QCheckBox::indicator:checked, QRadioButton::indicator:checked, QAbstractItemView::indicator:checked
  { background: $primary; border-color: $primary; image: url("$marks/check.svg"); }
QRadioButton::indicator:checked { image: url("$marks/dot.svg"); }
QCheckBox::indicator:indeterminate { background: $primary; border-color: $primary; image: url("$marks/dash.svg"); }
QCheckBox::indicator:checked:focus, QRadioButton::indicator:checked:focus { border: 2px solid $accent; width: 14px;
  height: 14px; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $window; border-color: $line; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line_strong; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $primary; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $text; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QProgressBar { background: $pressed; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
  color: transparent; }
QProgressBar::chunk { background: $running; border-radius: 3px; }
QProgressBar[role="succeeded"]::chunk { background: $succeeded; }
QProgressBar[role="failed"]::chunk { background: $failed; }
"""

_BUTTONS: Final = """
QPushButton { background: $pressed; color: $text; border: 1px solid $line_strong; border-radius: ${small_radius}px;
  padding: 5px 14px; min-height: 18px; }
QPushButton:hover { background: $hover; border-color: $scroll_hover; }
QPushButton:pressed { background: $selected; }
QPushButton:focus { border-color: $accent; }
QPushButton:checked { background: $selected; border-color: $accent; }
QPushButton:disabled { color: $faint; background: $window; border-color: $line; }
QPushButton:default, QPushButton[role="primary"] { background: $primary; color: $on_primary; border-color: $primary;
  font-weight: 600; }
QPushButton:default:hover, QPushButton[role="primary"]:hover { background: $primary_hover;
  border-color: $primary_hover; }
QPushButton:default:pressed, QPushButton[role="primary"]:pressed { background: $primary_pressed; }
QPushButton:default:focus, QPushButton[role="primary"]:focus { border-color: $text; }
QPushButton:default:disabled, QPushButton[role="primary"]:disabled { background: $pressed; color: $faint;
  border-color: $line; }
QPushButton[role="danger"] { background: $danger; color: $on_danger; border-color: $danger; font-weight: 600; }
QPushButton[role="danger"]:focus { border-color: $text; }
QPushButton[role="flat"] { background: transparent; border-color: transparent; }
QPushButton[role="flat"]:hover { background: $hover; }
QPushButton[role="flat"]:focus { border-color: $accent; }
QPushButton[role="link"] { background: transparent; border: none; color: $accent; padding: 2px 4px; text-align: left; }
QPushButton[role="link"]:hover, QPushButton[role="link"]:focus { text-decoration: underline; }
QPushButton::menu-indicator { image: url("$marks/chevron-down.svg"); width: 12px; height: 12px;
  subcontrol-position: right center; subcontrol-origin: padding; right: 6px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; button-layout: 3; }
"""


def style_sheet(theme: Theme) -> str:
    """The whole style sheet in `theme`'s colours."""
    colours = {name: getattr(theme, name) for name in theme.__slots__ if isinstance(getattr(theme, name), str)}
    template = Template(_BASE + _BARS + _DOCKS + _VIEWS + _FIELDS + _BUTTONS)
    return template.substitute(
        colours,
        size=METRICS.text,
        small=METRICS.text_small,
        title=METRICS.text_title,
        large=METRICS.text_large,
        radius=METRICS.radius,
        small_radius=METRICS.radius_small,
        mono=", ".join(f'"{family}"' for family in MONO),
        marks=(_MARKS / theme.name).as_posix(),
    )
