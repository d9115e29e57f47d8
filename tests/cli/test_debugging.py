"""`treadle debug`, driven through its stdin as a person would drive it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from cli.conftest import COMMAND
from execute.attempts import alive, until

from treadle.execute.process_tree import children
from treadle.store.project import Project

BROKEN_TWICE = '''

from treadle.report import checkpoint, last_checkpoint


@component
def count(text: str, path: str = "count.txt") -> str:
    """Fail, further on each time."""
    begun = last_checkpoint() or 0
    checkpoint(begun + 1)
    with open(path, "a") as made:
        made.write(f"from {begun} ")
    raise ValueError(f"stopped after {begun}")
'''

COUNTING = """treadle: 1
name: counting
nodes:
  first:
    uses: demo.make
    with: {text: seven}
  second:
    uses: demo.count
    in: {text: first.value}
    retries: 1
"""


@pytest.fixture
def debug(project: Project, environment: dict[str, str]):
    def run(*words: str, typed: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "debug", *words], cwd=project.root, env={**environment, **variables}, input=typed,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def state_of(folder: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and path.name != "run.lock"
    }


def test_pdb_begins_where_the_code_raised_with_the_exact_inputs(treadle, debug, project: Project) -> None:
    treadle("run", "broken.treadle.yaml")
    before = state_of(project.runs) | state_of(project.artifacts)

    done = debug("last", "second", typed="p text\np 6 * 7\nq\n")

    assert done.returncode == 1
    assert "ValueError: no use for hello" in done.stderr
    assert "demo.py" in done.stdout
    assert 'raise ValueError(f"no use for {text}")' in done.stdout
    assert "'hello'" in done.stdout
    assert "42" in done.stdout
    assert state_of(project.runs) | state_of(project.artifacts) == before


def test_an_attempt_that_succeeds_says_so(treadle, debug) -> None:
    treadle("run", "chain.treadle.yaml")
    done = debug("last", "second")
    assert (done.returncode, "the attempt succeeded" in done.stderr) == (0, True)


def test_each_attempt_is_made_again_as_it_was(treadle, debug, project: Project) -> None:
    file = project.components / "demo.py"
    file.write_text(file.read_text() + BROKEN_TWICE)
    (project.root / "counting.treadle.yaml").write_text(COUNTING)
    treadle("run", "counting.treadle.yaml")
    file.write_text("broken(")  # what ran is debugged, not what stands there now

    assert "stopped after 0" in debug("last", "second", "--attempt", "1", typed="q\n").stderr
    assert "stopped after 1" in debug("last", "second", typed="q\n").stderr
    refused = debug("last", "second", "--attempt", "3")
    assert (refused.returncode, "second has no attempt 3" in refused.stderr) == (2, True)


def test_a_shell_is_opened_in_the_attempts_place(treadle, debug, project: Project) -> None:
    treadle("run", "broken.treadle.yaml")
    done = debug("last", "second", "--shell", typed='pwd; cat "$TREADLE_INPUT_TEXT"\n', SHELL="/bin/sh")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [str(project.root), '"hello"']
    assert "input text (str, json): " in done.stderr


def test_waiting_for_a_debugger_says_how_to_install_it(treadle, debug, tmp_path: Path) -> None:
    treadle("run", "broken.treadle.yaml")
    (tmp_path / "debugpy.py").write_text("raise ModuleNotFoundError(\"No module named 'debugpy'\")")
    done = debug("last", "second", "--wait", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert "-m pip install debugpy" in done.stderr


def test_with_wait_the_code_runs_once_a_debugger_is_attached(treadle, debug, tmp_path: Path) -> None:
    treadle("run", "broken.treadle.yaml")
    stand_in = tmp_path / "path" / "debugpy.py"
    stand_in.parent.mkdir()
    stand_in.write_text("def listen(place):\n    return place\n\ndef wait_for_client():\n    print('attached')\n")
    done = debug("last", "second", "--wait", PYTHONPATH=str(stand_in.parent))
    assert (done.returncode, done.stdout.splitlines()) == (1, ["attached", "about to fail"])
    assert "waiting for a debugger on 127.0.0.1:0" in done.stderr
    assert "ValueError: no use for hello" in done.stderr


def test_what_did_not_run_is_not_debugged(treadle, debug, project: Project) -> None:
    treadle("run", "chain.treadle.yaml")
    treadle("run", "chain.treadle.yaml")
    cached = debug("last", "second")
    assert (cached.returncode, f"that of run {project.run_ids()[0]}, so debug it there" in cached.stderr) == (2, True)
    (project.artifacts).rename(project.root / "gone")
    lost = debug(project.run_ids()[0], "second")
    assert (lost.returncode, "is no longer kept: retry first first" in lost.stderr) == (2, True)


DEAF = """import time
def listen(place):
    return place
def wait_for_client():
    time.sleep(600)
if __name__ == "__main__":
    time.sleep(600)
"""
LASTING = """import time, os
if os.path.exists("again"):
    time.sleep(600)
"""
LASTING_NODES = """treadle: 1
name: lasting
nodes:
  function: {uses: lasting.node}
  script: {uses: script, with: {path: lasting.py}}
"""


def everything_below(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        found += children(parent)
    return found[1:]


@pytest.mark.parametrize(
    ("node", "words", "processes"),
    [("function", [], 1), ("function", ["--wait"], 1), ("function", ["--shell"], 1), ("script", [], 2),
     ("script", ["--wait"], 2)],
)  # fmt: skip
def test_whatever_debug_started_ends_with_it(
    treadle, project: Project, environment: dict[str, str], tmp_path: Path, node: str, words: list[str], processes: int
) -> None:
    """I6. Killed with `kill -9`, while the code runs and while it waits for a debugger, it leaves no process."""
    body = LASTING.replace("\n", "\n    ")
    (project.components / "lasting.py").write_text(
        f"from treadle import component\n\n@component\ndef node():\n    {body}"
    )
    (project.root / "lasting.py").write_text(LASTING)
    (project.root / "lasting.treadle.yaml").write_text(LASTING_NODES)
    done = treadle("run", "lasting.treadle.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    (project.root / "again").touch()
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "debugpy.py").write_text(DEAF)
    variables = {
        **environment,
        "PYTHONPATH": f"{tmp_path / 'path'}:{os.environ.get('PYTHONPATH', '')}",
        "SHELL": "/bin/sh",
    }
    command = [*COMMAND, "debug", "last", node, *words]
    with subprocess.Popen(
        command,
        cwd=project.root,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as debugging:
        try:
            known = until(lambda: len(found := everything_below(debugging.pid)) == processes and found)
        finally:
            debugging.kill()
    until(lambda: not any(map(alive, known)), 5)
