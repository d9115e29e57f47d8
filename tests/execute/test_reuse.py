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


QUICK = "import os\ndef node(n):\n    return [n, os.getpid()]"
SLOW = "import os, time\ndef node(n):\n    time.sleep(0.4)\n    return [n, os.getpid()]"


def line(pool: Bench, first: str, *rest: str) -> list[Attempt]:
    """Of these one may go on at a time."""
    return [
        begin(pool, text, "json:Json", params={"n": n}, together=1, run=f"run of {id(rest)}")
        for n, text in enumerate((first, *rest))
    ]


def values(pool: Bench, attempts: list[Attempt]) -> list[object]:
    return [value(pool, attempt) for attempt in attempts]


def begun_at(attempt: Attempt) -> bool:
    return bool(attempt.of(AttemptStarted))


def test_what_was_handed_over_early_waits_for_the_one_before_in_its_process(pool: Bench) -> None:
    attempts = line(pool, SLOW, QUICK, QUICK)
    until(lambda: begun_at(attempts[0]))
    assert not begun_at(attempts[1])
    found = values(pool, attempts)
    assert [n for n, _ in found] == [0, 1, 2]
    assert len({pid for _, pid in found}) == 1
    assert all(attempt.pid == found[0][1] for attempt in attempts)


def test_a_failure_is_no_concern_of_those_in_line(pool: Bench) -> None:
    first, *rest = line(pool, "def node(n):\n    raise ValueError", *[QUICK] * 5)
    assert isinstance(first.outcome, Failed)
    found = values(pool, rest)
    assert [n for n, _ in found] == [1, 2, 3, 4, 5]
    assert first.pid not in {pid for _, pid in found}


def test_a_process_that_is_killed_takes_only_the_one_with_it_that_it_had_begun(pool: Bench) -> None:
    begun = pool.root / "begun"
    text = f"import time\nfrom pathlib import Path\ndef node(n):\n    Path({str(begun)!r}).touch()\n    time.sleep(60)"
    first, *rest = line(pool, text, *[QUICK] * 5)
    until(begun.exists)
    os.kill(first.pid, signal.SIGKILL)
    assert isinstance(first.outcome, Crashed)
    assert [n for n, _ in values(pool, rest)] == [1, 2, 3, 4, 5]


def test_who_is_cancelled_in_line_was_never_begun(pool: Bench) -> None:
    first, second, third = line(pool, SLOW, QUICK, QUICK)
    until(lambda: begun_at(first))
    pool.cancel(second)
    assert second.outcome == Cancelled("user")
    assert not begun_at(second)
    assert [n for n, _ in values(pool, [first, third])] == [0, 2]


def test_who_is_cancelled_at_work_leaves_its_place_to_the_next_in_line(pool: Bench) -> None:
    first, *rest = line(pool, "import time\ndef node(n):\n    time.sleep(60)", QUICK, QUICK)
    until(lambda: begun_at(first))
    pool.cancel(first)
    assert first.outcome == Cancelled("user")
    assert [n for n, _ in values(pool, rest)] == [1, 2]


def test_a_limit_counts_from_when_its_turn_has_come(pool: Bench) -> None:
    attempts = [
        begin(pool, SLOW, "json:Json", params={"n": n}, together=1, timeout=0.7, run="limited") for n in range(3)
    ]
    assert [n for n, _ in values(pool, attempts)] == [0, 1, 2]


def test_a_line_behind_a_slow_one_is_shared_out_where_there_is_a_second_place(pool: Bench) -> None:
    late = "import time\ndef node(n):\n    time.sleep(3)\n    return [n, 0]"
    slow = begin(pool, late, "json:Json", params={"n": 0}, together=1, run="two places")
    until(lambda: begun_at(slow))
    quick = begin(pool, SLOW, "json:Json", params={"n": 1}, together=2, run="two places")
    rest = [begin(pool, QUICK, "json:Json", params={"n": n}, together=2, run="two places") for n in range(2, 12)]
    assert [n for n, _ in values(pool, rest)] == list(range(2, 12))
    assert not slow.finished.done()
    assert value(pool, quick)[0] == 1
    pool.cancel(slow)
    slow.result()


def test_never_more_are_carried_out_than_have_a_place(pool: Bench) -> None:
    text = """
    import os, time
    from pathlib import Path
    def node(n, folder):
        mark = Path(folder, str(n))
        mark.touch()
        beside = len(os.listdir(folder))
        time.sleep(0.005)
        mark.unlink()
        return beside
    """
    folder = pool.root / "beside"
    folder.mkdir()
    idle = [begin(pool, SLOW, "json:Json", params={"n": n}) for n in range(4)]
    values(pool, idle)
    attempts = [
        begin(pool, text, "value:int", params={"n": n, "folder": str(folder)}, together=2, run="places")
        for n in range(40)
    ]
    assert max(values(pool, attempts)) <= 2


def test_many_in_line_and_some_cancelled_each_is_begun_once_at_most(pool: Bench) -> None:
    text = """
    import os
    def node(n, note):
        file = os.open(note, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, b"%d\\n" % n)
        os.close(file)
        return n
    """
    note = pool.root / "each once"
    attempts = []
    for n in range(600):
        attempts.append(begin(pool, text, "value:int", params={"n": n, "note": str(note)}, together=3, run="racing"))
        if n % 7 == 0:
            pool.cancel(attempts[n // 2])
    outcomes = [attempt.outcome for attempt in attempts]
    counted = sorted(map(int, note.read_text().split()))
    assert len(set(counted)) == len(counted)
    succeeded = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Succeeded)]
    assert set(succeeded) <= set(counted)
    others = {type(outcome) for outcome in outcomes if not isinstance(outcome, Succeeded)}
    assert others <= {Cancelled}
    assert len(succeeded) > 500


def test_a_request_too_long_for_a_packet_goes_another_way(pool: Bench) -> None:
    text = "def node(n, long):\n    return [n, len(long)]"
    attempts = [
        begin(pool, text, "json:Json", params={"n": n, "long": "x" * 300_000}, together=1, run="long") for n in range(6)
    ]
    assert values(pool, attempts) == [[n, 300_000] for n in range(6)]
