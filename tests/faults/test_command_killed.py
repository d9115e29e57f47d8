"""kill -9 of `treadle run`, and of the `treadle resume` that goes on with what it left, at random moments."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from faults.scene import KILLS, Witness, at_once, kill_processes, no_process_left
from faults.synthetic import layers, make_project

from treadle.run.event_codec import decode
from treadle.run.events import RunStarted
from treadle.store.project import Project

KILLS_A_RUN = 5
EVENTS = 25  # at most, between one kill and the next; a run left alone has about 90
COMMAND = (sys.executable, "-m", "treadle.cli")


def begin(project: Project, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, *words, "--json"], cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


def kill_while_it_tells(
    process: subprocess.Popen[bytes], witness: Witness, chance: random.Random, events: int = EVENTS
) -> None:
    """Takes events as it prints them, and kills it some time after some of them. What it had printed it had told."""
    assert process.stdout is not None
    with process, process.stdout as told:
        enough = witness.last + chance.randint(1, events)
        while witness.last < enough and (line := told.readline()):
            note(witness, line)
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        for line in told:
            note(witness, line)


def note(witness: Witness, line: bytes) -> None:
    if line.endswith(b"\n") and b'"refused"' not in line:  # it had all succeeded before the last kill
        recorded = decode(json.loads(line))
        if isinstance(recorded.event, RunStarted):
            witness.run = recorded.event.run
        if recorded.seq > witness.last:
            witness.told.append(recorded)


def told_by(project: Project, *words: str) -> Any:
    """What a command of its own says, as JSON."""
    said = subprocess.run([*COMMAND, *words, "--json"], cwd=project.root, capture_output=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr.decode()
    return json.loads(said.stdout.splitlines()[-1])


def test_a_command_killed_at_any_moment_loses_and_redoes_nothing(tmp_path: Path) -> None:
    """I1, I2, I3, I4, I6: what it had printed is in the journal, and `treadle resume` goes on from there."""

    def scenario(chance: random.Random, name: str) -> None:
        project = make_project(tmp_path / name)
        drawn = layers(chance)
        (project.root / "layers.treadle.yaml").write_text(drawn.text)
        witness = Witness(project)
        try:
            for turn in range(min(KILLS_A_RUN, KILLS)):
                words = ("resume", witness.run) if turn else ("run", "layers.treadle.yaml")
                kill_while_it_tells(begin(project, *words), witness, chance)
                no_process_left(project)
                witness.check()
            (summary,) = told_by(project, "runs")
            assert summary["state"] in ("interrupted", "succeeded")
            if summary["state"] == "interrupted":
                told_by(project, "resume", "last")
            assert told_by(project, "show", "last")["state"] == "succeeded"
            witness.check_end()
            no_process_left(project)
        finally:
            kill_processes(project)

    at_once(scenario, max(1, KILLS // KILLS_A_RUN))
