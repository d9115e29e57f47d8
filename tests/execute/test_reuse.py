"""Processes that serve a series of attempts: same outcomes as fresh ones, for a fraction of the time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute.attempts import FIRST, Attempt, Bench, alive, bench, until

from treadle.execute.protocol import (
    AttemptFinished,
    AttemptStarted,
    Cancelled,
    CheckpointKept,
    Crashed,
    Failed,
    Metric,
    Progress,
    Succeeded,
    TimedOut,
)  # fmt: skip
from treadle.spec.environments import Isolation

PID = "import os\ndef node():\n    return os.getpid()"


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench(tmp_path_factory.mktemp("pool")) as made:
        yield made


def begin(pool: Bench, text: str, *outputs: str, **rest: object) -> Attempt:
    return pool.begin(text, *outputs, isolation=Isolation.REUSE, **rest)


def run(pool: Bench, text: str, *outputs: str, **rest: object) -> Attempt:
    attempt = begin(pool, text, *outputs, **rest)
    attempt.result()
    return attempt


def value(pool: Bench, attempt: Attempt) -> object:
    assert isinstance(attempt.outcome, Succeeded), (attempt.outcome, attempt.log)
    (ref,) = attempt.outcome.outputs.values()
    return pool.value(ref)


def test_one_process_serves_one_after_another(pool: Bench) -> None:
    attempts = [run(pool, PID, "value:int") for _ in range(5)]
    assert len({value(pool, attempt) for attempt in attempts}) == 1
    for attempt in attempts:
        assert isinstance(attempt.messages[0], AttemptStarted)
        assert isinstance(attempt.messages[-1], AttemptFinished)
        assert attempt.pid == value(pool, attempt)


def test_several_at_once_have_a_process_each(pool: Bench) -> None:
    text = "import os, time\ndef node():\n    time.sleep(0.3)\n    return os.getpid()"
    attempts = [begin(pool, text, "value:int") for _ in range(3)]
    assert len({value(pool, attempt) for attempt in attempts}) == 3


def test_more_than_there_are_processes_wait_their_turn(pool: Bench) -> None:
    attempts = [begin(pool, "def node(n):\n    return n", "value:int", params={"n": n}) for n in range(300)]
    assert [value(pool, attempt) for attempt in attempts] == list(range(300))


def test_different_slices_and_inputs_go_through_the_same_process(pool: Bench) -> None:
    one = run(pool, "def node():\n    return [1, 2]", "json:Json").outcome.outputs["json"]
    assert value(pool, run(pool, "def node(x):\n    return sum(x)", "value:int", inputs={"x": one})) == 3
    assert value(pool, run(pool, PID, "value:int")) == value(pool, run(pool, PID, "value:int"))


def test_each_has_its_own_log_and_reports(pool: Bench) -> None:
    text = """
    import subprocess
    from treadle.report import checkpoint, last_checkpoint, metric, progress
    def node(n):
        print("node", n)
        subprocess.run(["echo", f"child {n}"], check=True)
        metric("n", n)
        progress(0.5)
        before = last_checkpoint()
        checkpoint(n)
        return before
    """
    first, second = (run(pool, text, "json:Json", params={"n": n}) for n in (1, 2))
    assert [first.log, second.log] == ["node 1\nchild 1\n", "node 2\nchild 2\n"]
    assert [len(attempt.of(Metric)) for attempt in (first, second)] == [1, 1]
    assert (second.folder / "metrics.jsonl").read_text().count("\n") == 1
    assert len(second.of(Progress)) == len(second.of(CheckpointKept)) == 1
    assert value(pool, second) is None
    silent = run(pool, PID, "value:int")
    assert not (silent.folder / "output.log").exists()


def test_a_failure_names_its_line_and_takes_the_process_with_it(pool: Bench) -> None:
    before = value(pool, run(pool, PID, "value:int"))
    failed = run(pool, "def node():\n    print('hm')\n    raise ValueError('no')")
    assert isinstance(failed.outcome, Failed)
    assert (failed.outcome.line, failed.outcome.log_line) == (FIRST + 2, 2)
    assert failed.log.startswith("hm\nTraceback")
    until(lambda: not alive(failed.pid))
    assert before == failed.pid != value(pool, run(pool, PID, "value:int"))


def test_a_crash_is_told_with_its_last_words(pool: Bench) -> None:
    text = "import os, faulthandler\ndef node():\n    print('last words', flush=True)\n    os.kill(os.getpid(), 11)"
    crashed = run(pool, text)
    assert isinstance(crashed.outcome, Crashed)
    assert crashed.outcome.signal == "SIGSEGV"
    assert "last words" in crashed.log
    assert "Fatal Python error: Segmentation fault" in crashed.log
    assert isinstance(run(pool, PID, "value:int").outcome, Succeeded)


def test_leaving_without_a_result_is_a_crash(pool: Bench) -> None:
    outcome = run(pool, "import os\ndef node():\n    os._exit(0)").outcome
    assert isinstance(outcome, Crashed)
    assert outcome.exit_code == 0


def test_cancel_and_time_out_end_the_process_and_its_children(pool: Bench) -> None:
    text = """
    import subprocess, time
    from pathlib import Path
    def node(note):
        child = subprocess.Popen(["setsid", "sleep", "60"])
        Path(note).write_text(str(child.pid))
        time.sleep(60)
    """
    note = pool.root / "child"
    attempt = begin(pool, text, params={"note": str(note)})
    child = int(until(lambda: note.exists() and note.read_text()))
    pool.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert not alive(child)
    assert not alive(attempt.pid)
    late = run(pool, "import time\ndef node():\n    time.sleep(60)", timeout=0.2)
    assert late.outcome == TimedOut(0.2)


def test_a_process_that_left_a_child_behind_is_replaced(pool: Bench) -> None:
    text = "import subprocess\ndef node():\n    return subprocess.Popen(['sleep', '60']).pid"
    left = run(pool, text, "value:int")
    child = value(pool, left)
    until(lambda: not alive(int(str(child))) and not alive(left.pid))


def test_a_process_that_grew_is_replaced(pool: Bench) -> None:
    first = value(pool, run(pool, PID, "value:int"))
    text = "import os\nkept = []\ndef node():\n    kept.append(b'x' * 300_000_000)\n    return os.getpid()"
    assert value(pool, run(pool, text, "value:int")) == first
    assert value(pool, run(pool, PID, "value:int")) != first


def test_a_process_killed_while_it_idles_costs_nothing(pool: Bench) -> None:
    idle = int(str(value(pool, run(pool, PID, "value:int"))))
    os.kill(idle, signal.SIGKILL)
    until(lambda: not alive(idle))
    time.sleep(0.1)
    assert value(pool, run(pool, PID, "value:int")) != idle


def test_other_surroundings_have_other_processes(pool: Bench) -> None:
    text = "import os\ndef node():\n    return [os.getpid(), os.environ.get('COLOUR')]"
    plain, blue, again = (
        value(pool, run(pool, text, "json:Json", environment=environment))
        for environment in ({}, {"COLOUR": "blue"}, {})
    )
    assert (plain[1], blue[1]) == (None, "blue")
    assert plain[0] == again[0] != blue[0]


def test_usage_is_the_attempts_own(pool: Bench) -> None:
    busy = "import time\ndef node():\n    end = time.process_time() + 0.3\n    while time.process_time() < end: pass"
    spent, idle = (run(pool, text).result().usage for text in (busy, "def node():\n    pass"))
    assert spent.cpu_user + spent.cpu_system > 0.2
    assert idle.cpu_user + idle.cpu_system < 0.1


def test_what_needs_a_process_of_its_own_has_one(pool: Bench) -> None:
    limited = [run(pool, PID, "value:int", memory=1 << 30) for _ in range(2)]
    assert len({value(pool, attempt) for attempt in limited}) == 2


def test_nothing_is_left_when_the_executor_closes(tmp_path: Path) -> None:
    with bench(tmp_path) as short:
        idle = run(short, PID, "value:int").pid
        hung = begin(short, "import time\ndef node():\n    time.sleep(60)")
        assert hung.pid
    assert hung.outcome == Cancelled("engine")
    assert not alive(idle)
    assert not alive(hung.pid)
    assert list((tmp_path / "state" / "reuse").iterdir()) == []
