"""Environments: one virtual environment for each set of packages, made once, in the user's cache folder.

    <cache>/treadle/environments/<key>/         the environment; `treadle.json` in it says that it is whole
    <cache>/treadle/environments/<key>.lock     held by who makes it, in whichever process

The key is the interpreter and the requirements. Made by uv where there is one, else by venv and pip. Nothing is ever
installed into an environment that is somebody's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Final

from treadle.execute.interpreters import EnvironmentFailed, Interpreter, find_interpreter

__all__ = ["Environments", "cache_folder"]

_MARK: Final = "treadle.json"
_ASK_AGAIN: Final = 0.1
_ERROR: Final = re.compile(r"(?i)error|×|not found|no solution|because|╰─▶")
_TOLD: Final = 4  # lines of what the installer said
_OWN: Final = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "CONDA_PREFIX")


def cache_folder() -> Path:
    """Where this user's environments are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "treadle", "environments")


class Environments:
    """Interpreters as attempts ask for them; each question is answered once. For one event loop."""

    def __init__(self, root: Path, default: str) -> None:
        self._root = root
        self._default = default
        self._found: dict[str, asyncio.Task[Interpreter]] = {}
        self._made: dict[Path, asyncio.Task[str]] = {}
        self._waiting: dict[Path, int] = {}

    async def get(self, python: str | None, requirements: tuple[str, ...] | None, log: Path) -> str:
        """The interpreter's path, its packages installed. What the installer says goes to `log`.

        Raises EnvironmentFailed.
        """
        base = await self._interpreter(python or self._default)
        if requirements is None:
            return base.path
        for requirement in requirements:
            if requirement.startswith("-"):
                raise EnvironmentFailed(f"{requirement!r} is an option and no requirement")
        return await self._packages(base, requirements, log)

    async def _interpreter(self, wanted: str) -> Interpreter:
        task = self._found.get(wanted)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._found[wanted] = asyncio.create_task(asyncio.to_thread(find_interpreter, wanted))
        return await asyncio.shield(task)

    async def _packages(self, base: Interpreter, requirements: tuple[str, ...], log: Path) -> str:
        folder = self._root / _key(base, requirements)
        task = self._made.get(folder)
        if task is None or task.done():
            task = self._made[folder] = asyncio.create_task(_make(folder, base, requirements, log))
        else:
            _say(log, f"another node is having {', '.join(requirements)} installed; its log tells how that goes")
        self._waiting[folder] = self._waiting.get(folder, 0) + 1
        try:
            return await asyncio.shield(task)
        finally:
            self._waiting[folder] -= 1
            if not self._waiting[folder] and not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def _key(base: Interpreter, requirements: tuple[str, ...]) -> str:
    said = json.dumps([str(Path(base.path).resolve()), base.version, sorted(requirements)])
    return hashlib.sha256(said.encode()).hexdigest()[:24]


async def _make(folder: Path, base: Interpreter, requirements: tuple[str, ...], log: Path) -> str:
    """Raises EnvironmentFailed."""
    python = folder / "bin" / "python"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        async with _locked(folder.with_suffix(".lock"), log):
            if not (folder / _MARK).exists() or not python.exists():
                await _install(folder, base, requirements, log)
    except OSError as error:
        raise EnvironmentFailed(f"an environment for {', '.join(requirements)} can't be made: {error}") from error
    return str(python)


async def _install(folder: Path, base: Interpreter, requirements: tuple[str, ...], log: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _say(log, f"making an environment with {', '.join(requirements) or 'no packages'} under Python {base.version}")
    python, uv = str(folder / "bin" / "python"), _uv()
    if uv:
        commands = [
            [uv, "venv", "--no-project", "--python", base.path, str(folder)],
            [uv, "pip", "install", "--python", python, *requirements],
        ]
    else:
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
        commands = [[base.path, "-m", "venv", str(folder)], [python, "-m", "pip", "install", *quiet, *requirements]]
    try:
        for command in commands[: None if requirements else 1]:
            await _run(command, requirements, log)
        (folder / _MARK).write_text(json.dumps({"python": base.version, "requirements": requirements}))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return shutil.which("uv") or (str(beside) if beside.exists() else None)


async def _run(command: list[str], requirements: tuple[str, ...], log: Path) -> None:
    """Raises EnvironmentFailed with what the command said last."""
    environment = {name: value for name, value in os.environ.items() if name not in _OWN}
    began = _size(log)
    with _opened(log) as output:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
            start_new_session=True,
        )  # fmt: skip
        try:
            code = await process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if code:
        said = _since(log, began)
        telling = [line.strip() for line in said if _ERROR.search(line)] or said
        raise EnvironmentFailed(f"{', '.join(requirements)} can't be installed: {' '.join(telling[-_TOLD:])[:1000]}")


def _size(log: Path) -> int:
    return log.stat().st_size if log.exists() else 0


def _since(log: Path, position: int) -> list[str]:
    with log.open("rb") as file:
        file.seek(position)
        return file.read().decode(errors="replace").splitlines()


@contextlib.asynccontextmanager
async def _locked(path: Path, log: Path) -> AsyncIterator[None]:
    """Holds the lock, once nobody else does. It goes with this process."""
    with path.open("wb") as file:
        told = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    _say(log, "another engine is making this environment; waiting for it")
                told = True
                await asyncio.sleep(_ASK_AGAIN)
        yield


def _say(log: Path, words: str) -> None:
    with _opened(log) as file:
        file.write(f"[Treadle: {words}]\n".encode())


def _opened(log: Path) -> IO[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")
