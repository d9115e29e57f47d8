"""What a program reports while it runs: lines of JSON on a named pipe, whose path `TREADLE_REPORTS` tells it.

    {"progress": 0.3, "message": "epoch 3"}
    {"metric": "loss", "value": 0.12, "step": 30}

Any program can write such lines; in Python `treadle.report` does, which is laid out for environments that have no
Treadle. A line that says nothing sensible is passed over. Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH100, PTH103, PTH118, PTH120, PTH123

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from typing import Any, Iterator  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["hearing", "with_sdk"]

_CHUNK = 64 * 1024
_INIT = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
_END = b"\0end"


@contextlib.contextmanager
def hearing(folder: str, reports: Any) -> Iterator[dict[str, str]]:
    """Passes on to `reports` what is said on a pipe in `folder`; gives the variables by which a program finds it."""
    path = os.path.join(folder, "outputs", ".reports")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.mkfifo(path, 0o600)
    pipe = os.open(path, os.O_RDWR | os.O_CLOEXEC)  # for writing too: so that it has no end while nobody else writes
    thread = threading.Thread(target=_listen, args=(pipe, reports), daemon=True)
    thread.start()
    try:
        yield {"TREADLE_REPORTS": path}
    finally:
        os.write(pipe, b"\n" + _END + b"\n")
        thread.join(1.0)
        os.close(pipe)


def _listen(pipe: int, reports: Any) -> None:
    rest = b""
    while True:
        *lines, rest = (rest + os.read(pipe, _CHUNK)).split(b"\n")
        for line in lines:
            if line == _END:
                return
            with contextlib.suppress(ValueError, TypeError, RecursionError):
                _pass_on(json.loads(line), reports)
        rest = rest[-_CHUNK:]  # a line is never longer


def _pass_on(said: Any, reports: Any) -> None:
    if isinstance(said, dict) and isinstance(said.get("progress"), (int, float)):
        reports.progress(said["progress"], str(said.get("message", "")))
    elif isinstance(said, dict) and isinstance(said.get("metric"), str):
        step = said.get("step")
        reports.metric(said["metric"], float(said["value"]), int(step) if isinstance(step, (int, float)) else None)


def with_sdk(folder: str, variables: dict[str, str]) -> dict[str, str]:
    """`variables`, by which a Python that has no Treadle finds `treadle.report`."""
    package = os.path.join(folder, "inputs", ".sdk", "treadle")
    os.makedirs(package, exist_ok=True)
    with open(os.path.join(package, "__init__.py"), "w", encoding="utf-8") as file:
        file.write(_INIT)
    ours = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "report.py")
    shutil.copyfile(ours, os.path.join(package, "report.py"))
    others = [variables["PYTHONPATH"]] if variables.get("PYTHONPATH") else []
    return {**variables, "PYTHONPATH": os.pathsep.join([*others, os.path.dirname(package)])}
