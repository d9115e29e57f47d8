"""Nodes that do what no node should: leave oddly, give what can't be kept, take away what they stand on.

Shown of each: it comes to an outcome in words, in good time; nothing of it is left; the next attempt succeeds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute.attempts import Bench, alive, until
from faults.scene import kill_processes, no_process_left
from faults.synthetic import make_project
from host.sample import end_host

from treadle.execute.protocol import Crashed, Failed, Succeeded
from treadle.host.api import RunRequest
from treadle.host.client import RemoteEngine
from treadle.host.trust import trust
from treadle.store.project import Project


@pytest.fixture(autouse=True)
def _the_next_one_succeeds(here: Bench) -> Iterator[None]:
    yield
    assert isinstance(here.run("def node():\n    pass").outcome, Succeeded)
    assert here.processes() == []


def test_who_hangs_at_exit_without_a_limit_is_ended_and_has_succeeded(
    here: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I4, I5, I6: for ever is too long; the result, which came before, stands."""
    monkeypatch.setattr("treadle.execute.attempt._AT_EXIT", 0.2)
    text = "import atexit, time\ndef node():\n    atexit.register(time.sleep, 600)\n    return 1"
    attempt = here.begin(text, "value:int")
    pid = attempt.pid
    assert isinstance(attempt.result(10).outcome, Succeeded)
    assert not alive(pid)


def test_who_hangs_at_exit_and_ignores_sigterm_is_ended_too(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """I4, I6, and a failure stays the failure it was."""
    monkeypatch.setattr("treadle.execute.attempt._AT_EXIT", 0.2)
    text = """
    import atexit, signal, time
    def node():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        atexit.register(time.sleep, 600)
        raise ValueError("before")
    """
    outcome = here.begin(text).result(10).outcome
    assert isinstance(outcome, Failed)
    assert outcome.message == "before"


def test_a_thread_left_running_keeps_no_attempt_from_its_end(here: Bench) -> None:
    """I4, I6."""
    began = time.monotonic()
    text = """
    import threading, time
    def node():
        threading.Thread(target=time.sleep, args=(600,)).start()
        return 1
    """
    assert isinstance(here.run(text, "value:int").outcome, Succeeded)
    assert time.monotonic() - began < 5


def test_who_forks_and_lets_its_parent_leave_has_crashed_and_is_swept(here: Bench, tmp_path: Path) -> None:
    """I4, I6: the one that was asked has left without a result, and no other can speak for it."""
    pids = tmp_path / "pids"
    text = """
    import os, time
    def node(pids):
        child = os.fork()
        if child:
            with open(pids, "w") as file:
                file.write(str(child))
            os._exit(0)
        time.sleep(600)
        return 1
    """
    attempt = here.run(text, "value:int", params={"pids": str(pids)})
    assert isinstance(attempt.outcome, Crashed)
    assert "exit code 0 before it gave a result" in attempt.outcome.reason
    until(lambda: not alive(int(pids.read_text())), 5)


def test_who_kills_its_parent_has_crashed_and_takes_nobody_else_along(here: Bench) -> None:
    """I4, I6: the fork server is replaced."""
    attempt = here.run("import os, time\ndef node():\n    os.kill(os.getppid(), 9)\n    time.sleep(600)")
    assert isinstance(attempt.outcome, Crashed)
    assert "ended unexpectedly" in attempt.outcome.reason


@pytest.mark.parametrize(
    "does",
    [
        "os.close(1); os.close(2)",
        "os.environ.clear(); sys.argv.clear(); sys.stdout = sys.stderr = None",
        "os.umask(0o777)",
        "os.chdir('/')",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))",
        "os.setsid() if os.getpid() != os.getsid(0) else os.setpgid(0, 0) if os.getpgid(0) != os.getpid() else None",
        "os.nice(19)",
    ],
)
def test_who_spoils_its_own_process_gives_its_result_all_the_same(here: Bench, does: str) -> None:
    """I5."""
    attempt = here.run(f"import os, signal, sys\ndef node():\n    {does}\n    return 'x' * 5_000_000", "text:Text")
    assert isinstance(attempt.outcome, Succeeded), attempt.outcome
    assert here.value(attempt.outcome.outputs["text"]) == "x" * 5_000_000


def test_who_takes_away_its_working_folder_is_told_of_nothing(here: Bench, tmp_path: Path) -> None:
    """I5: what is kept does not lie there."""
    place = tmp_path / "place"
    place.mkdir()
    text = "import os, shutil\ndef node():\n    shutil.rmtree(os.getcwd())\n    return 7"
    attempt = here.run(text, "value:int", cwd=str(place))
    assert isinstance(attempt.outcome, Succeeded), attempt.outcome
    assert not place.exists()


UNKEEPABLE = {
    "fifo": ("File", "os.mkfifo('f'); return pathlib.Path('f')"),
    "socket": ("File", "socket.socket(socket.AF_UNIX).bind('s'); return pathlib.Path('s')"),
    "endless": ("File", "return pathlib.Path('/dev/zero')"),
    "loop": ("File", "os.symlink('l', 'l'); return pathlib.Path('l')"),
    "folder_with_a_fifo": ("Directory", "os.mkdir('d'); os.mkfifo('d/f'); return pathlib.Path('d')"),
    "folder_with_a_loop": ("Directory", "os.mkdir('d'); os.symlink('x', 'd/x'); return pathlib.Path('d')"),
    "in_itself": ("Json", "v = []; v.append(v); return v"),
    "too_deep": ("Json", "v = []\n    for _ in range(100_000): v = [v]\n    return v"),
}


@pytest.mark.parametrize(("kind", "does"), UNKEEPABLE.values(), ids=UNKEEPABLE)
def test_what_cannot_be_kept_is_refused_in_words_and_waited_for_by_nobody(
    here: Bench, tmp_path: Path, kind: str, does: str
) -> None:
    """I4, I9."""
    began = time.monotonic()
    text = f"import os, pathlib, socket\ndef node():\n    {does}"
    attempt = here.run(text, f"value:{kind}", cwd=str(tmp_path))
    assert isinstance(attempt.outcome, Failed)
    assert attempt.outcome.error == "BadOutput"
    assert time.monotonic() - began < 5


def test_a_folder_that_leads_to_itself_is_kept_once(here: Bench, tmp_path: Path) -> None:
    """I9: or refused; never followed for ever."""
    text = """
    import os, pathlib
    def node():
        os.makedirs("d/sub")
        os.symlink("..", "d/sub/up")
        return pathlib.Path("d")
    """
    began = time.monotonic()
    attempt = here.run(text, "folder:Directory", cwd=str(tmp_path))
    assert isinstance(attempt.outcome, Succeeded | Failed)
    assert time.monotonic() - began < 5


REMOVES = '''
import shutil
import time
from treadle import component

@component
def remove() -> int:
    """Remove every run, this one too, and go on."""
    shutil.rmtree(".treadle/runs")
    time.sleep(600)
    return 1
'''


@pytest.fixture
def project(home: Path) -> Iterator[Project]:
    made = make_project(home / "project")
    (made.components / "removing.py").write_text(REMOVES)
    trust(made)
    yield made
    end_host(made)
    kill_processes(made)


def test_a_run_whose_folder_somebody_removes_ends_and_leaves_nothing(project: Project) -> None:
    """I4, I6: nobody could ever read what it came to, so it does not go on as if somebody could."""

    async def scenario() -> None:
        engine = RemoteEngine(project)
        try:
            run = await engine.start(RunRequest("treadle: 1\nname: gone\nnodes: {n: {uses: removing.remove}}\n"))
            async with asyncio.timeout(20):
                async for _ in engine.subscribe(run):
                    pass
        finally:
            await engine.close()

    asyncio.run(scenario())
    end_host(project)
    no_process_left(project)
    assert project.run_ids() == []
