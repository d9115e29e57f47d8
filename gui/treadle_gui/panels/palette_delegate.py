"""How a row of the palette is painted: a section with its count, or a component with icon, name and star."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from treadle_gui.panels.palette_model import Role
from treadle_gui.style.icons import pixmap
from treadle_gui.style.tokens import METRICS, Theme

__all__ = ["PaletteDelegate"]

_STAR: Final = 24
_COLOURS: Final = {"Data": 0, "Prepare": 4, "Train": 1, "Evaluate": 2, "Report": 3, "Flow": 6}


class PaletteDelegate(QStyledItemDelegate):
    """Paints rows; `star_rect` says where a click means the star."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.favourites: frozenset[str] = frozenset()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, 30 if index.data(Role.SECTION) else METRICS.row)

    def star_rect(self, row: QRect) -> QRect:
        return QRect(row.right() - _STAR, row.top(), _STAR, row.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        try:
            if index.data(Role.SECTION):
                self._paint_section(painter, option, index)
            else:
                self._paint_component(painter, option, index)
        finally:
            painter.restore()

    def _paint_section(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        view = option.widget  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.selected))
            painter.drawRoundedRect(box.adjusted(4, 1, -4, -1), METRICS.radius_small, METRICS.radius_small)
        is_open = isinstance(view, QTreeView) and view.isExpanded(index.model().index(index.row(), 0))
        mark = pixmap(
            "chevron-down" if is_open else "chevron-right", self.theme.muted, 14, painter.device().devicePixelRatioF()
        )
        painter.drawPixmap(box.left() + 6, box.center().y() - 6, mark)
        font = QFont(option.font)  # pyright: ignore[reportAttributeAccessIssue]
        font.setPixelSize(METRICS.text_small)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.muted))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(box.adjusted(26, 0, -36, 0), flags, str(index.data()))
        painter.setPen(QColor(self.theme.placeholder))
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(box.adjusted(0, 0, -12, 0), right, str(index.data(Role.COUNT)))

    def _paint_component(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        box: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected or hovered:
            active = bool(state & QStyle.StateFlag.State_Active)
            fill = (self.theme.selected if active else self.theme.selected_inactive) if selected else self.theme.hover
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(box.adjusted(4, 1, -4, -1), METRICS.radius_small, METRICS.radius_small)
        ratio = painter.device().devicePixelRatioF()
        left = box.left() + 12 + (12 if index.parent().isValid() else 0)
        colour = self.theme.charts[_COLOURS.get(str(index.data(Role.CATEGORY)), 6) % len(self.theme.charts)]
        painter.drawPixmap(left, box.center().y() - 8, pixmap(str(index.data(Role.ICON)), colour, 17, ratio))
        painter.setFont(option.font)  # pyright: ignore[reportAttributeAccessIssue]
        painter.setPen(QColor(self.theme.text))
        words = QRect(left + 26, box.top(), box.right() - left - 26 - _STAR - 4, box.height())
        metrics = option.fontMetrics  # pyright: ignore[reportAttributeAccessIssue]
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        is_favourite = index.data(Role.USES) in self.favourites
        if is_favourite or hovered:
            name, ink = ("star", self.theme.warning) if is_favourite else ("star-outline", self.theme.placeholder)
            star = self.star_rect(box)
            painter.drawPixmap(star.left() + 1, star.center().y() - 7, pixmap(name, ink, 15, ratio))
