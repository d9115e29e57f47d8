"""A run is held by at most one process, and what its holder leaves is the next one's to take."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from host.sample import until

from treadle.host.api import RunBusy
from treadle.host.holding import hold, holder, is_held

HOLD_FOR_EVER = """
import pathlib, sys, time
from treadle.host.holding import hold
held = hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_run_is_held_once(tmp_path: Path) -> None:
    held = hold(tmp_path)

    with pytest.raises(RunBusy, match=str(os.getpid())):
        hold(tmp_path)
    held.release()
    hold(tmp_path).release()


def test_nobody_holds_a_run_that_was_let_go(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    held = hold(tmp_path)
    assert is_held(tmp_path)

    held.release()
    held.release()

    assert not is_held(tmp_path)


def test_a_killed_holder_lets_go(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
    assert is_held(tmp_path)
    assert holder(tmp_path) == process.pid

    process.kill()
    process.wait()

    until(lambda: not is_held(tmp_path))
    hold(tmp_path).release()


def test_looking_never_keeps_anybody_from_holding(tmp_path: Path) -> None:
    hold(tmp_path).release()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            is_held(tmp_path)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(50):
            hold(tmp_path).release()
    finally:
        stop.set()
        looking.join()
