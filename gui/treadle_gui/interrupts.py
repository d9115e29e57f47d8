"""Ctrl-C and a polite end from outside: signals reach Qt's loop through a socket, without waking up for nothing."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier

__all__ = ["Interrupts"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """Calls `close` when SIGINT or SIGTERM comes. The main thread only."""

    def __init__(self, close: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._close = close
        self._read, self._written = socket.socketpair()
        self._read.setblocking(False)
        self._written.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._came)
        self._old_descriptor = signal.set_wakeup_fd(self._written.fileno(), warn_on_full_buffer=False)
        self._old_handlers = {number: signal.signal(number, self._note) for number in _SIGNALS}

    def stop(self) -> None:
        """Gives signals back to whom they belonged."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_descriptor)
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        self._read.close()
        self._written.close()

    def _note(self, number: int, frame: FrameType | None) -> None:
        """Python has to have a handler for the byte to be written."""

    def _came(self) -> None:
        try:
            self._read.recv(64)
        except BlockingIOError:
            return
        self._close()
