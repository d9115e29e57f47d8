"""Scripts, shell commands and notebooks from the command line: run, show, logs, why, debug, components."""

from __future__ import annotations

import json
import subprocess

import pytest
from cli.conftest import COMMAND
from execute.test_notebooks import write

from treadle.store.project import Project

TEXT = """treadle: 1
name: programs
params: {word: {type: str, default: "a $(touch pwned) b"}}
nodes:
  make:
    uses: shell
    with: {command: 'printf "x,y\\n1,%s\\n" "$word" > "$table"', parameters: {word: $params.word}}
    outputs: {table: Table}
  clean:
    uses: script
    in: {data: make.table}
    with: {path: scripts/clean.py, arguments: [$in.data, $out.rows, --twice]}
    inputs: {data: Table}
    outputs: {rows: int}
  look:
    uses: notebook
    in: {data: make.table}
    with: {path: books/look.ipynb, parameters: {times: 2}}
    outputs: {result: Json}
"""
CLEAN = """import csv, sys
rows = list(csv.DictReader(open(sys.argv[1])))
factor = 2 if "--twice" in sys.argv else 1
print("rows", len(rows), rows[0]["y"])
open(sys.argv[2], "w").write(str(len(rows) * factor))
"""


@pytest.fixture
def programs(project: Project) -> Project:
    (project.root / "scripts").mkdir()
    (project.root / "scripts" / "clean.py").write_text(CLEAN)
    write(project.root / "books" / "look.ipynb", "rows = open(data).read().splitlines()", "result = rows * times")
    (project.root / "programs.treadle.yaml").write_text(TEXT)
    return project


def test_they_run_show_and_are_taken_from_the_cache(treadle, programs: Project) -> None:
    done = treadle("run", "programs.treadle.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not list(programs.root.rglob("pwned"))
    assert treadle("logs", "last", "clean").stdout == "rows 1 a $(touch pwned) b\n"
    shown = json.loads(treadle("show", "last", "--json").stdout)
    assert shown["tasks"]["clean"]["params"]["arguments"] == ["$in.data", "$out.rows", "--twice"]
    assert {name: task["status"] for name, task in shown["tasks"].items()} == dict.fromkeys(
        ("make", "clean", "look"), "succeeded"
    )
    again = treadle("run", "programs.treadle.yaml")
    assert "3 cached" in again.stdout
    taken = json.loads(treadle("show", "last", "--json").stdout)["tasks"]["look"]
    assert taken["kept"] == shown["tasks"]["look"]["kept"]
    assert sorted(taken["kept"]) == ["notebook", "preview"]
    (programs.root / "scripts" / "clean.py").write_text(CLEAN + "# another\n")
    assert "2 cached" in treadle("run", "programs.treadle.yaml").stdout
    assert "scripts/clean.py changed on disk" in treadle("why", "last", "clean").stdout


def test_a_changed_declaration_is_why_it_ran(treadle, programs: Project) -> None:
    treadle("run", "programs.treadle.yaml")
    file = programs.root / "programs.treadle.yaml"
    file.write_text(file.read_text().replace("inputs: {data: Table}", "inputs: {data: {type: Table, format: tsv}}"))
    treadle("run", "programs.treadle.yaml")
    why = treadle("why", "last", "clean").stdout
    assert "-  in data: Table as csv" in why
    assert "+  in data: Table as tsv" in why


def test_components_tell_what_a_program_takes(treadle) -> None:
    told = treadle("components", "script").stdout
    assert "arguments" in told
    assert "$out.table" in told


@pytest.fixture
def debug(programs: Project, environment: dict[str, str]):
    def run(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "debug", *words], cwd=programs.root, env=environment, input=typed, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_a_script_is_debugged_where_it_raised_with_its_inputs(treadle, debug, programs: Project) -> None:
    (programs.root / "scripts" / "clean.py").write_text(CLEAN + "rows[7]\n")
    assert treadle("run", "programs.treadle.yaml").returncode == 1
    told = debug("last", "clean", typed="p len(rows)\np sys.argv[0]\nq\n")
    assert told.returncode == 1
    assert "IndexError" in told.stderr
    assert "(Pdb) 1\n" in told.stdout
    assert "scripts/clean.py(6)<module>()" in told.stdout


def test_a_script_that_succeeds_this_time_says_so(treadle, debug, programs: Project) -> None:
    treadle("run", "programs.treadle.yaml")
    told = debug("last", "clean")
    assert told.returncode == 0
    assert "the attempt succeeded" in told.stderr
    traced = debug("last", "make")
    assert "+ printf" in traced.stderr
    assert traced.returncode == 0


def test_a_shell_in_a_programs_place_has_its_ports_and_variables(treadle, debug, programs: Project) -> None:
    treadle("run", "programs.treadle.yaml")
    told = debug("last", "clean", "--shell", typed='pwd; head -n 1 "$data"; basename "$rows"; echo $TREADLE_REPORT\n')
    folder, heading, rows, command = told.stdout.splitlines()
    assert (told.returncode, folder, heading, rows) == (0, str(programs.root), "x,y", "rows.txt")
    assert command.endswith("treadle-report")
    assert f"{programs.root}/scripts/clean.py" in told.stderr
    made = debug("last", "make", "--shell", typed='echo "$word"\n')
    assert made.stdout == "a $(touch pwned) b\n"
    looked = debug("last", "look", "--shell", typed="pwd\n")
    assert looked.stdout == f"{programs.root}/books\n"


def test_a_notebook_is_debugged_in_ipython(treadle, debug, programs: Project) -> None:
    write(programs.root / "books" / "look.ipynb", "rows = open(data).read()", "answer = times * 21\n1 / 0")
    assert treadle("run", "programs.treadle.yaml").returncode == 1
    told = debug("last", "look", typed="p answer\nq\nexit\n")
    assert "ZeroDivisionError" in told.stdout + told.stderr
    assert "42" in told.stdout


MAPPED = """treadle: 1
name: mapped
nodes:
  parts:
    uses: shell
    with: {command: 'for i in 3 1 2; do printf "x\\n$i\\n" > "$parts/$i.csv"; done'}
    outputs: {parts: 'list[Table]'}
  each:
    uses: shell
    map: {over: data}
    in: {data: parts.parts}
    with: {command: 'tail -n 1 "$data" > "$n"'}
    inputs: {data: Table}
    outputs: {n: int}
  all:
    uses: shell
    in: {numbers: each.n}
    with: {command: 'cat "$numbers"/*'}
"""


def test_a_command_runs_for_each_item_and_the_results_are_in_order(treadle, programs: Project) -> None:
    (programs.root / "mapped.treadle.yaml").write_text(MAPPED)
    done = treadle("run", "mapped.treadle.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert treadle("logs", "last", "all").stdout == "1\n2\n3\n"


CLIMB = """treadle: 1
name: climb
nodes:
  climb:
    uses: script
    with: {path: scripts/climb.py}
    outputs: {began: int}
"""
CLIMBING = """import os, pathlib
from treadle.report import artifact, checkpoint, last_checkpoint
began = last_checkpoint() or 0
for step in range(began, 6):
    if step == 3 and not pathlib.Path("rope").exists():
        raise RuntimeError("slipped")
    checkpoint(step + 1)
artifact("steps", [began, 6])
open(os.environ["began"], "w").write(str(began))
"""


def test_a_resumed_script_goes_on_from_its_checkpoint_and_is_debugged_with_it(
    treadle, debug, programs: Project
) -> None:
    (programs.root / "climb.treadle.yaml").write_text(CLIMB)
    (programs.root / "scripts" / "climb.py").write_text(CLIMBING)
    assert treadle("run", "climb.treadle.yaml").returncode == 1
    assert "(Pdb) 0\n" in debug("last", "climb", typed="p began\nq\n").stdout
    (programs.root / "rope").touch()
    assert treadle("resume", "last").returncode == 0
    task = json.loads(treadle("show", "last", "--json").stdout)["tasks"]["climb"]
    assert (task["status"], task["kept"]["steps"]["codec"]) == ("succeeded", "json")
    assert "kept steps → Any" in treadle("show", "last", "climb").stdout
    journal = next((programs.root / ".treadle" / "runs").glob("*/events.jsonl")).read_text()
    assert journal.count("checkpoint_saved") == 6
