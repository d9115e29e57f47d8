"""Processes are found by the mark in their environment, wherever they went; a process knows whether it has children."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import pytest
from execute.attempts import until

from treadle.execute.process_tree import OwnChildren, carrying, children

DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        os.closerange(0, 64)
        time.sleep(600)
    os._exit(0)
os.wait()
"""


def test_a_daemon_is_found_by_its_mark_after_its_parents_have_gone() -> None:
    value = uuid.uuid4().hex
    started = subprocess.run(
        [sys.executable, "-c", DAEMON], env={**os.environ, "MARK": value}, capture_output=True, text=True, check=True
    )
    daemon = int(started.stdout)
    try:
        assert carrying(f"MARK={value}") == [daemon]
        assert carrying(f"MARK={value[:-1]}") == []
    finally:
        os.kill(daemon, 9)
    until(lambda: carrying(f"MARK={value}") == [])


ASKING = """
import os, sys
from treadle.execute.process_tree import become_subreaper, has_children
become_subreaper()
said = [has_children()]
waiting, going = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.close(going)
        os.read(waiting, 1)
    os._exit(0)
os.wait()
said.append(has_children())  # the orphan, which is ours now
os.close(going)
os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
said.append(has_children())  # ended, and not yet waited for
os.wait()
print(*said, has_children())
"""


def test_a_process_knows_whether_it_has_children() -> None:
    asked = subprocess.run([sys.executable, "-c", ASKING], capture_output=True, text=True, check=True, timeout=20)
    assert asked.stdout.split() == ["False", "True", "True", "False"]


def test_own_children_are_the_ones_that_are_there() -> None:
    own = OwnChildren()
    known = set(own.pids())
    child = subprocess.Popen(["sleep", "60"])
    try:
        assert set(own.pids()) - known == {child.pid}
        assert sorted(own.pids()) == sorted(children(os.getpid()))
    finally:
        child.kill()
        child.wait()
    assert child.pid not in own.pids()


def test_own_children_are_found_where_the_kernel_lists_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise FileNotFoundError

    monkeypatch.setattr(os, "open", refuse)
    own = OwnChildren()
    monkeypatch.undo()
    assert own.descriptor is None
    assert own.pids() == children(os.getpid())
