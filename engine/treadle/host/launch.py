"""Starting a project's host: detached, so that it outlives whoever asked for it, and ready when this returns."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from typing import Final

from treadle.host.api import EngineLost
from treadle.store.project import Project

__all__ = ["ensure_host"]

_PATIENCE: Final = 60.0  # seconds; a cold disk and a busy machine need a few, Wine on one some ten
_GLANCE: Final = 0.01


async def ensure_host(project: Project) -> None:
    """Returns when a host serves the project, this call's or another's. Raises EngineLost, saying why there is none.

    The process started here forks the host and ends when that one listens, so no child is left to wait for.
    `-P` keeps the folder it is started from off its import path: a project can't slip a module into the engine.
    """
    command = [sys.executable, "-P", "-m", "treadle.host.server", "--detach", "--project", str(project.root)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: ASYNC220 (the app's loop, qasync, has no subprocesses of its own)
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        deadline = time.monotonic() + _PATIENCE
        try:
            while process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110 (as above)
                await asyncio.sleep(_GLANCE)
            if process.poll() is None:
                raise EngineLost(f"the engine did not start: it was not ready after {_PATIENCE:.0f} s")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            said.seek(0)
            words = said.read(4096).decode(errors="replace").strip()
            raise EngineLost(f"the engine did not start: {words or f'it ended with {process.returncode}'}")
