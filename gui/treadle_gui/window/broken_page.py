"""BrokenPage: a file that is no pipeline, shown as it stands with its problems. Nothing is lost, nothing is changed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from treadle.spec.problems import Severity
from treadle_gui.document.files import Loaded
from treadle_gui.panels.fields.highlighting import Highlighter
from treadle_gui.style.apply import mono_font
from treadle_gui.style.icons import icon
from treadle_gui.style.sentences import sentences
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel, Separator

__all__ = ["BrokenPage"]


class _Text(QPlainTextEdit):
    """Read-only text with line numbers; the lines of problems are marked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._marked: frozenset[int] = frozenset()
        self.setReadOnly(True)
        self.setProperty("role", "code")
        self.setFont(mono_font())
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._gutter = _Gutter(self)
        self.updateRequest.connect(self._scroll_gutter)
        self.blockCountChanged.connect(self._make_room)
        self._make_room()

    def mark(self, lines: frozenset[int]) -> None:
        self._marked = lines
        self._gutter.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._gutter.update()

    def go_to(self, line: int) -> None:
        self.setTextCursor(QTextCursor(self.document().findBlockByNumber(line - 1)))
        self.centerCursor()
        self.setFocus()

    def gutter_width(self) -> int:
        return 28 + self.fontMetrics().horizontalAdvance("9") * len(str(max(self.blockCount(), 10)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        inner = self.contentsRect()
        self._gutter.setGeometry(QRect(inner.left(), inner.top(), self.gutter_width(), inner.height()))

    def paint_gutter(self, painter: QPainter, area: QRect) -> None:
        painter.fillRect(area, QColor(self._theme.window))
        painter.setFont(self.font())
        block = self.firstVisibleBlock()
        while block.isValid():
            box = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if box.top() > area.bottom():
                break
            line = block.blockNumber() + 1
            marked = line in self._marked
            painter.setPen(QColor(self._theme.failed if marked else self._theme.placeholder))
            row = QRect(0, int(box.top()), self.gutter_width() - 8, int(box.height()))
            painter.drawText(
                row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"● {line}" if marked else str(line)
            )
            block = block.next()

    def _scroll_gutter(self, area: QRect, dy: int) -> None:
        self._gutter.update()

    def _make_room(self) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)


class _Gutter(QWidget):
    def __init__(self, text: _Text) -> None:
        super().__init__(text)
        self._text = text

    def sizeHint(self) -> QSize:
        return QSize(self._text.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            self._text.paint_gutter(painter, event.rect())
        finally:
            painter.end()


_MOST_HIGH: Final = 180
"""Of the list of problems; the file stands below."""


class BrokenPage(QWidget):
    """`retry_requested`: read the file again, now that it was mended elsewhere."""

    retry_requested = Signal()

    def __init__(self, loaded: Loaded, theme: Theme) -> None:
        super().__init__()
        self.loaded = loaded
        self.title = loaded.path.name
        self.problems = QListWidget()
        self.problems.setAccessibleName("What is wrong with this file")
        self.problems.setWordWrap(True)
        self.text = _Text(theme)
        self.text.setPlainText(loaded.text)
        self._colours = Highlighter(self.text.document(), "yaml", theme)
        self.retry = QPushButton("Read it again")
        self.retry.clicked.connect(self.retry_requested)
        self._lay_out()
        self.set_theme(theme)
        self.problems.itemClicked.connect(self._go)
        self.problems.itemActivated.connect(self._go)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(METRICS.gap_large, 12, METRICS.gap_large, 4)
        words = PlainLabel(
            f"{self.title} can't be read as a pipeline. It is shown as it stands, and nothing was changed.", "title"
        )
        words.setWordWrap(True)
        head.addWidget(words, 1)
        head.addWidget(self.retry)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(METRICS.gap_small)
        column.addLayout(head)
        column.addWidget(self.problems)
        column.addWidget(Separator())
        column.addWidget(self.text, 1)

    def set_theme(self, theme: Theme) -> None:
        self.text.set_theme(theme)
        self._colours.set_theme(theme)
        self.problems.clear()
        for problem in self.loaded.problems:
            error = problem.severity is Severity.ERROR
            mark = icon("alert-circle-outline", theme.failed) if error else icon("alert-outline", theme.warning)
            line = f"line {problem.where.line}:  " if problem.where.line else ""
            item = QListWidgetItem(mark, line + sentences(problem))
            item.setData(Qt.ItemDataRole.UserRole, problem.where.line)
            self.problems.addItem(item)
        rows = self.problems.count() * max(self.problems.sizeHintForRow(0), METRICS.row)
        self.problems.setFixedHeight(min(rows + METRICS.gap, _MOST_HIGH))
        self.text.mark(frozenset(problem.where.line for problem in self.loaded.problems if problem.where.line))

    def _go(self, item: QListWidgetItem) -> None:
        line = item.data(Qt.ItemDataRole.UserRole)
        if line:
            self.text.go_to(int(line))
