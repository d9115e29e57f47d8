"""Lays out a Python for Windows: `windows_python.py FOLDER`, where FOLDER/wheels holds what was downloaded."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

RUNTIME = "deploy_libs/"  # where Panda3D keeps an interpreter and its modules
LEFT_OUT = shutil.ignore_patterns("__pycache__", "site-packages", "test", "lib-dynload", "config-*", "idlelib")


def main(folder: Path) -> None:
    shutil.copytree(Path(os.__file__).parent, folder / "Lib", ignore=LEFT_OUT, dirs_exist_ok=True)
    for wheel in sorted((folder / "wheels").glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            if wheel.name.startswith("panda3d"):
                _interpreter(archive, folder)
            else:
                archive.extractall(folder / "Lib" / "site-packages")


def _interpreter(archive: zipfile.ZipFile, folder: Path) -> None:
    for name in archive.namelist():
        file = Path(name).name
        if not name.startswith(RUNTIME) or file.startswith(("api-ms-", "tcl", "tk", "_tkinter")):
            continue
        beside = file.lower().startswith(("python3", "vcruntime"))
        (folder / ("" if beside else "DLLs") / file).write_bytes(archive.read(name))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
