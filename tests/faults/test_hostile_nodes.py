"""Nodes that hang, stop, fork without end or use up what a process may have: each is ended alone, and swept.

Shown of each: its attempt comes to an outcome that says why; 5 s after its end none of its descendants lives (I6); the
next attempt on the same executor succeeds.
"""

from __future__ import annotations

import os
import signal
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute.attempts import Attempt, Bench, alive, bench, is_spare, until

from treadle.execute.process_tree import children
from treadle.execute.protocol import Cancelled, Crashed, Failed, Succeeded, TimedOut
from treadle.store.logs import LogFile

WAIT = "import time\ndef node():\n    time.sleep(60)"
DEPTH = 6
FORKED = 2 ** (DEPTH + 2) - 2
"""Each process of the bomb forks two, DEPTH + 1 times over."""

BOMB = f"""
import os, signal, time

def note(path):
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, b"%d\\n" % os.getpid())
    os.close(descriptor)

def fork_two(depth, path):
    for _ in range(2):
        if os.fork() == 0:
            if depth % 3 == 0:
                os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            note(path)
            if depth:
                fork_two(depth - 1, path)
            time.sleep(600)
            os._exit(0)

def node(path, wait):
    fork_two({DEPTH}, path)
    while not os.path.exists(path) or len(open(path).readlines()) < wait:
        time.sleep(0.01)
    return 1
"""


@pytest.fixture(autouse=True)
def _the_next_one_succeeds(here: Bench) -> Iterator[None]:
    yield
    assert isinstance(here.run("def node():\n    pass").outcome, Succeeded)
    assert here.processes() == []


def noted(path: Path) -> list[int]:
    """The whole lines of `path`, each a pid."""
    return [int(line) for line in path.read_text().split("\n")[:-1]] if path.exists() else []


def bomb(here: Bench, path: Path, wait: int) -> Attempt:
    return here.begin(BOMB, "value:int", params={"path": str(path), "wait": wait})


def nothing_of_it_lives(path: Path) -> None:
    until(lambda: not any(map(alive, noted(path))), 5)


@pytest.mark.parametrize("when", [1, FORKED // 3, FORKED])
def test_a_fork_bomb_is_swept_when_it_is_cancelled(here: Bench, tmp_path: Path, when: int) -> None:
    """I6, while it still forks, and when it has done its worst."""
    path = tmp_path / "pids"
    attempt = bomb(here, path, 1 << 30)
    until(lambda: len(noted(path)) >= when, 15)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    nothing_of_it_lives(path)


@pytest.mark.parametrize("when", [0, FORKED])
def test_a_fork_bomb_is_swept_when_its_node_has_ended(here: Bench, tmp_path: Path, when: int) -> None:
    """I6: what a node leaves behind doesn't outlive it, though the node succeeded."""
    path = tmp_path / "pids"
    assert isinstance(bomb(here, path, when).result(30).outcome, Succeeded)
    nothing_of_it_lives(path)


def test_a_stopped_attempt_is_ended_at_its_limit(here: Bench) -> None:
    """I4: nothing stays running because its process does nothing any more."""
    attempt = here.begin("import os, signal\ndef node():\n    os.kill(os.getpid(), signal.SIGSTOP)", timeout=0.3)
    assert attempt.outcome == TimedOut(0.3)
    assert not alive(attempt.pid)


def test_a_stopped_attempt_can_be_cancelled(here: Bench) -> None:
    """I6, for a process that can't hear SIGTERM."""
    attempt = here.begin("import os, signal\ndef node():\n    os.kill(os.getpid(), signal.SIGSTOP)")
    assert attempt.pid
    time.sleep(0.1)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert not alive(attempt.pid)


def test_an_attempt_that_was_stopped_goes_on(here: Bench) -> None:
    """I5: a pause changes no outcome."""
    attempt = here.begin("import time\ndef node():\n    time.sleep(0.2)\n    return 7", "value:int")
    os.kill(attempt.pid, signal.SIGSTOP)
    time.sleep(0.5)
    assert not attempt.finished.done()
    os.kill(attempt.pid, signal.SIGCONT)
    outcome = attempt.outcome
    assert isinstance(outcome, Succeeded)
    assert here.value(outcome.outputs["value"]) == 7


SPARES = 2
"""How many a fork server has ready where attempts come one by one."""


def stopped_spare(fresh: Bench) -> int:
    """The process that the next attempt will be, stopped before it can say a word."""
    fresh.run("def node():\n    pass")
    server = fresh.servers()[-1]
    spares = until(lambda: len(found := [pid for pid in children(server) if is_spare(pid)]) == SPARES and found)
    for pid in spares:
        os.kill(pid, signal.SIGSTOP)
    return int(spares[0])


def test_a_process_that_never_begins_is_ended_at_the_attempts_limit(tmp_path: Path) -> None:
    """I4: the limit counts from the start of the process, not from the first word it says."""
    with bench(tmp_path) as fresh:
        pid = stopped_spare(fresh)
        attempt = fresh.begin(WAIT, timeout=0.3)
        assert attempt.outcome == TimedOut(0.3)
        assert not alive(pid)


def test_a_process_that_never_begins_can_be_cancelled(tmp_path: Path) -> None:
    """I6."""
    with bench(tmp_path) as fresh:
        pid = stopped_spare(fresh)
        attempt = fresh.begin(WAIT)
        assert attempt.pid == pid
        fresh.cancel(attempt)
        assert attempt.outcome == Cancelled("user")
        assert not alive(pid)


def test_an_interpreter_that_hangs_before_it_says_a_word_is_ended(here: Bench, tmp_path: Path) -> None:
    """I4, I6, where the node names an interpreter of its own and that one never comes up."""
    deaf = tmp_path / "python"
    deaf.write_text('#!/bin/sh\ncase "$*" in *launch.py*) sleep 600;; esac\nexec python3 "$@"\n')
    deaf.chmod(0o755)
    attempt = here.begin(WAIT, timeout=0.5, python=str(deaf))
    assert attempt.outcome == TimedOut(0.5)
    assert not alive(attempt.pid)


def test_a_fork_server_that_stood_still_takes_up_where_it_was(tmp_path: Path) -> None:
    """I5: attempts, and requests that came meanwhile, come to what they would have come to."""
    with bench(tmp_path) as fresh:
        running = fresh.begin("import time\ndef node():\n    time.sleep(0.2)\n    return 1", "value:int")
        assert running.pid
        server = fresh.servers()[-1]
        os.kill(server, signal.SIGSTOP)
        later = fresh.begin("def node():\n    return 2", "value:int")
        time.sleep(0.5)
        assert not running.finished.done()
        os.kill(server, signal.SIGCONT)
        assert isinstance(running.outcome, Succeeded)
        assert isinstance(later.outcome, Succeeded)


def test_an_attempt_of_a_stopped_fork_server_can_be_cancelled(tmp_path: Path) -> None:
    """I4, I6: whoever stopped the server, the one who cancels is obeyed."""
    with bench(tmp_path) as fresh:
        running = fresh.begin("import time\ndef node():\n    time.sleep(60)")
        assert running.pid
        os.kill(fresh.servers()[-1], signal.SIGSTOP)
        fresh.cancel(running)
        assert running.result(5).outcome == Cancelled("user")
        assert not alive(running.pid)


OPEN_FILES = """
import os, resource
def node(count, limit):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    files = [os.open("/dev/null", os.O_RDONLY) for _ in range(count)]
    return len(files)
"""


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_node_with_10_000_open_files_gives_its_result(here: Bench) -> None:
    """I9: an attempt's descriptors are its own, the engine opens none for them."""
    before = descriptors()
    attempt = here.run(OPEN_FILES, "value:int", params={"count": 10_000, "limit": 10_100})
    assert isinstance(attempt.outcome, Succeeded), attempt.outcome
    assert descriptors() <= before


def test_more_open_files_than_a_process_may_have_is_a_failure_that_says_so(here: Bench) -> None:
    """I4: only that attempt fails, in words, and its log has its line."""
    attempt = here.run(OPEN_FILES, "value:int", params={"count": 10_000, "limit": 256})
    assert isinstance(attempt.outcome, Failed)
    assert "Too many open files" in attempt.outcome.message
    assert "Too many open files" in attempt.log


def test_a_full_temporary_folder_fails_its_node_alone(here: Bench, small_disk: Path) -> None:
    """I4: only that attempt fails, in words; neither log nor result needs the temporary folder."""
    text = """
    import tempfile
    def node(size):
        print("before")
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(bytes(size))
        return size
    """
    places = {"TMPDIR": str(small_disk)}
    full = here.run(text, "value:int", params={"size": 64 << 20}, environment=places)
    assert isinstance(full.outcome, Failed)
    assert "No space left on device" in full.outcome.message
    assert full.log.startswith("before\n")
    silent = here.run("def node():\n    print('printed')\n    return 1", "value:int", environment=places)
    assert isinstance(silent.outcome, Succeeded)
    assert silent.log == "printed\n"


def test_terminal_commands_are_kept_as_bytes_and_shown_as_text(here: Bench) -> None:
    """I9: the log keeps every byte; what is shown of it can't move a cursor, set a title or write a clipboard."""
    printed = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]52;c;aGk=\x07 \x1b[2J\x00 \u202egnp.exe\n"
    attempt = here.run(textwrap.dedent(f"import os\ndef node():\n    os.write(1, {printed.encode()!r})"))
    path = attempt.folder / "output.log"
    assert path.read_bytes() == printed.encode()
    log = LogFile(path)
    log.refresh()
    shown = "".join(line.text for line in log.lines(0, log.line_count()))
    assert "red" in shown
    assert all(character.isprintable() for character in shown)


def test_a_processor_hog_leaves_the_engine_responsive(here: Bench) -> None:
    """I10 for the engine: what a busy node costs, it costs itself."""
    hogs = [here.begin("def node():\n    while True:\n        pass") for _ in range(3)]
    assert all(hog.pid for hog in hogs)
    gaps = []
    for _ in range(20):
        began = time.monotonic()
        here.wait(_nothing())
        gaps.append(time.monotonic() - began)
    for hog in hogs:
        here.cancel(hog)
    assert all(hog.outcome == Cancelled("user") for hog in hogs)
    assert sorted(gaps)[len(gaps) // 2] < 0.25


async def _nothing() -> None:
    """A turn of the loop."""


def test_a_crash_of_one_is_no_crash_of_its_neighbour(here: Bench) -> None:
    """I3, I6: a segmentation fault ends one process."""
    neighbour = here.begin("import time\ndef node():\n    time.sleep(0.5)\n    return 1", "value:int")
    assert neighbour.pid
    crash = here.run("import ctypes\ndef node():\n    ctypes.string_at(0)")
    assert isinstance(crash.outcome, Crashed)
    assert isinstance(neighbour.outcome, Succeeded)
