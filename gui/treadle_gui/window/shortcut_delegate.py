"""ShortcutDelegate: a list's rows with a key at their right end, quieter than the words."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from treadle_gui.style.tokens import Theme

__all__ = ["KEYS", "ShortcutDelegate"]

KEYS: Final = Qt.ItemDataRole.UserRole + 1
"""What a row's key is called; rows without one have nothing at the right."""
_MARGIN: Final = 10
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ShortcutDelegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._ink = QColor(theme.muted)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        keys = index.data(KEYS)
        if keys:
            box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
            painter.setPen(self._ink)
            painter.drawText(box.adjusted(0, 0, -_MARGIN, 0), _RIGHT, str(keys))

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """The words end before the key."""
        super().initStyleOption(option, index)
        keys = index.data(KEYS)
        if keys:
            metrics: QFontMetrics = option.fontMetrics  # pyright: ignore[reportAttributeAccessIssue]
            box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
            room = box.width() - metrics.horizontalAdvance(str(keys)) - 2 * _MARGIN - 40
            option.text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, max(room, 40))  # pyright: ignore[reportAttributeAccessIssue]
