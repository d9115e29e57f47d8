"""The flat icon buttons of the panels' tool bars: each has a name, for its tooltip and for screen readers."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton

__all__ = ["tool_button"]


def tool_button(name: str, *, checkable: bool = False, checked: bool = False) -> QToolButton:
    """A button called `name`; its icon comes with the theme."""
    button = QToolButton()
    button.setAutoRaise(True)
    button.setCheckable(checkable)
    button.setChecked(checked)
    button.setToolTip(name)
    button.setAccessibleName(name)
    return button
