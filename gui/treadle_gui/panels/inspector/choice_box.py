"""ChoiceBox: a list of named choices, each explained in the list where a person opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QStyleOptionViewItem, QWidget

__all__ = ["Choice", "ChoiceBox"]

_WORDS: Final = Qt.ItemDataRole.UserRole + 1
_SCROLL_BAR: Final = 32


@dataclass(frozen=True, slots=True)
class Choice:
    """`value` is what is chosen, `name` what stands in the box, `words` one line that explains it."""

    value: object
    name: str
    words: str = ""


class _Explaining(QStyledItemDelegate):
    """A row reads `name: words`."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        words = index.data(_WORDS)
        if words:
            option.text = f"{index.data()}: {words}"  # pyright: ignore[reportAttributeAccessIssue]


class ChoiceBox(QComboBox):
    """`chosen(value)`: a person chose. The wheel changes it only once it has the focus: forms are scrolled over it."""

    chosen = Signal(object)

    def __init__(self, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: tuple[Choice, ...] = ()
        self.setItemDelegate(_Explaining(self))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.offer(choices)
        self.activated.connect(lambda place: self.chosen.emit(self._choices[place].value))

    def offer(self, choices: Sequence[Choice]) -> None:
        """Other choices than before; which is shown has to be said again."""
        if tuple(choices) == self._choices:
            return
        self._choices = tuple(choices)
        self.clear()
        for place, choice in enumerate(self._choices):
            self.addItem(choice.name)
            self.setItemData(place, choice.words, _WORDS)

    def show_choice(self, value: object) -> None:
        """Shows `value`; one that is no choice leaves the box empty."""
        place = next((place for place, choice in enumerate(self._choices) if choice.value == value), -1)
        if place != self.currentIndex():
            self.setCurrentIndex(place)

    def name_choice(self, place: int, name: str) -> None:
        """Another name for the choice at `place`."""
        if self.itemText(place) != name:
            self.setItemText(place, name)

    def showPopup(self) -> None:
        """The list is as wide as its longest line."""
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + _SCROLL_BAR)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
