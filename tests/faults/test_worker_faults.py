"""What user code can do to its process, and what is told of it. Every test ends with nothing left running."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import textwrap
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute.attempts import Attempt, Bench, alive, bench, until

from treadle.execute.protocol import Cancelled, Crashed, Failed, Succeeded, TimedOut


@pytest.fixture(autouse=True)
def _nothing_is_left(here: Bench) -> Iterator[None]:
    yield
    assert here.processes() == []


NOTE = """
import os
def note(pid):
    with open(os.environ["PIDS"], "a") as file:
        file.write(f"{pid}\\n")
"""


def begin(bench: Bench, text: str, **rest: object) -> Attempt:
    """Begins a node that has `note(pid)`, which writes a pid for `pids`."""
    path = bench.root / f"{uuid.uuid4()}.pids"
    attempt = bench.begin(NOTE + textwrap.dedent(text), environment={"PIDS": str(path)}, **rest)
    attempt.notes = path
    return attempt


def pids(attempt: Attempt, count: int = 1) -> list[int]:
    """The pids that the node noted, once there are `count`."""
    path = attempt.notes
    until(lambda: path.exists() and path.read_text().count("\n") >= count)
    return [int(pid) for pid in path.read_text().split()]


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGFPE", "SIGKILL", "SIGTERM", "SIGUSR1"])
def test_a_signal_is_a_crash_named_by_it(here: Bench, name: str) -> None:
    """I4: a process that went is no success and no mystery."""
    attempt = here.run(f"import os, signal\ndef node():\n    os.kill(os.getpid(), signal.{name})\n    os.pause()")
    assert isinstance(attempt.outcome, Crashed)
    assert attempt.outcome.signal == name
    assert name in attempt.outcome.reason
    assert attempt.outcome.reason in attempt.log


def test_a_fault_in_native_code_shows_its_line_in_the_log(here: Bench) -> None:
    """I4."""
    attempt = here.run("import ctypes\ndef node():\n    ctypes.string_at(0)")
    assert isinstance(attempt.outcome, Crashed)
    assert attempt.outcome.signal == "SIGSEGV"
    assert 'components/prepare.py", line 12 in node' in attempt.log


@pytest.mark.parametrize("code", [0, 1, 3])
def test_leaving_without_a_result_is_a_crash_even_with_zero(here: Bench, code: int) -> None:
    """I4, I5: only a result is a success."""
    attempt = here.run(f"import os\ndef node():\n    os._exit({code})", "value:int")
    assert isinstance(attempt.outcome, Crashed)
    assert attempt.outcome.exit_code == code


def test_killed_from_outside_is_not_blamed_on_memory_without_evidence(here: Bench) -> None:
    """I4: what is not known is not said."""
    attempt = here.begin("import time\ndef node():\n    time.sleep(60)")
    os.kill(attempt.pid, signal.SIGKILL)
    assert isinstance(attempt.outcome, Crashed)
    assert "ended by SIGKILL: by a person or another program" in attempt.outcome.reason
    assert "memory had run out" not in attempt.outcome.reason or "or the kernel" in attempt.outcome.reason


def test_a_kill_at_any_moment_is_a_crash_or_came_too_late(here: Bench) -> None:
    """I4, I5: nothing between a success with whole artifacts and a crash."""
    chance = random.Random(7)
    text = "import time\ndef node():\n    print('x' * 1000)\n    time.sleep(0.01)\n    return 'y' * 100_000"
    ended = set()
    for _ in range(40):
        attempt = here.begin(text, "text:Text")
        pid = attempt.pid
        time.sleep(chance.uniform(0, 0.03))
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        ended.add(type(attempt.outcome))
        if isinstance(attempt.outcome, Succeeded):
            assert here.store.verify(attempt.outcome.outputs["text"])
    assert ended == {Crashed, Succeeded}


def test_cancel_of_a_sleeper_is_immediate(here: Bench) -> None:
    """I4, I6."""
    attempt = here.begin("import time\ndef node():\n    time.sleep(60)")
    assert attempt.pid
    began = time.monotonic()
    here.cancel(attempt, by="run")
    assert attempt.outcome == Cancelled("run")
    assert time.monotonic() - began < 0.5
    assert not alive(attempt.pid)


def test_cancel_of_a_busy_loop_that_ignores_sigterm_ends_within_a_second(here: Bench) -> None:
    """I4, I6: a hung worker that does not hear is killed."""
    text = """
    import signal
    def node():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("deaf")
        while True:
            pass
    """
    attempt = here.begin(text)
    until(lambda: attempt.log)
    began = time.monotonic()
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert time.monotonic() - began < 1.0


def test_a_failure_on_the_way_out_is_still_a_cancel(here: Bench) -> None:
    """I4."""
    text = """
    import signal, sys, time
    def node():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to leave"))
        print("ready")
        time.sleep(60)
    """
    attempt = here.begin(text)
    until(lambda: attempt.log)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")


def test_a_success_on_the_way_out_is_kept(here: Bench) -> None:
    """I5: what was done in time counts."""
    text = """
    import signal, time
    def node():
        asked = []
        signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
        print("ready")
        while not asked:
            time.sleep(0.01)
        return "saved"
    """
    attempt = here.begin(text, "value:str")
    until(lambda: attempt.log)
    here.cancel(attempt)
    assert isinstance(attempt.outcome, Succeeded)


def test_cancel_twice_and_after_the_end_is_harmless(here: Bench) -> None:
    """I4."""
    attempt = here.begin("import time\ndef node():\n    time.sleep(60)")
    assert attempt.pid
    here.cancel(attempt)
    here.cancel(attempt, by="run")
    assert attempt.outcome == Cancelled("user")
    here.cancel(attempt)
    assert isinstance(here.run("def node():\n    pass").outcome, Succeeded)


def test_cancel_before_its_server_is_ready(tmp_path: Path) -> None:
    """I4: who cancels does not wait for a library to load."""
    with bench(tmp_path) as fresh:
        attempt = fresh.begin("import sklearn\ndef node():\n    pass", imports=("sklearn",))
        began = time.monotonic()
        fresh.cancel(attempt)
        assert attempt.outcome == Cancelled("user")
        assert time.monotonic() - began < 0.5


DAEMON = """
import os, signal, time
def node():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.closerange(0, 100)
            note(os.getpid())
            time.sleep(600)
        os._exit(0)
    os.wait()
    time.sleep({wait})
"""


def test_a_double_forked_daemon_does_not_outlive_a_cancel(here: Bench) -> None:
    """I6."""
    attempt = begin(here, DAEMON.format(wait=600))
    (daemon,) = pids(attempt)
    began = time.monotonic()
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert time.monotonic() - began < 1.0
    assert not alive(daemon)


def test_a_double_forked_daemon_of_a_spawned_interpreter_does_not_either(tmp_path: Path) -> None:
    """I6, without a fork server."""
    with bench(tmp_path, always_spawn=True) as alone:
        attempt = begin(alone, DAEMON.format(wait=600))
        (daemon,) = pids(attempt)
        alone.cancel(attempt)
        assert attempt.outcome == Cancelled("user")
        assert not alive(daemon)


def test_a_double_forked_daemon_does_not_outlive_a_success(here: Bench) -> None:
    """I6."""
    attempt = begin(here, DAEMON.format(wait=0.1))
    (daemon,) = pids(attempt)
    assert attempt.outcome == Succeeded({})
    assert not alive(daemon)


def test_a_double_forked_daemon_does_not_outlive_a_crash(here: Bench) -> None:
    """I6."""
    attempt = begin(here, DAEMON.format(wait=0.1) + "    os.kill(os.getpid(), 9)\n")
    (daemon,) = pids(attempt)
    assert isinstance(attempt.outcome, Crashed)
    assert not alive(daemon)


def test_sweeping_one_attempt_leaves_its_neighbour_and_its_children_alone(here: Bench) -> None:
    """I5, I6: what is swept is its own."""
    neighbour = begin(here, DAEMON.format(wait=600))
    (daemon,) = pids(neighbour)
    ending = begin(here, DAEMON.format(wait=0.1))
    assert ending.outcome == Succeeded({})
    assert alive(daemon)
    assert alive(neighbour.pid)
    here.cancel(neighbour)
    assert neighbour.outcome == Cancelled("user")


def test_children_of_an_executable_die_with_it(here: Bench) -> None:
    """I6."""
    text = """
    import subprocess
    def node():
        process = subprocess.Popen(["setsid", "sh", "-c", "trap '' TERM; sleep 600 & echo $! ; wait"], stdout=-1)
        note(process.pid)
        note(int(process.stdout.readline()))
        process.wait()
    """
    attempt = begin(here, text)
    found = pids(attempt, 2)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert not any(map(alive, found))


def test_a_forked_copy_cannot_speak_for_the_attempt(here: Bench) -> None:
    """I5: one process gives the result."""
    text = """
    import os
    from treadle.report import progress
    def node():
        if os.fork() == 0:
            progress(0.9)
            raise RuntimeError("only the copy")
        os.wait()
        return 1
    """
    attempt = here.run(text, "value:int")
    assert isinstance(attempt.outcome, Succeeded), attempt.outcome


@pytest.mark.parametrize(
    "data",
    ["b'garbage ' * 100", "b'\\xff' * 10", "b'\\0\\0\\0\\x02[]'", "b'\\0\\0\\0\\x10' + b'{\"kind\":\"other\"}'",
     "b'\\0\\0\\0\\x1f' + b'{\"kind\":\"succeeded\",\"outputs\":1}'"],
)  # fmt: skip
def test_garbage_on_the_report_channel_is_a_crash_that_says_so(here: Bench, data: str) -> None:
    """I4: what can't be read ends the attempt, and nothing else."""
    text = f"""
    import os, time, socket
    def node():
        for name in os.listdir("/proc/self/fd"):
            try:
                if os.readlink(f"/proc/self/fd/{{name}}").startswith("socket:"):
                    os.write(int(name), {data})
            except OSError:
                pass
        time.sleep(5)
    """
    began = time.monotonic()
    attempt = here.run(text)
    assert isinstance(attempt.outcome, Crashed), attempt.outcome
    assert "report channel" in attempt.outcome.reason
    assert time.monotonic() - began < 3


def test_the_report_channel_is_not_handed_on_to_programs(here: Bench) -> None:
    """I5: what a node starts can't report in its name."""
    attempt = here.run("import os\ndef node():\n    os.system('ls -l /proc/self/fd')")
    assert "socket:" not in attempt.log


def test_closing_every_descriptor_is_a_crash(here: Bench) -> None:
    """I4."""
    attempt = here.run("import os\ndef node():\n    os.closerange(0, 1000)\n    return 1", "value:int")
    assert isinstance(attempt.outcome, Crashed)


def test_a_line_of_100_megabytes_passes_in_bounded_memory(here: Bench) -> None:
    """I9."""
    text = """
    import sys
    def node():
        block = "x" * 1_000_000
        for _ in range(100):
            sys.stdout.write(block)
        print()
        print("after")
    """
    attempt = here.run(text)
    assert isinstance(attempt.outcome, Succeeded)
    assert (attempt.folder / "output.log").stat().st_size == 100_000_000 + len("\nafter\n")
    for server in here.servers():
        peak = next(line for line in Path(f"/proc/{server}/status").read_text().splitlines() if "VmHWM" in line)
        assert int(peak.split()[1]) < 60_000, peak


def test_binary_output_is_kept_byte_for_byte(here: Bench) -> None:
    """I9."""
    text = "import os\ndef node():\n    os.write(1, bytes(range(256)) * 10)\n    print('\\ud800')"
    attempt = here.run(text)
    assert (attempt.folder / "output.log").read_bytes() == bytes(range(256)) * 10 + b"\\ud800\n"


def test_endless_output_keeps_its_head_and_its_end_and_says_what_was_dropped(tmp_path: Path) -> None:
    """I9: a log is bounded, and what a person looks for first, its beginning and its end, is in it."""
    with bench(tmp_path, log_cap=100_000) as small:
        attempt = small.run(
            "def node():\n    for n in range(100_000):\n        print('line', n)\n    raise ValueError('end')"
        )
        assert isinstance(attempt.outcome, Failed)
        lines = attempt.log.splitlines()
        assert lines[0] == "line 0"
        assert any("reached its limit of 100,000 bytes" in line for line in lines)
        (cut,) = [number for number, line in enumerate(lines) if "more bytes were not kept" in line]
        (failed,) = [number for number, line in enumerate(lines) if line.startswith("Traceback")]
        last = [f"line {number}" for number in range(100_000)][-(failed - cut - 1) :]
        assert lines[cut + 1 : failed] == last
        assert len(last) > 1_000
        assert lines[-1] == "ValueError: end"
        assert attempt.outcome.log_line == failed + 1
        assert (attempt.folder / "output.log").stat().st_size < 127_000


def test_output_a_little_beyond_the_limit_is_kept_whole(tmp_path: Path) -> None:
    """I9."""
    with bench(tmp_path, log_cap=1_000) as small:
        attempt = small.run("def node():\n    print('x' * 999)\n    print('y' * 100)")
        head, marker, end = attempt.log.splitlines()
        assert (head, end) == ("x" * 999, "y" * 100)
        assert "reached its limit of 1,000 bytes" in marker


def test_more_memory_than_the_limit_is_a_memory_error(here: Bench) -> None:
    """I9: only that attempt fails, with the number."""
    attempt = here.run("def node():\n    return len(bytearray(1 << 30))", memory=200 << 20)
    assert isinstance(attempt.outcome, Failed)
    assert attempt.outcome.error == "MemoryError"
    assert "its limit is 200.0 MiB" in attempt.outcome.message


@pytest.mark.parametrize("library", ["numpy", "pandas"])
def test_a_library_that_grows_over_the_limit_is_told_the_limit(tmp_path: Path, library: str) -> None:
    """I9: also where native code asks for it."""
    grow = {
        "numpy": "numpy.ones(8_000_000)",
        "pandas": "pandas.DataFrame({'x': range(8_000_000)}).astype(float)",
    }[library]
    text = f"import {library}\ndef node():\n    kept = []\n    while True:\n        kept.append({grow})"
    with bench(tmp_path) as own:  # its servers load the library
        attempt = own.run(text, memory=400 << 20, imports=[library])
    assert isinstance(attempt.outcome, Failed | Crashed)
    said = attempt.outcome.message if isinstance(attempt.outcome, Failed) else attempt.outcome.reason
    assert "400.0 MiB" in said


def test_memory_that_no_limit_of_the_kernels_counts_ends_the_attempt_with_the_numbers(here: Bench) -> None:
    """I9: shared memory counts too; the next attempt succeeds."""
    text = """
    import mmap, time
    def node():
        kept = mmap.mmap(-1, 300 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
        for at in range(0, 300 << 20, 4096):
            kept[at] = 1
        time.sleep(60)
    """
    attempt = here.run(text, memory=100 << 20)
    assert isinstance(attempt.outcome, Crashed)
    assert attempt.outcome.reason.startswith("the process was ended because it held ")
    assert "over its limit of 100.0 MiB" in attempt.outcome.reason
    assert isinstance(here.run("def node():\n    return 1", "value:int").outcome, Succeeded)


def test_a_tree_over_its_memory_limit_is_ended_with_the_numbers(here: Bench) -> None:
    """I6, I9: all its processes together."""
    text = """
    import os, time
    def node():
        for _ in range(6):
            if os.fork() == 0:
                block = bytearray(b"x") * 40_000_000
                time.sleep(60)
        time.sleep(60)
    """
    attempt = here.run(text, memory=100 << 20)
    assert isinstance(attempt.outcome, Crashed)
    assert attempt.outcome.signal == "SIGKILL"
    assert "over its limit of 100.0 MiB" in attempt.outcome.reason


def test_a_hang_at_exit_does_not_undo_a_result(here: Bench) -> None:
    """I4, I5."""
    text = "import atexit, time\ndef node():\n    atexit.register(time.sleep, 60)\n    return 1"
    attempt = here.run(text, "value:int", timeout=0.5)
    assert isinstance(attempt.outcome, Succeeded)


def test_a_timeout_ends_the_whole_tree(here: Bench) -> None:
    """I4, I6."""
    attempt = begin(here, DAEMON.format(wait=600), timeout=0.5)
    (daemon,) = pids(attempt)
    assert attempt.outcome == TimedOut(0.5)
    assert not alive(daemon)
