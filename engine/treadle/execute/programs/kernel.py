"""A notebook's kernel: started under the node's interpreter, spoken to by sockets in a folder, never over a port.

nbclient and ipykernel are the extra `notebook`; they are imported on use. Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH118

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from typing import Any

from .commands import NotRunnable

__all__ = ["check", "client_of"]

_ASK = "import importlib.util, sys; sys.exit(importlib.util.find_spec('ipykernel') is None)"
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def check(python: str) -> None:
    """Raises NotRunnable, saying what to install, where notebooks can't run under `python`."""
    missing = [name for name in ("nbformat", "nbclient") if importlib.util.find_spec(name) is None]
    if missing:
        raise NotRunnable(
            f"notebooks need {' and '.join(missing)} beside Treadle, and {sys.executable} has none; to install them:\n"
            f"    {sys.executable} -m pip install 'treadle[notebook]'"
        )
    answer = subprocess.run([python, "-c", _ASK], check=False, stdin=subprocess.DEVNULL)
    if answer.returncode:
        raise NotRunnable(
            f"the node's environment has no ipykernel, which runs the cells: add ipykernel to its requirements, or\n"
            f"    {python} -m pip install ipykernel"
        )


def client_of(notebook: Any, python: str, folder: str) -> Any:
    """An nbclient for `notebook` whose kernel runs under `python` and prints live. `folder` is for its sockets."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class Client(NotebookClient):  # type: ignore[misc, unused-ignore]
        """Prints what cells say as they say it."""

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            _print(msg)
            return super().process_message(msg, cell, cell_index)

    manager = AsyncKernelManager(transport="ipc", connection_file=os.path.join(folder, "kernel.json"))
    command = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=command, language="python", display_name="Python 3")  # noqa: SLF001
    return Client(notebook, km=manager, timeout=None, startup_timeout=120)


def _print(message: Any) -> None:
    content = message["content"]
    kind = message["msg_type"]
    if kind == "stream":
        text = content["text"]
    elif kind in ("execute_result", "display_data"):
        text = content["data"].get("text/plain", "") + "\n"
    elif kind == "error":
        text = _ANSI.sub("", "\n".join(content["traceback"])) + "\n"
    else:
        return
    sys.stdout.write(text)
    sys.stdout.flush()
