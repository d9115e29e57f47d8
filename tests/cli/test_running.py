"""`treadle run`, `resume` and `cancel` as CI and a person at a terminal see them."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from host.sample import COMPONENTS, is_alive, until

from treadle.run.event_codec import decode, encode
from treadle.run.events import AttemptLaunched, Recorded
from treadle.run.history import read_events
from treadle.run.state import RunStatus, fold
from treadle.store.journal import encode_line
from treadle.store.project import Project

NATIVE = """import ctypes

from treadle import component


@component
def read(text: str) -> str:
    return str(ctypes.string_at(0))
"""


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def workers(project: Project, task: str) -> list[int]:
    """The processes that attempts of `task` were begun in, of all runs."""
    events = [recorded.event for run in project.run_ids() for recorded in read_events(project.run(run).events)]
    return [event.pid for event in events if isinstance(event, AttemptLaunched) and event.task == task]


def worker(project: Project, task: str) -> int | None:
    """The process that `task` of the only run is in, once it is in one."""
    return next(iter(workers(project, task)), None)


def test_a_run_that_succeeds_exits_with_0_and_says_what_it_did(treadle) -> None:
    done = treadle("run", "chain.treadle.yaml", "-p", "wait=0.1")

    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ second" in done.stdout
    assert "2 succeeded" in done.stdout


def test_what_has_no_effect_in_the_file_is_told_when_it_has_run(treadle, project: Project) -> None:
    file = project.root / "chain.treadle.yaml"
    file.write_text(file.read_text() + "zzz: 1\n")
    done = treadle("run", "chain.treadle.yaml", "-p", "wait=0")
    assert done.returncode == 0
    assert "has no 'zzz' [unknown-key]" in done.stderr
    assert "it has no effect; there are: treadle, name" in done.stderr


def test_a_node_that_asked_for_gpus_where_there_are_none_is_told(treadle, project: Project) -> None:
    text = "treadle: 1\nnodes: {g: {uses: shell, with: {command: 'true'}, resources: {gpu: 2}}}\n"
    (project.root / "g.treadle.yaml").write_text(text)
    done = treadle("run", "g.treadle.yaml", CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 0
    assert "g asks for 2 GPUs, and there are none here [too-few-gpus]" in done.stderr


def test_json_is_the_runs_events_and_nothing_else(treadle, project: Project) -> None:
    done = treadle("run", "chain.treadle.yaml", "--json")

    told = [decode(line) for line in lines(done.stdout)]
    assert fold(told).status is RunStatus.SUCCEEDED
    assert told == list(read_events(project.run(project.run_ids()[0]).events))
    assert done.stderr == ""


def test_a_run_that_fails_exits_with_1_and_tells_where_and_what_to_do(treadle, project: Project) -> None:
    done = treadle("run", "broken.treadle.yaml")

    line = 1 + COMPONENTS.splitlines().index('    raise ValueError(f"no use for {text}")')
    assert done.returncode == 1
    assert "second  ValueError: no use for hello" in done.stderr
    assert f"components/demo.py:{line}" in done.stderr
    assert "about to fail" in done.stderr
    assert f"treadle logs {project.run_ids()[0]} second" in done.stderr


def test_a_fault_in_native_code_shows_the_authors_line(treadle, project: Project) -> None:
    (project.components / "native.py").write_text(NATIVE)
    text = (project.root / "chain.treadle.yaml").read_text().replace("demo.shout", "native.read")
    (project.root / "native.treadle.yaml").write_text(text)

    done = treadle("run", "native.treadle.yaml")

    assert done.returncode == 1
    assert 'File "components/native.py", line 8 in read' in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.treadle.yaml"], "nothing.treadle.yaml"),
        (["."], "directory"),
        (["chain.treadle.yaml", "-p", "wait"], "name=value"),
        (["chain.treadle.yaml", "-p", "wait=soon"], "wait"),
        (["chain.treadle.yaml", "-p", "wait=-1"], "wait"),
        (["chain.treadle.yaml", "-p", "other=1"], "other"),
        (["chain.treadle.yaml", "--to", "nowhere"], "nowhere"),
        (["chain.treadle.yaml", "--nonsense"], "--nonsense"),
        (["components/demo.py"], "demo.py:"),
    ],
)
def test_what_cannot_run_exits_with_2_and_names_it(treadle, words: list[str], said: str) -> None:
    done = treadle("run", *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_invalid_pipeline_is_told_with_file_and_line(treadle, project: Project) -> None:
    file = project.root / "wrong.treadle.yaml"
    file.write_text("treadle: 1\nnodes:\n  a:\n    uses: demo.nothing\n")

    done = treadle("run", "wrong.treadle.yaml", "--json")

    assert done.returncode == 2
    [refused] = lines(done.stdout)
    assert refused["kind"] == "refused"
    assert refused["problems"][0]["where"]["line"] in (3, 4)
    assert "wrong.treadle.yaml:" in done.stderr


def test_bytes_that_are_no_text_are_a_sentence(treadle, project: Project) -> None:
    (project.root / "binary.treadle.yaml").write_bytes(b"treadle: 1\xff\n")

    done = treadle("run", "binary.treadle.yaml")

    assert done.returncode == 2
    assert "UTF-8" in done.stderr


def test_to_runs_only_what_is_needed_and_no_cache_runs_everything(treadle) -> None:
    only = lines(treadle("run", "chain.treadle.yaml", "--to", "first", "--json").stdout)
    assert {line["task"] for line in only if "task" in line} == {"first"}

    again = lines(treadle("run", "chain.treadle.yaml", "--json").stdout)
    assert [line["task"] for line in again if line["kind"] == "task_cached"] == ["first"]

    fresh = lines(treadle("run", "chain.treadle.yaml", "--json", "--no-cache").stdout)
    assert not [line for line in fresh if line["kind"] == "task_cached"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cancels_the_run_and_exits_with_130(begin, project: Project, number: signal.Signals) -> None:
    process = begin("run", "slow.treadle.yaml")
    until(lambda: worker(project, "second"))
    pid = worker(project, "second")

    process.send_signal(number)
    said, _ = process.communicate(timeout=10)

    assert process.returncode == 130
    assert "cancelled" in said
    assert pid is not None
    assert not is_alive(pid)
    assert fold(read_events(project.run(project.run_ids()[0]).events)).status is RunStatus.CANCELLED


def test_a_second_signal_ends_at_once_and_leaves_no_process(begin, project: Project) -> None:
    stubborn = COMPONENTS.replace("    time.sleep(seconds)\n    return text.upper()", STUBBORN)
    (project.components / "demo.py").write_text(stubborn)
    process = begin("run", "slow.treadle.yaml")
    until(lambda: (project.root / "stubborn").exists())
    pid = worker(project, "second")

    process.send_signal(signal.SIGINT)
    until(lambda: b"cancel_requested" in project.run(project.run_ids()[0]).events.read_bytes())
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)

    assert process.returncode == 130
    assert pid is not None
    assert not is_alive(pid)


STUBBORN = """    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path("stubborn").touch()
    time.sleep(seconds)
    return text.upper()"""


def test_cancel_ends_a_run_that_another_process_holds(begin, treadle, project: Project) -> None:
    process = begin("run", "slow.treadle.yaml", "--json")
    until(lambda: worker(project, "second"))

    done = treadle("cancel", "last", "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout) == {"run": project.run_ids()[0], "state": "cancelled"}
    said, _ = process.communicate(timeout=10)
    assert process.returncode == 130
    assert lines(said)[-1]["state"] == "cancelled"


def test_cancel_says_where_there_is_nothing_to_cancel(treadle) -> None:
    assert treadle("cancel", "last").returncode == 2
    treadle("run", "chain.treadle.yaml")

    done = treadle("cancel", "last")

    assert done.returncode == 1
    assert "is not running: succeeded" in done.stderr


def test_a_killed_run_is_interrupted_and_resume_redoes_no_success(begin, treadle, project: Project) -> None:
    process = begin("run", "slow.treadle.yaml")
    until(lambda: worker(project, "second"))
    process.kill()
    process.communicate()
    assert json.loads(treadle("runs", "--json").stdout)[0]["state"] == "interrupted"

    resumed = begin("resume", "last", "--json")
    until(lambda: len(workers(project, "second")) == 2)
    resumed.send_signal(signal.SIGINT)
    said, _ = resumed.communicate(timeout=10)

    assert resumed.returncode == 130
    begun = [line["task"] for line in lines(said) if line["kind"] == "attempt_queued"]
    assert begun == ["second"]
    assert lines(said)[0]["kind"] == "run_resumed"


def test_a_run_that_goes_on_elsewhere_cannot_be_resumed(begin, treadle, project: Project) -> None:
    process = begin("run", "slow.treadle.yaml")
    until(lambda: worker(project, "second"))

    done = treadle("resume", "last")

    assert done.returncode == 2
    assert str(process.pid) in done.stderr
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)


def test_run_is_its_own_consent_and_trusts_nothing_beyond(
    treadle, project: Project, environment: dict[str, str]
) -> None:
    assert treadle("run", "chain.treadle.yaml").returncode == 0

    assert not (Path(environment["XDG_CONFIG_HOME"]) / "treadle").exists()


def test_names_from_files_are_shown_not_obeyed(treadle, project: Project) -> None:
    text = (project.root / "chain.treadle.yaml").read_text()
    hostile = text.replace("name: chain", r'name: "[bold]b[/bold] \e[31mred\e]0;title\a"')
    (project.root / "hostile.treadle.yaml").write_text(hostile)

    done = treadle("run", "hostile.treadle.yaml")

    assert "\x1b" not in done.stdout + done.stderr
    assert "\x07" not in done.stdout + done.stderr
    assert "[bold]b[/bold]" in done.stdout


def test_progress_bars_are_for_terminals(project: Project, environment: dict[str, str]) -> None:
    pty = subprocess.run(
        ["script", "-qec", "python -m treadle.cli run chain.treadle.yaml -p wait=0.3", "/dev/null"],
        cwd=project.root, env={**environment, "TERM": "xterm-256color", "NO_COLOR": "", "PATH": _path()},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert pty.returncode == 0
    assert "━" in pty.stdout
    assert "✓" in pty.stdout


def _path() -> str:
    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def test_a_run_that_a_full_disk_holds_up_says_so_and_goes_on(begin, project: Project) -> None:
    process = begin("run", "chain.treadle.yaml", "-p", "wait=1")
    until(lambda: worker(project, "first"))
    _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, most))
    assert process.stderr is not None
    said = process.stderr.readline()
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    _, rest = process.communicate(timeout=20)

    assert "the run stands still, for its journal can't be written" in said
    assert "the run goes on" in rest
    assert process.returncode == 0


def test_a_part_of_a_pipeline_runs_on_what_was_made_before(treadle, project: Project) -> None:
    refused = treadle("run", "chain.treadle.yaml", "--only", "second")
    assert (refused.returncode, "no-earlier-result" in refused.stderr) == (2, True)

    assert treadle("run", "broken.treadle.yaml").returncode == 1
    file = project.components / "demo.py"
    file.write_text(file.read_text().replace('raise ValueError(f"no use for {text}")', "return text"))
    assert treadle("run", "broken.treadle.yaml", "--failed").returncode == 0
    for option, ran in (("--failed", 2), ("--only=second", 0), ("--from=first", 0)):
        assert treadle("run", "broken.treadle.yaml", option).returncode == ran


def test_one_node_of_a_finished_run_is_tried_again(treadle, project: Project) -> None:
    assert treadle("run", "chain.treadle.yaml").returncode == 0

    done = treadle("retry", "last", "second")

    assert (done.returncode, (project.root / "marks.txt").read_text()) == (0, "shout\nshout\n")
    assert treadle("retry", "last", "third").returncode == 2


def test_the_time_before_a_retry_is_not_what_the_run_took(treadle, project: Project) -> None:
    assert treadle("run", "chain.treadle.yaml", "-p", "wait=0").returncode == 0
    journal = project.run(project.run_ids()[0]).events
    an_hour_ago = [Recorded(each.seq, each.at - 3600.0, each.event) for each in read_events(journal)]
    journal.write_bytes(b"".join(encode_line(encode(each)) for each in an_hour_ago))

    done = treadle("retry", "last", "second")

    assert re.search(r"^succeeded in [\d.]+ m?s: 2 succeeded$", done.stdout, re.MULTILINE)
    (shown,) = json.loads(treadle("runs", "--json").stdout)
    assert shown["idle"] > 3540
    assert 0 < shown["finished"] - shown["started"] - shown["idle"] < 60
    assert re.search(r" 1 h ago +[\d.]+ m?s +2 succeeded", treadle("runs").stdout)


def test_one_node_of_a_run_is_cancelled_and_the_rest_goes_on(begin, treadle, project: Project) -> None:
    (project.root / "two.treadle.yaml").write_text(
        "treadle: 1\nname: two\nnodes:\n"
        "  slow:\n    uses: demo.make\n    with: {seconds: 60}\n"
        "  other:\n    uses: demo.make\n    with: {seconds: 0.1}\n"
    )
    running = begin("run", "two.treadle.yaml")
    until(lambda: project.run_ids() and "other" in treadle("show", "last").stdout)

    done = treadle("cancel", "last", "slow", "--json")

    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "cancelled")
    running.communicate(timeout=20)
    tasks = json.loads(treadle("show", "last", "--json").stdout)["tasks"]
    assert {name: task["status"] for name, task in tasks.items()} == {"slow": "cancelled", "other": "succeeded"}
    assert treadle("cancel", "last", "slow").returncode == 1
    assert treadle("cancel", "last", "nowhere").returncode == 2
