"""`treadle debug`: one attempt made again in this terminal, under a debugger, or a shell in the place where it ran.

What it starts ends with it, however it ends.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from treadle.cli.asking import with_engine
from treadle.cli.terminal import Exit, Terminal
from treadle.execute import launch
from treadle.execute.environments import Environments, cache_folder
from treadle.execute.interpreters import EnvironmentFailed, variables_of
from treadle.execute.process_tree import die_with_parent
from treadle.execute.protocol import AttemptRequest
from treadle.execute.request_frames import request_frame
from treadle.host.trust import consented
from treadle.run.reproducing import NotReproducible, reproduce
from treadle.spec.flow import Kind
from treadle.store.artifacts import ArtifactStore
from treadle.store.project import Project
from treadle.store.secrets import own_secrets

__all__ = ["debug_node"]

_SHELL: Final = "/bin/sh"


def debug_node(
    terminal: Terminal, project: Project, run: str, node: str, attempt: int | None, *, wait: bool, shell: bool
) -> Exit:
    """OK where the attempt succeeds this time, FAILED where it fails again."""
    consented(project, "debug")
    run = with_engine(project, lambda engine: engine.summary(run)).run
    try:
        request = reproduce(project, run, node, attempt, own_secrets())
        python, request = asyncio.run(_interpreter(request))
    except (NotReproducible, EnvironmentFailed) as error:
        terminal.error(str(error))
        return Exit.INVALID
    terminal.warn(f"attempt {request.attempt.number} of {request.attempt.task} in run {run}", "bold")
    with tempfile.TemporaryDirectory(prefix="treadle-debug-") as scratch:
        request = msgspec.structs.replace(request, folder=scratch)
        if shell and request.kind.declares_ports:
            return _debug(project, request, python, "shell")
        if shell:
            return _open_shell(terminal, project, request)
        return _debug(project, request, python, "wait" if wait else "post-mortem")


async def _interpreter(request: AttemptRequest) -> tuple[str, AttemptRequest]:
    """The interpreter that the attempt runs under, and the request with what activating it would set."""
    if request.python is None and request.requirements is None:
        return sys.executable, request
    with tempfile.TemporaryDirectory(prefix="treadle-debug-") as folder:
        environments = Environments(cache_folder(), sys.executable)
        python = await environments.get(request.python, request.requirements, Path(folder, "output.log"))
    request = msgspec.structs.replace(request, environment={**variables_of(python), **request.environment})
    if request.kind is Kind.FUNCTION:
        return python, request
    # The program runs there; what lays it out, here.
    return sys.executable, msgspec.structs.replace(request, python=python)


def _debug(project: Project, request: AttemptRequest, python: str, mode: str) -> Exit:
    """The request is handed over in memory: it may hold secrets."""
    frame = {**request_frame(request), "artifacts": str(project.artifacts), "models": "joblib"}
    descriptor = os.memfd_create("treadle-request")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(json.dumps(frame).encode())
        os.lseek(descriptor, 0, os.SEEK_SET)
        quiet = ["-Xfrozen_modules=off"] if mode == "wait" else []  # else debugpy warns of them
        command = [python, *quiet, str(Path(launch.__file__)), "debug", str(descriptor), mode, str(os.getpid())]
        with subprocess.Popen(command, cwd=request.cwd, pass_fds=[descriptor]) as process:
            return Exit(_wait(process))
    finally:
        os.close(descriptor)


def _open_shell(terminal: Terminal, project: Project, request: AttemptRequest) -> Exit:
    """A shell with the attempt's folder and variables; where each input lies is said and set."""
    store = ArtifactStore(project.artifacts)
    variables = {}
    for port, references in request.inputs.items():
        paths = [str(store.path(reference)) for reference in references]
        variables[f"TREADLE_INPUT_{port.upper()}"] = os.pathsep.join(paths)
        for reference, path in zip(references, paths, strict=True):
            terminal.warn(f"  input {port} ({reference.type}, {reference.codec}): {path}")
    for name, value in request.params.items():
        terminal.warn(f"  parameter {name} = {json.dumps(value)}", "dim")
    terminal.warn("  each input's path stands in TREADLE_INPUT_<PORT>; leave with `exit`", "dim")
    environment = {**os.environ, **request.environment, **request.secret_variables, **variables}
    shell, tie = os.environ.get("SHELL") or _SHELL, functools.partial(die_with_parent, os.getpid())
    with subprocess.Popen([shell], cwd=request.cwd, env=environment, preexec_fn=tie) as process:  # noqa: PLW1509 (no thread is left here)
        _wait(process)
    return Exit.OK


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C belongs to the one in the foreground, which gets it too."""
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            continue
        return status if status in tuple(Exit) else Exit.FAILED
