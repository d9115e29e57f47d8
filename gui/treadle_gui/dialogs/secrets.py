"""Secrets: the names that the keyring has for this user; one can be set or forgotten. No value is ever shown.

Keyrings may ask a person to unlock them, so they are spoken to in a thread, and the dialog stays alive.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from treadle.store.keyring import Keyring, NoKeyring, is_secret_name, open_keyring
from treadle_gui.panels.inspector.quantity import labelled
from treadle_gui.style.tokens import METRICS
from treadle_gui.style.widgets import PlainLabel, set_role

__all__ = ["Keeping", "SecretsDialog"]

_WORDS = "They are kept in your desktop's keyring. A parameter of type Secret names one as $secrets.name."


class SecretsDialog(QDialog):
    """`set_requested(name, text)` and `delete_requested(name)`; `show_names` and `show_trouble` answer."""

    set_requested = Signal(str, str)
    delete_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Secrets")
        self.names = QListWidget()
        self.names.setAccessibleName("Secrets in the keyring")
        self.names.currentTextChanged.connect(self._chosen)
        self.name, self.text = QLineEdit(), QLineEdit()
        self.name.setPlaceholderText("warehouse")
        self.text.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep, self.delete = QPushButton("Keep"), QPushButton("Forget")
        set_role(self.keep, "primary")
        self.keep.clicked.connect(self._keep)
        self.delete.clicked.connect(lambda: self.delete_requested.emit(self.names.currentItem().text()))
        self.told = PlainLabel("", "muted")
        self.told.setWordWrap(True)
        for line in (self.name, self.text):
            line.textChanged.connect(self._look)
            line.returnPressed.connect(self._keep)
        self._lay_out()
        self._look()

    def _lay_out(self) -> None:
        words = PlainLabel(_WORDS, "muted")
        words.setWordWrap(True)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        buttons = QHBoxLayout()
        for button in (self.keep, self.delete):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(METRICS.gap)
        column.addWidget(PlainLabel("Secrets", "heading"))
        column.addWidget(words)
        column.addWidget(self.names, 1)
        column.addLayout(labelled("Name", self.name))
        column.addLayout(labelled("Secret", self.text, "It is not shown, here or anywhere"))
        column.addLayout(buttons)
        column.addWidget(self.told)
        column.addWidget(close)
        self.resize(440, 460)

    def show_names(self, names: tuple[str, ...], told: str = "") -> None:
        self.names.clear()
        self.names.addItems(list(names))
        self._tell(told or ("" if names else "There are none yet."), "muted")
        self._look()

    def show_trouble(self, words: str) -> None:
        self._tell(words, "error")

    def _tell(self, words: str, role: str) -> None:
        self.told.setText(words)
        set_role(self.told, role)

    def _chosen(self, name: str) -> None:
        if name:
            self.name.setText(name)
        self._look()

    def _keep(self) -> None:
        if self.keep.isEnabled():
            self.set_requested.emit(self.name.text(), self.text.text())
            self.text.clear()

    def _look(self) -> None:
        self.keep.setEnabled(is_secret_name(self.name.text()) and bool(self.text.text()))
        self.delete.setEnabled(self.names.currentItem() is not None)


class Keeping:
    """What the dialog asks of the keyring, in threads; a keyring that can't is told in the dialog."""

    def __init__(self, dialog: SecretsDialog, opened: Callable[[], Keyring] = open_keyring) -> None:
        self._dialog = dialog
        self._opened = opened

    async def list(self) -> None:
        await self._do(lambda _: None, "")

    async def keep(self, name: str, text: str) -> None:
        await self._do(lambda keyring: keyring.set(name, text), f"{name} is kept.")

    async def forget(self, name: str) -> None:
        await self._do(lambda keyring: keyring.delete(name), f"{name} is forgotten.")

    async def _do(self, work: Callable[[Keyring], object], told: str) -> None:
        def ask() -> tuple[str, ...]:
            keyring = self._opened()
            work(keyring)
            return keyring.names()

        try:
            names = await asyncio.to_thread(ask)
        except NoKeyring as error:
            self._dialog.show_trouble(str(error))
            return
        self._dialog.show_names(names, told)
