"""What is run for a program: its command, word by word, and its environment. Values are never pasted into a command.

Standard library only, Python ≥ 3.9.
"""

# Paths are plain text in what a worker loads: it starts in milliseconds, and pathlib is not free.
# ruff: noqa: PTH111, PTH113, PTH118, PTH122, PTH123

from __future__ import annotations

import json
import os
import shlex
import sys
from typing import Any, Mapping  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["NotRunnable", "environment", "path_of", "python_of", "script_command", "shell_command"]

_BY_SUFFIX = {
    ".sh": "sh", ".bash": "bash", ".zsh": "zsh", ".r": "Rscript", ".jl": "julia", ".js": "node", ".mjs": "node",
    ".pl": "perl", ".rb": "ruby", ".lua": "lua", ".php": "php",
}  # fmt: skip
_STRICT = {"bash": ["-e", "-o", "pipefail"], "zsh": ["-e", "-o", "pipefail"]}


class NotRunnable(Exception):
    """There is nothing that could run the program; the message says what to do."""


def python_of(request: dict[str, Any]) -> str:
    """The interpreter of the node's environment."""
    return request["python"] or sys.executable


def script_command(request: dict[str, Any], values: Mapping[str, Any], paths: Mapping[str, str]) -> list[str]:
    """`values` are the parameters; `paths` those of the ports, by `in.port` and `out.port`. Raises NotRunnable."""
    path = os.path.join(request["cwd"], os.path.expanduser(str(values["path"])))
    if not os.path.isfile(path):
        raise NotRunnable(f"there is no script {values['path']} in {request['cwd']}: change its path")
    return [*_runner(path, values.get("interpreter"), python_of(request)), *_words(values.get("arguments"), paths)]


def _runner(path: str, interpreter: Any, python: str) -> list[str]:
    """What begins the script at `path`."""
    if interpreter:
        return [*shlex.split(str(interpreter)), path]
    suffix = os.path.splitext(path)[1].lower()
    if suffix in (".py", ".pyw"):
        return [python, path]
    if suffix == ".ipynb":
        raise NotRunnable(f"{path} is a notebook: use a node of the kind notebook")
    with open(path, "rb") as file:
        first = file.read(256).partition(b"\n")[0]
    if first.startswith(b"#!"):
        if os.access(path, os.X_OK):
            return [path]
        return [*shlex.split(first[2:].decode(errors="replace")), path]
    if suffix in _BY_SUFFIX:
        return [_BY_SUFFIX[suffix], path]
    if os.access(path, os.X_OK):
        return [path]
    raise NotRunnable(f"nothing says what runs {path}: begin it with a line such as #!/bin/sh, or set its interpreter")


def _words(arguments: Any, paths: Mapping[str, str]) -> list[str]:
    return [_word(argument, paths) for argument in arguments or []]


def _word(value: Any, paths: Mapping[str, str]) -> str:
    """A value as one argument, or as one variable: a text as it is, the path of a port, else JSON."""
    if isinstance(value, dict) and set(value) == {"$port"}:
        return path_of(value, paths)
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def path_of(value: Mapping[str, Any], paths: Mapping[str, str]) -> str:
    """The path of the port that `value` refers to. Raises NotRunnable."""
    name = str(value["$port"])
    if name not in paths:
        raise NotRunnable(f"${name} has no path here: nothing feeds it")
    return paths[name]


def shell_command(values: Mapping[str, Any]) -> list[str]:
    """The shell with its command as one word: it ends at the first part that fails."""
    shell = str(values.get("shell") or "bash")
    options = _STRICT.get(os.path.basename(shell), ["-e"])  # noqa: PTH119
    return [shell, *options, "-c", str(values["command"]), "command"]


def environment(request: dict[str, Any], values: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, str]:
    """This process's variables, each port's path and each parameter under its name, and secrets."""
    variables = dict(os.environ)
    variables["PYTHONUNBUFFERED"] = "1"  # else what it prints stays in it until it ends
    given = {
        **{name.partition(".")[2]: path for name, path in paths.items()},
        **{str(name): _word(value, paths) for name, value in (values.get("parameters") or {}).items()},
        **request["secrets"],
    }
    for name, value in given.items():
        if "\0" in name or "=" in name or "\0" in value:
            raise NotRunnable(f"{name} can't be a variable: there is a NUL in it, or an = in its name")
        variables[name] = value
    return variables
