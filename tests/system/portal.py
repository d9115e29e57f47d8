"""A desktop's portal, as far as it says dark or light: `python3 portal.py SCHEME`, then a new scheme a line on stdin.

Schemes are the portal's own numbers: 0 no preference, 1 dark, 2 light. Debian's Python, with dbus and gi.
"""

import os
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

INTERFACE = "org.freedesktop.portal.Settings"
SPACE, KEY = "org.freedesktop.appearance", "color-scheme"


class Portal(dbus.service.Object):
    """What xdg-desktop-portal answers, by its interface's first version."""

    scheme = dbus.UInt32(0)

    @dbus.service.method(INTERFACE, in_signature="as", out_signature="a{sa{sv}}")
    def ReadAll(self, namespaces):
        return {SPACE: {KEY: self.scheme}}

    @dbus.service.method(INTERFACE, in_signature="ss", out_signature="v")
    def Read(self, namespace, key):
        if (namespace, key) != (SPACE, KEY):
            raise dbus.exceptions.DBusException("no such setting", name="org.freedesktop.portal.Error.NotFound")
        return dbus.UInt32(self.scheme, variant_level=2)

    @dbus.service.signal(INTERFACE, signature="ssv")
    def SettingChanged(self, namespace, key, value):
        """Told to everybody who listens."""


def main():
    DBusGMainLoop(set_as_default=True)
    bus = dbus.SessionBus()
    name = dbus.service.BusName("org.freedesktop.portal.Desktop", bus)
    portal = Portal(bus, "/org/freedesktop/portal/desktop")
    portal.scheme = dbus.UInt32(int(sys.argv[1]))
    loop = GLib.MainLoop()

    def read(*_):
        lines = os.read(sys.stdin.fileno(), 1024).split()
        if not lines:
            loop.quit()
        for line in lines:
            portal.scheme = dbus.UInt32(int(line))
            portal.SettingChanged(SPACE, KEY, portal.scheme)
        return bool(lines)

    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, read)
    print(name.get_name(), flush=True)
    loop.run()


if __name__ == "__main__":
    main()
