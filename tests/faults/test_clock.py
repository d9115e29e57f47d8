"""The clock on the wall is set back an hour and on by a day while a run goes on, in real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.scene import kill_processes, no_process_left, until
from faults.synthetic import make_project

from treadle.execute.protocol import TimedOut
from treadle.run.events import AttemptEnded, AttemptLaunched, RetryScheduled
from treadle.run.history import read_events, read_state
from treadle.run.state import RunState
from treadle.store.atomic import write_atomic

SHIFTED = Path(__file__).with_name("shifted")
HOUR, DAY = 3600.0, 86400.0

NODES = '''
import os
import time
from treadle import component

@component
def sleep(seconds: float = 1.0) -> float:
    """Sleep, and give the seconds that the wall clock says it took."""
    began = time.time()
    time.sleep(seconds)
    return time.time() - began

@component
def flaky() -> int:
    """Fail the first time."""
    if not os.path.exists("failed"):
        open("failed", "w").close()
        raise ValueError("once")
    return 1
'''
PIPELINE = """treadle: 1
name: clocks
timeout: 50s
nodes:
  first: {uses: clocks.sleep, with: {seconds: 0.8}, timeout: 10s}
  long: {uses: clocks.sleep, with: {seconds: 2.5}, timeout: 20s}
  flaky: {uses: clocks.flaky, retries: 1, retry_delay: 1.5s}
  while: {uses: sensor.pause, with: {seconds: 2}, timeout: 30s}
  last: {uses: clocks.sleep, with: {seconds: 0.3}, after: [first, long, flaky, while], timeout: 10s}
"""
UNTIL = """treadle: 1
name: until
nodes:
  wait: {uses: sensor.until, with: {moment: "MOMENT"}}
"""


class Clocked:
    """A project whose processes have a wall clock of their own."""

    def __init__(self, root: Path) -> None:
        self.project = make_project(root / "project")
        (self.project.components / "clocks.py").write_text(NODES)
        self._shift = root / "shift"
        self.set_by(0)
        paths = os.pathsep.join([str(SHIFTED), os.environ.get("PYTHONPATH", "")])
        self._environment = {
            **os.environ, "PYTHONPATH": paths, "CLOCK_SHIFT": str(self._shift), "XDG_CONFIG_HOME": str(root / "config"),
        }  # fmt: skip

    def set_by(self, seconds: float) -> None:
        """So much is the wall clock of every process wrong from now on."""
        write_atomic(self._shift, str(seconds).encode())

    def begin(self, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "treadle.cli", *words]
        return subprocess.Popen(command, cwd=self.project.root, env=self._environment, stdout=subprocess.DEVNULL)

    def told(self, *words: str) -> str:
        command = [sys.executable, "-m", "treadle.cli", *words]
        return subprocess.check_output(command, cwd=self.project.root, env=self._environment, timeout=60, text=True)

    def state(self) -> RunState:
        runs = self.project.run_ids()
        return read_state(self.project.run(runs[-1])) if runs else RunState()


@pytest.fixture
def clocked(tmp_path: Path) -> Clocked:
    return Clocked(tmp_path)


def is_running(clocked: Clocked, task: str) -> Callable[[], bool]:
    return lambda: task in (tasks := clocked.state().tasks) and str(tasks[task].status) == "running"


def test_a_clock_that_jumps_while_a_run_goes_on_ends_delays_and_reorders_nothing(clocked: Clocked) -> None:
    """I4, I5: no limit fires and no pause grows, durations are those that passed, and events stand in order."""
    (clocked.project.root / "clocks.treadle.yaml").write_text(PIPELINE)
    began = time.monotonic()
    run = clocked.begin("run", "clocks.treadle.yaml")
    try:
        until(is_running(clocked, "long"))
        clocked.set_by(-HOUR)
        until(lambda: str(clocked.state().tasks["first"].status) == "succeeded")
        clocked.set_by(DAY)
        assert run.wait(30) == 0
        took = time.monotonic() - began
    finally:
        run.kill()
        run.wait()
        kill_processes(clocked.project)
    events = read_events(clocked.project.run(clocked.state().run).events)
    assert [each.seq for each in events] == list(range(1, len(events) + 1))
    assert [each.at for each in events] == sorted(each.at for each in events)
    assert events[-1].at - events[0].at < took
    ended = {each.event.task: each for each in events if isinstance(each.event, AttemptEnded)}
    assert not [each for each in ended.values() if isinstance(each.event.outcome, TimedOut)]
    begun = {each.event.task: each.at for each in events if isinstance(each.event, AttemptLaunched)}
    assert 0.8 <= ended["first"].at - begun["first"] < 5
    assert 2.5 <= ended["long"].at - begun["long"] < 7
    (retry,) = [each for each in events if isinstance(each.event, RetryScheduled)]
    assert 1.4 <= begun["flaky"] - retry.at < 5
    assert clocked.state().duration(0) is not None
    shown = json.loads(clocked.told("runs", "--json"))
    assert 2.5 < shown[0]["finished"] - shown[0]["started"] < took
    # that the clock did jump where the nodes ran, one of them says itself
    value = clocked.state().tasks["long"].outputs["value"]
    assert (
        abs(json.loads(clocked.project.artifacts.joinpath(value.digest[:2], value.digest[2:]).read_bytes())) > HOUR / 2
    )
    no_process_left(clocked.project)


def test_who_waits_for_a_moment_waits_by_the_clock_on_the_wall(clocked: Clocked) -> None:
    """I4: set on by a day, the moment has come; set back, it has not."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + HOUR))
    (clocked.project.root / "until.treadle.yaml").write_text(UNTIL.replace("MOMENT", moment))
    run = clocked.begin("run", "until.treadle.yaml")
    try:
        until(lambda: "wait" in (tasks := clocked.state().tasks) and str(tasks["wait"].status) == "deferred")
        clocked.set_by(-HOUR)
        assert run.poll() is None
        clocked.set_by(DAY)
        assert run.wait(15) == 0
    finally:
        run.kill()
        run.wait()
        kill_processes(clocked.project)


def test_after_the_clock_was_set_back_the_last_run_is_still_the_last(clocked: Clocked) -> None:
    """I4: `last`, and the list of runs, go by the order in which the runs began."""
    for name in ("one", "two", "three"):
        (clocked.project.root / f"{name}.treadle.yaml").write_text(
            f"treadle: 1\nname: {name}\nnodes:\n  only: {{uses: clocks.sleep, with: {{seconds: 0}}}}\n"
        )
    for name, shift in (("one", 0.0), ("two", -HOUR), ("three", -DAY)):
        clocked.set_by(shift)
        assert clocked.begin("run", f"{name}.treadle.yaml").wait(30) == 0
        assert json.loads(clocked.told("show", "last", "--json"))["pipeline"] == name
    assert [row["pipeline"] for row in json.loads(clocked.told("runs", "--json"))] == ["three", "two", "one"]
