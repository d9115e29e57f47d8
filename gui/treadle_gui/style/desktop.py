"""DesktopScheme: whether the desktop wants dark or light, by the word of its portal, else by what Qt has found.

Qt's own themes ask `org.freedesktop.portal.Settings` on some desktops only (GNOME, XFCE), and know late. So it is
asked here as well, once at the start, and listened to: https://flatpak.github.io/xdg-desktop-portal (Settings).
Without a session bus, on Windows and on macOS, Qt's hint is all there is.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import SLOT, QObject, Qt, Signal, Slot
from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusVariant
from PySide6.QtGui import QGuiApplication

__all__ = ["DesktopScheme"]

_SERVICE: Final = "org.freedesktop.portal.Desktop"
_PATH: Final = "/org/freedesktop/portal/desktop"
_INTERFACE: Final = "org.freedesktop.portal.Settings"
_SPACE: Final = "org.freedesktop.appearance"
_KEY: Final = "color-scheme"
_AT_ONCE: Final = 100  # ms; a portal that runs answers in 5, one that must be started first is waited for in the back
_PATIENCE: Final = 25_000  # ms
# No preference (0) is what a desktop says that has both and shows the light one.
_SCHEMES: Final = {0: Qt.ColorScheme.Light, 1: Qt.ColorScheme.Dark, 2: Qt.ColorScheme.Light}


class DesktopScheme(QObject):
    """`changed()` when `is_dark` may have another answer."""

    changed = Signal()

    def __init__(self, app: QGuiApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hints = app.styleHints()
        self._hints.colorSchemeChanged.connect(self._hint_changed)
        self._told = Qt.ColorScheme.Unknown
        self._bus = QDBusConnection.sessionBus()
        if self._bus.isConnected():
            self._listen()
            self._ask()

    @property
    def is_dark(self) -> bool:
        """Dark also where nobody says."""
        scheme = self._told if self._told is not Qt.ColorScheme.Unknown else self._hints.colorScheme()
        return scheme is not Qt.ColorScheme.Light

    def _listen(self) -> None:
        slot: Any = SLOT("_setting_changed(QString,QString,QDBusVariant)")  # PySide's stub wants bytes, PySide doesn't
        self._bus.connect(_SERVICE, _PATH, _INTERFACE, "SettingChanged", self, slot)

    def _ask(self) -> None:
        question = QDBusMessage.createMethodCall(_SERVICE, _PATH, _INTERFACE, "Read")
        question.setArguments([_SPACE, _KEY])
        answer = self._bus.call(question, QDBus.CallMode.Block, _AT_ONCE)
        if answer.type() is QDBusMessage.MessageType.ReplyMessage:
            self._take(answer.arguments())
        elif answer.errorName().endswith((".NoReply", ".Timeout", ".TimedOut")):
            later = QDBusPendingCallWatcher(self._bus.asyncCall(question, _PATIENCE), self)
            later.finished.connect(self._answered)

    def _answered(self, call: QDBusPendingCallWatcher) -> None:
        reply = call.reply()
        call.deleteLater()
        if reply.type() is QDBusMessage.MessageType.ReplyMessage and self._take(reply.arguments()):
            self.changed.emit()

    @Slot(str, str, QDBusVariant)
    def _setting_changed(self, space: str, key: str, value: QDBusVariant) -> None:
        if (space, key) == (_SPACE, _KEY) and self._take([value]):
            self.changed.emit()

    def _take(self, arguments: list[Any]) -> bool:
        """Keeps what the portal says of itself; whether that is news. Anything but a known number says nothing."""
        value = arguments[0] if arguments else None
        while isinstance(value, QDBusVariant):
            value = value.variant()
        scheme = _SCHEMES.get(value, Qt.ColorScheme.Unknown) if isinstance(value, int) else Qt.ColorScheme.Unknown
        before, self._told = self._told, scheme
        return before is not scheme

    def _hint_changed(self) -> None:
        if self._told is Qt.ColorScheme.Unknown:
            self.changed.emit()
