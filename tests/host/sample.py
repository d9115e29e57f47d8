"""The project that the host's and the command line's tests run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from treadle.host.api import RunRequest
from treadle.run.events import Recorded
from treadle.store.project import Project

__all__ = ["BROKEN", "CHAIN", "SLOW", "collect", "end_host", "host_pid", "is_alive", "make_project", "request", "until"]

COMPONENTS = '''
import os
import time
from pathlib import Path

from treadle import component


@component(category="Demo")
def make(seconds: float = 0.0, text: str = "hello") -> str:
    """Make a text."""
    print("making", text)
    time.sleep(seconds)
    return text


@component(category="Demo")
def shout(text: str, seconds: float = 0.0) -> str:
    """Shout it, and leave a mark each time."""
    with open("marks.txt", "a") as marks:
        marks.write("shout\\n")
    time.sleep(seconds)
    return text.upper()


@component(category="Demo")
def fail(text: str) -> str:
    """Fail at it."""
    print("about to fail")
    raise ValueError(f"no use for {text}")
'''

CHAIN = """treadle: 1
name: chain
params:
  wait: {type: float, default: 0, minimum: 0}
nodes:
  first:
    uses: demo.make
    with: {seconds: $params.wait}
  second:
    uses: demo.shout
    in: {text: first.value}
"""

SLOW = """treadle: 1
name: slow
nodes:
  first:
    uses: demo.make
  second:
    uses: demo.shout
    in: {text: first.value}
    with: {seconds: 60}
"""

BROKEN = CHAIN.replace("demo.shout", "demo.fail").replace("name: chain", "name: broken")


def make_project(root: Path) -> Project:
    (root / "components").mkdir(parents=True)
    (root / "components" / "demo.py").write_text(COMPONENTS)
    for name, text in (("chain", CHAIN), ("slow", SLOW), ("broken", BROKEN)):
        (root / f"{name}.treadle.yaml").write_text(text)
    return Project(root.resolve())


def request(text: str = CHAIN, **params: object) -> RunRequest:
    return RunRequest(text, None, dict(params))  # type: ignore[arg-type]


async def collect(events: AsyncIterator[Recorded], seconds: float = 20.0) -> list[Recorded]:
    async with asyncio.timeout(seconds):
        return [recorded async for recorded in events]


def until(happens: Callable[[], object], seconds: float = 20.0) -> None:
    """Waits for `happens()` to be true; the test fails where it is not in time."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def host_pid(project: Project) -> int:
    return int((project.state / "host.lock").read_text())


def is_alive(pid: int) -> bool:
    """Whether the process goes on; one that only waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status


def end_host(project: Project) -> None:
    """Ends a host that a test has left, which would go on for a minute."""
    with contextlib.suppress(OSError, ValueError):
        pid = host_pid(project)
        os.kill(pid, signal.SIGTERM)
        until(lambda: not is_alive(pid), 10)
