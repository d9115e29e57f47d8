"""Prints the Debian packages that are missing for a goal, `run` or `dev`, on one line; nothing when all is there.

A library counts as there when the dynamic linker finds it, whatever package brought it. Standard library only.
"""

import ctypes
import importlib.util
import os
import platform
import shutil
import sys

LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgomp.so.1": "libgomp1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
SCREEN_TEST_PROGRAMS = {
    "dbus-daemon": "dbus", "Xvfb": "xvfb", "openbox": "openbox", "scrot": "scrot", "xdotool": "xdotool",
}  # fmt: skip
# The stand-in for a desktop's portal is written for Debian's own Python, whose D-Bus library no registry has built.
SCREEN_TEST_MODULES = {
    "/usr/lib/python3/dist-packages/dbus": "python3-dbus",
    "/usr/lib/python3/dist-packages/gi": "python3-gi",
}
FONT = "fonts-dejavu-core"


def missing(goal: str) -> list[str]:
    packages = [package for library, package in LIBRARIES.items() if not _loads(library)]
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if shutil.which("fc-list") is None and not _has_fonts():
        packages.append(FONT)
    if goal == "dev":
        packages += [package for program, package in SCREEN_TEST_PROGRAMS.items() if shutil.which(program) is None]
        packages += [package for folder, package in SCREEN_TEST_MODULES.items() if not os.path.isdir(folder)]  # noqa: PTH112
    return packages


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_fonts() -> bool:
    from pathlib import Path

    return any(Path("/usr/share/fonts").rglob("*.ttf"))


if __name__ == "__main__" and platform.system() == "Linux":
    print(*missing(sys.argv[1] if len(sys.argv) > 1 else "run"))
