"""kill -9 of the engine, or of a fork server: no process of an attempt outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from execute.attempts import alive, bench, until

from treadle.execute.process_tree import children
from treadle.execute.protocol import Crashed, Succeeded

DRIVER = Path(__file__).with_name("driver.py")


def everything_below(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        found.extend(children(parent))
    return found[1:]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_engine_leaves_no_orphan(tmp_path: Path, number: int) -> None:
    """I6: not even daemons in sessions of their own that ignore SIGTERM."""
    engine = subprocess.Popen([sys.executable, str(DRIVER), str(tmp_path)])
    try:
        path = tmp_path / "pids"
        until(lambda: path.exists() and len(path.read_text().split()) == 8, 15)
        known = [*map(int, path.read_text().split()), *everything_below(engine.pid)]
        assert all(map(alive, known))
        engine.send_signal(number)
        until(lambda: not any(map(alive, known)), 3)
    finally:
        engine.kill()
        engine.wait()


def test_attempts_end_with_their_server_where_it_and_the_engine_are_killed_at_once(tmp_path: Path) -> None:
    """I6: the kernel itself ends them. What had left their tree is nobody's to end any more, and is ended here."""
    engine = subprocess.Popen([sys.executable, str(DRIVER), str(tmp_path)])
    path = tmp_path / "pids"
    try:
        until(lambda: path.exists() and len(path.read_text().split()) == 8, 15)
        servers = children(engine.pid)
        attempts = [pid for server in servers for pid in children(server)]
        assert len(attempts) >= 4
        for pid in (engine.pid, *servers):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not any(map(alive, attempts)), 3)
    finally:
        engine.kill()
        engine.wait()
        for pid in map(int, path.read_text().split()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def test_an_engine_killed_while_a_server_loads_leaves_nothing(tmp_path: Path) -> None:
    """I6, where nothing has been asked of the server yet."""
    engine = subprocess.Popen([sys.executable, str(DRIVER), str(tmp_path)])
    try:
        known = until(lambda: len(found := everything_below(engine.pid)) >= 2 and found)
        engine.kill()
        until(lambda: not any(map(alive, known)), 5)
    finally:
        engine.kill()
        engine.wait()


def test_a_killed_fork_server_is_a_crash_and_the_next_attempt_gets_a_new_one(tmp_path: Path) -> None:
    """I4, I6: its attempts have crashed, in words, and what they began is gone with them."""
    with bench(tmp_path) as here:
        attempt = here.begin("import subprocess\ndef node():\n    subprocess.run(['setsid', 'sleep', '600'])")
        until(lambda: len(everything_below(attempt.pid)) >= 1)
        known = everything_below(attempt.pid)
        until(lambda: len(attempt.messages) >= 4)  # it has been sampled, so the tree is known
        (server,) = here.servers()
        os.kill(server, signal.SIGKILL)
        assert isinstance(attempt.outcome, Crashed)
        assert "ended unexpectedly" in attempt.outcome.reason
        until(lambda: not any(map(alive, [attempt.pid, *known])), 3)
        assert isinstance(here.run("def node():\n    pass").outcome, Succeeded)


def test_close_ends_what_runs(tmp_path: Path) -> None:
    """I4, I6: an engine that is closed leaves no attempt behind."""
    with bench(tmp_path) as here:
        attempt = here.begin("import time\ndef node():\n    time.sleep(600)")
        assert alive(attempt.pid)
    assert not alive(attempt.pid)
    assert attempt.result().outcome.by == "engine"
