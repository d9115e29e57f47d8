"""The app on a desktop that says dark or light through its portal, at the start and while it is open."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from system.app_process import running_app
from system.screen import MISSING, Screen, screen

PORTAL = Path(__file__).with_name("portal.py")
PYTHON = "/usr/bin/python3"
NO_BUS = shutil.which("dbus-daemon") is None or bool(
    subprocess.run([PYTHON, "-c", "import dbus, gi"], capture_output=True, check=False).returncode
)
NO_PREFERENCE, DARK, LIGHT = 0, 1, 2

pytestmark = [
    pytest.mark.screen,
    pytest.mark.slow,
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(NO_BUS, reason="not installed: dbus, python3-dbus, python3-gi"),
]


class Desktop:
    """A session bus with a portal on it."""

    def __init__(self, address: str, portal: subprocess.Popen[str]) -> None:
        self.address = address
        self._portal = portal

    def says(self, scheme: int) -> None:
        assert self._portal.stdin is not None
        self._portal.stdin.write(f"{scheme}\n")
        self._portal.stdin.flush()


@contextmanager
def desktop(scheme: int) -> Iterator[Desktop]:
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    with bus:
        try:
            assert bus.stdout is not None
            address = bus.stdout.readline().strip()
            portal = subprocess.Popen(
                [PYTHON, str(PORTAL), str(scheme)], env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": address},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            with portal:
                try:
                    assert portal.stdout is not None
                    assert portal.stdout.readline().strip() == "org.freedesktop.portal.Desktop"
                    yield Desktop(address, portal)
                finally:
                    portal.terminate()
        finally:
            bus.terminate()


@pytest.fixture
def on_screen(tmp_path: Path) -> Iterator[Screen]:
    with screen(Path(os.environ.get("TREADLE_PICTURES", tmp_path / "pictures")), "1280x800") as found:
        yield found


@pytest.mark.parametrize("name", ["GNOME", "KDE", "sway"])
def test_the_app_has_the_desktops_theme_and_follows_it(on_screen: Screen, tmp_path: Path, name: str) -> None:
    with desktop(LIGHT) as wanted:
        here = replace(on_screen, more={"DBUS_SESSION_BUS_ADDRESS": wanted.address, "XDG_CURRENT_DESKTOP": name})
        with running_app(here, tmp_path / "home") as app:
            assert app.ask("theme") == "light"
            here.shoot(f"theme-{name}-light")

            wanted.says(DARK)
            app.until("theme", is_=lambda theme: theme == "dark", seconds=5)
            here.shoot(f"theme-{name}-dark")
            wanted.says(NO_PREFERENCE)
            app.until("theme", is_=lambda theme: theme == "light", seconds=5)


def test_what_a_person_chose_stands_whatever_the_desktop_says(on_screen: Screen, tmp_path: Path) -> None:
    with desktop(DARK) as wanted:
        here = replace(on_screen, more={"DBUS_SESSION_BUS_ADDRESS": wanted.address, "XDG_CURRENT_DESKTOP": "sway"})
        with running_app(here, tmp_path / "home") as app:
            assert app.ask("theme") == "dark"
            app.ask("choose_theme", "light")
            wanted.says(NO_PREFERENCE)
            wanted.says(DARK)
            time.sleep(0.5)
            assert app.ask("theme") == "light"
            app.ask("choose_theme", "system")
            assert app.ask("theme") == "dark"
