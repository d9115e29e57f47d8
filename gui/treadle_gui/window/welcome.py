"""Welcome: what is shown while no pipeline is open: start a new one, open one, go on with a recent one, an example."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from treadle_gui.document.document import SUFFIX
from treadle_gui.style.icons import app_icon, icon
from treadle_gui.style.tokens import METRICS, Theme
from treadle_gui.style.widgets import PlainLabel, plain_tooltip

__all__ = ["Welcome", "shortened"]

_WIDTH: Final = 760
_ABOUT: Final = {
    "flights": "Predicts delays from 336,776 real flights",
    "minimal": "Three nodes, to look at how it works",
}


def shortened(folder: Path) -> str:
    """A folder as a person names it: the home folder is `~`."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) and folder != home else str(folder)


class Welcome(QWidget):
    """Each choice is a signal."""

    new_requested = Signal()
    open_requested = Signal()
    path_requested = Signal(object)
    example_requested = Signal(object)

    def __init__(self, theme: Theme, examples: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._examples = tuple(examples)
        self._paths: tuple[Path, ...] = ()
        self.recent = self._make_list("Recent pipelines", lambda path: self.path_requested.emit(Path(path)))
        self.examples = self._make_list("Examples", self.example_requested.emit)
        self._none = PlainLabel("Pipelines that you open are listed here.", "muted")
        self._new = self._button("New pipeline", "primary", self.new_requested.emit)
        self._open = self._button("Open…", "", self.open_requested.emit)
        self._lay_out()
        self.set_theme(theme)

    def _make_list(self, name: str, chosen: Callable[[str], None]) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(name)
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.viewport().setAutoFillBackground(False)
        made.setStyleSheet("QListWidget { background: transparent; }")
        made.setIconSize(QSize(20, 20))
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        made.itemActivated.connect(lambda item: chosen(str(item.data(Qt.ItemDataRole.UserRole))))
        made.itemClicked.connect(lambda item: chosen(str(item.data(Qt.ItemDataRole.UserRole))))
        return made

    def _button(self, words: str, role: str, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(words)
        if role:
            button.setProperty("role", role)
        button.clicked.connect(run)
        return button

    def _lay_out(self) -> None:
        middle = QWidget()
        middle.setFixedWidth(_WIDTH)
        column = QVBoxLayout(middle)
        column.setSpacing(24)
        column.addStretch(2)
        column.addLayout(_head())
        column.addLayout(self._buttons())
        column.addLayout(self._lists())
        column.addWidget(PlainLabel("You can also drop a pipeline file here.", "small"))
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.addStretch()
        row.addWidget(middle)
        row.addStretch()

    def _buttons(self) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(METRICS.gap)
        buttons.addWidget(self._new)
        buttons.addWidget(self._open)
        buttons.addStretch()
        return buttons

    def _lists(self) -> QHBoxLayout:
        lists = QHBoxLayout()
        lists.setSpacing(32)
        for title, made, extra in (("Recent", self.recent, self._none), ("Examples", self.examples, None)):
            part = QVBoxLayout()
            part.setSpacing(METRICS.gap_small)
            part.addWidget(PlainLabel(title, "section"))
            if extra is not None:
                part.addWidget(extra)
            made.setFixedHeight(188)
            part.addWidget(made)
            part.addStretch()
            lists.addLayout(part, 1)
        return lists

    def show_recent(self, paths: Sequence[Path]) -> None:
        """`paths` that are still there, newest first."""
        self._paths = tuple(paths)
        self._refill()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._new.setIcon(icon("plus", theme.on_primary))
        self._open.setIcon(icon("folder-open-outline", theme.text))
        self._refill()

    def _refill(self) -> None:
        recent = [(str(path), path.name.removesuffix(SUFFIX), shortened(path.parent)) for path in self._paths]
        examples = [
            (name, name.replace("-", " ").replace("_", " ").capitalize(), _ABOUT.get(name, ""))
            for name in self._examples
        ]
        _fill(self.recent, recent, icon("file-tree-outline", self._theme.accent))
        _fill(self.examples, examples, icon("flask-outline", self._theme.accent))
        self._none.setVisible(not recent)
        self.recent.setVisible(bool(recent))


def _head() -> QHBoxLayout:
    mark = QLabel()
    mark.setPixmap(app_icon().pixmap(48, 48))
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(PlainLabel("Treadle", "heading"))
    words.addWidget(PlainLabel("Draw a pipeline, run it, watch it, take it elsewhere.", "muted"))
    head = QHBoxLayout()
    head.setSpacing(METRICS.gap_large)
    head.addWidget(mark)
    head.addLayout(words, 1)
    return head


def _fill(made: QListWidget, rows: Sequence[tuple[str, str, str]], mark: QIcon) -> None:
    made.clear()
    for key, title, detail in rows:
        item = QListWidgetItem(mark, f"{title}\n{detail}" if detail else title)
        item.setData(Qt.ItemDataRole.UserRole, key)
        item.setToolTip(plain_tooltip(key))
        item.setSizeHint(QSize(0, 44))
        made.addItem(item)
