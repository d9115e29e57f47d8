"""A private virtual screen with a window manager; a real mouse and keyboard on it (Xvfb, openbox, xdotool, scrot)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAMS = ("Xvfb", "openbox", "xdotool", "scrot")
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]


@dataclass(frozen=True)
class Screen:
    """A running display; `pictures` is where screenshots go."""

    display: str
    pictures: Path
    more: Mapping[str, str] = field(default_factory=dict)
    """Further variables of who starts here."""

    @property
    def environment(self) -> dict[str, str]:
        environment = {**os.environ, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1"}
        environment.pop("WAYLAND_DISPLAY", None)
        return environment | self.more

    def xdotool(self, *arguments: str | float) -> str:
        words = [str(round(word)) if isinstance(word, float) else str(word) for word in arguments]
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout.strip()

    def move(self, x: float, y: float) -> None:
        self.xdotool("mousemove", x, y)

    def click(self, x: float, y: float, button: int = 1) -> None:
        self.move(x, y)
        time.sleep(0.05)
        self.xdotool("click", button)
        time.sleep(0.1)

    def double_click(self, x: float, y: float) -> None:
        self.move(x, y)
        time.sleep(0.05)
        self.xdotool("click", "--repeat", 2, "--delay", 60, 1)
        time.sleep(0.1)

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 12) -> None:
        """Presses at `start`, moves as a hand would, releases at `end`."""
        self.move(*start)
        time.sleep(0.15)
        self.xdotool("mousedown", 1)
        time.sleep(0.1)
        for step in range(1, steps + 1):
            part = step / steps
            self.move(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
            time.sleep(0.02)
        time.sleep(0.15)
        self.xdotool("mouseup", 1)
        time.sleep(0.2)

    def key(self, *keys: str) -> None:
        self.xdotool("key", "--delay", 30, *keys)
        time.sleep(0.1)

    def type(self, text: str) -> None:
        self.xdotool("type", "--delay", 15, text)
        time.sleep(0.15)

    def shoot(self, name: str) -> Path:
        path = self.pictures / f"{name}.png"
        subprocess.run(["scrot", "-o", str(path)], env=self.environment, check=True, timeout=30)
        return path


@contextmanager
def screen(pictures: Path, size: str = "1600x1000") -> Iterator[Screen]:
    """Starts a display that nothing else uses; ends what it started."""
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as number:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(number.fileno()), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
            pass_fds=[number.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started = [server]
        try:
            display = _display_number(number, server)
            found = Screen(f":{display}", pictures)
            manager = subprocess.Popen(
                ["openbox"], env=found.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            started.append(manager)
            yield found
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait(10)


def _display_number(number: object, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        assert server.poll() is None, "Xvfb did not start"
        number.seek(0)  # type: ignore[attr-defined]
        text = number.read().decode().strip()  # type: ignore[attr-defined]
        if text:
            return text
        time.sleep(0.05)
    raise AssertionError("Xvfb named no display")
