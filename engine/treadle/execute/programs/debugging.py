"""An attempt of a program in the foreground: a Python script or a notebook under a debugger, a command traced; or a
shell with all that the program is given.

Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH118, PTH119, PTH123

from __future__ import annotations

import functools
import json
import os
import shlex
import socket
import subprocess
import sys
from typing import Any

from .. import arguments, process_tree
from . import commands, notebook, post_mortem
from .attempt import lay_out
from .heard import Ear, hearing
from .outputs import collect

__all__ = ["debug"]

_OK, _FAILED = 0, 1


def debug(request: dict[str, Any], mode: str, codecs: Any, scratch: Any, unheard: tuple[Any, Any]) -> int:
    """The exit status: 0 where the attempt succeeds. `scratch` takes what it gives; `mode` as of `execute.debugging`.

    `unheard` are reports and their keeper, which nobody hears.
    """
    ear = Ear(request, codecs, scratch, *unheard)
    try:
        if mode == "shell":
            return _shell(request, codecs, ear)
        if request["node"] == "notebook":
            return _run(_notebook_command(request, codecs, mode), request, {}, ear)
        laid = lay_out(request, codecs)
        if _run(_debugged(laid.command, commands.python_of(request), mode), request, laid.variables, ear):
            return _FAILED
        collect(laid.places, request["models"], codecs, scratch)
    except (commands.NotRunnable, arguments.Misfit, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return _FAILED
    print("the attempt succeeded", file=sys.stderr)
    return _OK


def _shell(request: dict[str, Any], codecs: Any, ear: Ear) -> int:
    """Its ports are files there already; however it is left is well."""
    if request["node"] == "notebook":
        prepared = notebook.prepare(request, codecs)
        request, variables, words = prepared.request, prepared.variables, str(request["params"]["path"])
    else:
        laid = lay_out(request, codecs)
        variables, words = laid.variables, shlex.join(laid.command)
    print(f"  the program: {words}\n  ports and parameters are variables; leave with `exit`", file=sys.stderr)
    _run([os.environ.get("SHELL") or "/bin/sh"], request, variables, ear)
    return _OK


def _run(command: list[str], request: dict[str, Any], variables: dict[str, str], ear: Ear) -> int:
    """The exit status of `command`, which ends with this process."""
    tie = functools.partial(process_tree.die_with_parent, os.getpid())
    with hearing(ear) as found:
        environment = {**os.environ, **variables, **found}
        return subprocess.run(command, cwd=request["cwd"], env=environment, preexec_fn=tie, check=False).returncode


def _debugged(command: list[str], python: str, mode: str) -> list[str]:
    """`command` under what shows where it fails: only Python has a debugger here, a shell tells what it does."""
    if command[0] == python:
        if mode == "wait":
            return [*_waiting(python), *command[1:]]
        return [python, post_mortem.__file__, *command[1:]]
    if "-c" in command:
        return [command[0], "-x", *command[1:]]
    return command


def _waiting(python: str) -> list[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    print(f"waiting for a debugger on 127.0.0.1:{port} (in VS Code: Attach using debugpy)", file=sys.stderr)
    return [python, "-Xfrozen_modules=off", "-m", "debugpy", "--listen", f"127.0.0.1:{port}", "--wait-for-client"]


def _notebook_command(request: dict[str, Any], codecs: Any, mode: str) -> list[str]:
    """IPython, which a kernel has anyway, carries a notebook's cells out and stops where one raises."""
    prepared = notebook.prepare(request, codecs)
    os.environ.update(prepared.variables)
    os.chdir(prepared.request["cwd"])
    request["cwd"] = prepared.request["cwd"]
    copy = os.path.join(request["folder"], os.path.basename(str(request["params"]["path"])))
    with open(copy, "w", encoding="utf-8") as file:
        json.dump(prepared.notebook, file)
    python = commands.python_of(request)
    begin = _waiting(python) if mode == "wait" else [python]
    return [*begin, "-m", "IPython", "--pdb", "--no-banner", "--HistoryManager.hist_file=:memory:", copy]
