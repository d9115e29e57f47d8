"""LogView: paints the visible lines of a LogDocument, and only those.

It follows the end until a person scrolls up, and again once they are back at the bottom. A line is never wrapped, and
of a long one only the visible columns are drawn, so a line of a megabyte costs what a short one costs.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QAbstractSlider, QWidget

from treadle_gui.panels.logs.document import LogDocument
from treadle_gui.panels.logs.painting import LogInk, LogPainter, PaintedLine
from treadle_gui.panels.logs.selection import Place, Selection
from treadle_gui.style.apply import mono_font
from treadle_gui.style.tokens import Theme

__all__ = ["LogView"]

_AUTO_SCROLL_MS: Final = 40
_NO_SELECTION: Final = Selection(Place(0, 0), Place(0, 0))


class LogView(QAbstractScrollArea):
    """A window onto a log. `follow_changed(bool)`: whether it keeps to the end."""

    follow_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: LogDocument | None = None
        self._selection = _NO_SELECTION
        self._current: int | None = None
        self._follow = True
        self._widest = 0
        self._painter = LogPainter(LogInk(theme), mono_font())
        self._auto_scroll = QTimer(self)
        self._auto_scroll.setInterval(_AUTO_SCROLL_MS)
        self._auto_scroll.timeout.connect(self._scroll_while_selecting)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Log")
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.verticalScrollBar().actionTriggered.connect(self._person_scrolled)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)

    # What is shown

    def set_document(self, document: LogDocument | None) -> None:
        """Shows another log from its end, following it. The view does not own it."""
        if self._document is not None:
            self._document.grown.disconnect(self._grown)
            self._document.changed.disconnect(self.viewport().update)
            self._document.copied.disconnect(self._to_clipboard)
        self._document = document
        self._selection, self._current, self._widest = _NO_SELECTION, None, 0
        if document is not None:
            document.grown.connect(self._grown)
            document.changed.connect(self.viewport().update)
            document.copied.connect(self._to_clipboard)
        self.set_follow(True)
        self._grown()

    def set_theme(self, theme: Theme) -> None:
        self._painter.ink = LogInk(theme)
        self.viewport().update()

    @property
    def is_following(self) -> bool:
        return self._follow

    def set_follow(self, follow: bool) -> None:
        """Keeps to the end, or stays where it is."""
        if follow:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        if follow != self._follow:
            self._follow = follow
            self.follow_changed.emit(follow)

    @property
    def top(self) -> int:
        """The position of the first visible line."""
        return self.verticalScrollBar().value()

    @property
    def current(self) -> int | None:
        """The line that was gone to last."""
        return self._current

    def go_to(self, position: int) -> None:
        """Brings a line to the middle and marks it; stops following."""
        self.set_follow(False)
        self._current = position
        if not self.top <= position < self.top + self._page():
            self.verticalScrollBar().setValue(position - self._page() // 2)
        self.viewport().update()

    def visible_text(self) -> list[str]:
        """The lines in view, as far as they were fetched."""
        return [line.text for line in self._visible()]

    def select_all(self) -> None:
        if self._document is not None and self._document.count:
            self._selection = Selection(Place(0, 0), Place(self._document.count - 1, 1 << 30))
            self.viewport().update()

    def copy(self) -> None:
        """Puts what is selected on the clipboard; it may have to be read first."""
        if self._document is not None and not self._selection.is_empty:
            self._document.copy(self._selection.first.position, self._selection.last.position)

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        self._painter.paint(self.viewport(), event.rect(), self._visible(), self._first_column(), self._gutter())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_scroll_bars()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif event.key() == Qt.Key.Key_Home:
            self.set_follow(False)
            bar.setValue(0)
        elif event.key() == Qt.Key.Key_End:
            self.set_follow(True)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._document is not None:
            place = self._place(event.position().toPoint())
            keeps = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not self._selection.is_empty
            self._selection = Selection(self._selection.anchor if keeps else place, place)
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._document is not None:
            self._selection = Selection(self._selection.anchor, self._place(event.position().toPoint()))
            outside = not self.viewport().rect().contains(event.position().toPoint())
            if outside and not self._auto_scroll.isActive():
                self._auto_scroll.start()
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._auto_scroll.stop()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._document is None or not self._document.count:
            return
        place = self._place(event.position().toPoint())
        text = self._document.text(place.position) or ""
        start, end = _word(text, place.column)
        self._selection = Selection(Place(place.position, start), Place(place.position, end))
        self.viewport().update()

    # Inside

    def _page(self) -> int:
        return max(1, self.viewport().height() // self._painter.line_height)

    def _first_column(self) -> int:
        return self.horizontalScrollBar().value()

    def _gutter(self) -> int:
        """Columns to the left of the text: the line's number, and its log's name where several are merged."""
        if self._document is None:
            return 0
        names = [source.name for source in self._document.sources]
        name = min(max(map(len, names)), 16) + 2 if len(names) > 1 else 0
        return len(str(max(self._document.rows.total, 100))) + 3 + name

    def _visible(self) -> list[PaintedLine]:
        document = self._document
        if document is None:
            return []
        lines: list[PaintedLine] = []
        for position in range(self.top, min(document.count, self.top + self._page() + 1)):
            row = document.row(position)
            text = document.text(position) or ""
            self._widest = max(self._widest, len(text))
            name = document.sources[row.log].name if len(document.sources) > 1 else ""
            spans = document.query.spans(text) if row.matched else []
            selected = self._selection.columns(position, len(text))
            lines.append(PaintedLine(row, text, name, spans, selected, position == self._current))
        return lines

    def _grown(self) -> None:
        self._fit_scroll_bars()
        self.viewport().update()

    def _fit_scroll_bars(self) -> None:
        count = self._document.count if self._document is not None else 0
        bar, page = self.verticalScrollBar(), self._page()
        bar.setPageStep(page)
        bar.setRange(0, max(0, count - page))
        if self._follow:
            bar.setValue(bar.maximum())
        columns = int(self.viewport().width() / self._painter.column_width) - self._gutter()
        across = self.horizontalScrollBar()
        across.setPageStep(max(1, columns))
        across.setSingleStep(4)
        across.setRange(0, max(0, self._widest + 2 - columns))

    def _scrolled(self) -> None:
        self._fit_scroll_bars()
        self.viewport().update()

    def _person_scrolled(self, action: int) -> None:
        # Before the value changes: where the slider is going decides whether the person left the end.
        bar = self.verticalScrollBar()
        if action != QAbstractSlider.SliderAction.SliderNoAction.value:
            self._set_follow_from(bar.sliderPosition() >= bar.maximum())

    def _set_follow_from(self, at_end: bool) -> None:
        if at_end != self._follow:
            self._follow = at_end
            self.follow_changed.emit(at_end)

    def _place(self, point: QPoint) -> Place:
        count = self._document.count if self._document is not None else 0
        position = self.top + point.y() // self._painter.line_height
        across = round(point.x() / self._painter.column_width) - self._gutter() + self._first_column()
        return Place(min(max(position, 0), max(count - 1, 0)), max(across, 0))

    def _scroll_while_selecting(self) -> None:
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        below, above = point.y() - self.viewport().height(), point.y()
        step = 1 + below // 12 if below > 0 else -1 + above // 12 if above < 0 else 0
        self._set_follow_from(False)
        self.verticalScrollBar().setValue(self.top + step)
        self._selection = Selection(self._selection.anchor, self._place(point))
        self.viewport().update()

    def _to_clipboard(self, text: str) -> None:
        QGuiApplication.clipboard().setText(self._selection.cut(text))


def _word(text: str, column: int) -> tuple[int, int]:
    """The word around `column`: from, to."""

    def belongs(character: str) -> bool:
        return character.isalnum() or character in "_./-"

    column = min(column, max(len(text) - 1, 0))
    start = end = column
    while start > 0 and belongs(text[start - 1]):
        start -= 1
    while end < len(text) and belongs(text[end]):
        end += 1
    return start, end
