"""The verbs that run nothing: what they print for people and for programs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli.conftest import COMMAND
from host.sample import until

from treadle.store.project import Project


def test_a_sound_pipeline_is_valid(treadle) -> None:
    done = treadle("validate", "chain.treadle.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing wrong" in done.stdout

    as_json = json.loads(treadle("validate", "chain.treadle.yaml", "--json").stdout)
    assert as_json == {"file": "chain.treadle.yaml", "valid": True, "problems": []}


def test_every_problem_is_told_with_file_and_line(treadle, project: Project) -> None:
    (project.root / "wrong.treadle.yaml").write_text(
        "treadle: 1\nnodes:\n  a:\n    uses: demo.shout\n  b:\n    uses: demo.nothing\n    in: {text: nowhere.value}\n"
    )

    done = treadle("validate", "wrong.treadle.yaml")
    assert done.returncode == 2
    assert "wrong.treadle.yaml:3" in done.stderr
    assert "wrong.treadle.yaml:5" in done.stderr

    found = json.loads(treadle("validate", "wrong.treadle.yaml", "--json").stdout)
    assert not found["valid"]
    assert {problem["where"]["node"] for problem in found["problems"]} == {"a", "b"}
    assert all(problem["code"] and problem["message"] for problem in found["problems"])


def test_a_broken_component_file_is_told_with_its_line(treadle, project: Project) -> None:
    (project.components / "broken.py").write_text("x = 1\ndef broken(:\n")

    done = treadle("validate", "chain.treadle.yaml")

    assert done.returncode == 2
    assert "broken.py:2" in done.stderr


def test_looking_makes_nothing(treadle, project: Project) -> None:
    before = sorted(project.root.rglob("*"))

    for words in (("validate", "chain.treadle.yaml"), ("components",), ("runs",), ("doctor",)):
        treadle(*words)

    assert sorted(project.root.rglob("*")) == before


def test_components_are_listed_and_shown(treadle) -> None:
    listed = treadle("components").stdout
    assert "demo.shout" in listed
    assert "prepare.train_test_split" in listed

    shown = treadle("components", "demo.make").stdout
    assert "components/demo.py:" in shown
    assert "seconds" in shown

    [found] = [each for each in json.loads(treadle("components", "--json").stdout) if each["uses"] == "demo.make"]
    assert [parameter["name"] for parameter in found["parameters"]] == ["seconds", "text"]
    assert found["outputs"][0]["type"] == "str"


def test_an_unknown_component_is_answered_with_its_neighbours(treadle) -> None:
    done = treadle("components", "demo.shuot")

    assert done.returncode == 2
    assert "demo.shout" in done.stderr


def test_runs_show_and_logs_tell_of_a_run(treadle, project: Project) -> None:
    treadle("run", "broken.treadle.yaml")
    run = project.run_ids()[0]

    [listed] = json.loads(treadle("runs", "--json").stdout)
    assert (listed["run"], listed["state"], listed["counts"]) == (run, "failed", {"succeeded": 1, "failed": 1})

    shown = json.loads(treadle("show", run[:-1], "--json").stdout)
    assert shown["run"] == run
    assert shown["tasks"]["second"]["error"] == "ValueError: no use for hello"
    assert "ValueError: no use for hello" in treadle("show", "last").stdout

    assert "about to fail" in treadle("logs", "last", "second").stdout
    logged = [json.loads(line) for line in treadle("logs", "last", "second", "--json").stdout.splitlines()]
    assert logged[0] == {"attempt": 1, "line": 1, "level": None, "text": "about to fail"}


def test_a_log_of_no_such_node_names_the_nodes(treadle) -> None:
    treadle("run", "chain.treadle.yaml")

    done = treadle("logs", "last", "third")

    assert done.returncode == 2
    assert "first, second" in done.stderr


def test_the_log_of_a_cached_node_is_where_it_ran(treadle, project: Project) -> None:
    treadle("run", "chain.treadle.yaml")
    [first] = project.run_ids()
    treadle("run", "chain.treadle.yaml")

    done = treadle("logs", "last", "first")

    assert f"treadle logs {first} first" in done.stderr


def test_a_followed_log_is_printed_as_it_grows_and_ends_with_its_node(begin, treadle, project: Project) -> None:
    running = begin("run", "chain.treadle.yaml", "-p", "wait=2", "--json")
    assert running.stdout is not None
    until(lambda: "attempt_launched" in running.stdout.readline())

    following = begin("logs", "last", "first", "-f")
    assert following.stdout is not None
    assert following.stdout.readline() == "making hello\n"
    assert running.poll() is None  # told before the node has ended

    assert following.communicate(timeout=20)[1] == ""
    assert following.returncode == 0
    running.communicate(timeout=20)


def test_there_is_nothing_to_show_before_a_first_run(treadle) -> None:
    assert treadle("runs", "--json").stdout == "[]\n"
    assert "no runs yet" in treadle("runs").stderr
    for words in (("show", "last"), ("logs", "last", "a"), ("resume", "last")):
        done = treadle(*words)
        assert done.returncode == 2
        assert "no runs yet" in done.stderr


def test_a_new_project_runs(treadle, project: Project) -> None:
    assert treadle("new", "fresh").returncode == 0
    folder = project.root / "fresh"
    [pipeline] = folder.glob("*.treadle.yaml")
    assert list((folder / "components").glob("*.py"))

    assert treadle("run", str(pipeline)).returncode == 0


def test_new_leaves_a_folder_with_something_in_it_alone(treadle, project: Project) -> None:
    before = sorted(project.root.rglob("*"))

    done = treadle("new", ".")

    assert done.returncode == 2
    assert "not an empty folder" in done.stderr
    assert sorted(project.root.rglob("*")) == before


def test_a_script_is_exported_that_compiles(treadle, project: Project) -> None:
    done = treadle("export", "chain.treadle.yaml", "--to", "python", "-o", "chain.py")

    assert done.returncode == 0
    compile((project.root / "chain.py").read_text(), "chain.py", "exec")
    assert done.stderr.rstrip().endswith("python chain.py")
    (project.root / "out").mkdir()
    done = treadle("export", "chain.treadle.yaml", "--to", "python", "-o", "out/chain.py")
    assert done.stderr.rstrip().endswith("python out/chain.py --project .")
    assert treadle("export", "chain.treadle.yaml", "--to", "svg").stdout.lstrip().startswith("<")


def test_an_unknown_target_and_an_invalid_pipeline_are_not_exported(treadle, project: Project) -> None:
    assert treadle("export", "chain.treadle.yaml", "--to", "fortran").returncode == 2
    (project.root / "wrong.treadle.yaml").write_text("treadle: 1\nnodes: {a: {uses: demo.nothing}}\n")
    assert treadle("export", "wrong.treadle.yaml", "--to", "python", "-o", "wrong.py").returncode == 2
    assert not (project.root / "wrong.py").exists()


def test_doctor_finds_this_machine_fit(treadle) -> None:
    done = treadle("doctor", "--json")

    checks = {check["name"]: check for check in json.loads(done.stdout)}
    assert done.returncode == 0, done.stdout
    assert {"python", "packages", "Qt", "display", "fork server", "project", "trust", "components"} <= set(checks)
    assert all(check["level"] == "ok" or check["advice"] for check in checks.values())


def test_the_app_says_that_it_needs_a_display(treadle) -> None:
    done = treadle("gui", "chain.treadle.yaml", DISPLAY="", WAYLAND_DISPLAY="", QT_QPA_PLATFORM="")

    assert done.returncode == 1
    assert "display" in done.stderr


@pytest.mark.parametrize("verb", ["", "run", "logs", "doctor"])
def test_help_is_there_and_quick(environment: dict[str, str], tmp_path: Path, verb: str) -> None:
    command = [*COMMAND, *([verb] if verb else []), "--help"]
    seconds = []
    for _ in range(3):
        started = time.monotonic()
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
        seconds.append(time.monotonic() - started)

    assert "Usage" in done.stdout
    assert min(seconds) < 1.0  # 0.15 s on a quiet machine; the next test keeps it so


def test_help_imports_nothing_heavy() -> None:
    probe = "import sys, treadle.cli.main; print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    )

    assert not loaded & {"asyncio", "pandas", "pyarrow", "pydantic", "PySide6", "yaml", "networkx", "sqlite3"}


def test_the_shell_is_offered_what_may_stand_there(treadle, project: Project) -> None:
    def offered(words: str) -> list[str]:
        count = str(words.count(" "))
        asked = treadle(_TREADLE_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=count)
        assert asked.stderr == ""
        return asked.stdout.split()

    assert offered("treadle ru") == ["run", "runs"]
    assert offered("treadle show ") == ["last"]
    treadle("run", "chain.treadle.yaml")
    [run] = project.run_ids()
    assert offered("treadle show 2") == [run]
    assert offered("treadle logs last s") == ["second"]
    assert offered(f"treadle logs {run[:12]} ") == ["first", "second"]
    assert offered("treadle run chain.treadle.yaml --to f") == ["first"]
    assert offered("treadle run nowhere.treadle.yaml --to f") == []
    assert offered("treadle components demo.s") == ["demo.shout"]
    assert offered("treadle export chain.treadle.yaml --to ") == ["python", "airflow", "svg"]


def test_an_unexpected_error_is_a_sentence_and_a_traceback_on_demand(treadle, project: Project) -> None:
    project.runs.parent.mkdir()
    project.runs.write_text("a file where a folder should be")

    done = treadle("run", "chain.treadle.yaml")
    assert done.returncode in (1, 2)
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr

    assert "Traceback" in treadle("--debug", "run", "chain.treadle.yaml").stderr
    assert "Traceback" in treadle("run", "chain.treadle.yaml", TREADLE_DEBUG="1").stderr


def test_a_list_is_not_cut_to_a_width_where_a_program_reads_it(treadle) -> None:
    listed = treadle("components", COLUMNS="40").stdout.splitlines()

    [line] = [line for line in listed if line.startswith("train.gradient_boosting")]
    assert line.rstrip().endswith("Quick on large tables.")
    assert all(line == line.rstrip() for line in listed)


def test_why_shows_what_changed(treadle, project: Project) -> None:
    treadle("run", "chain.treadle.yaml")
    file = project.components / "demo.py"
    file.write_text(file.read_text().replace("text.upper()", "text.lower()"))
    treadle("run", "chain.treadle.yaml")

    told = treadle("why", "last", "second")
    assert told.returncode == 0
    assert "code of demo.shout changed" in told.stdout
    assert "+    return text.lower()" in told.stdout
    assert json.loads(treadle("why", "last", "second", "--json").stdout)["before"] == project.run_ids()[0]

    unknown = treadle("why", "last", "third")
    assert (unknown.returncode, "it has: first, second" in unknown.stderr) == (2, True)


def test_gc_says_what_goes_and_refuses_what_is_no_age(treadle, project: Project) -> None:
    treadle("run", "chain.treadle.yaml")
    dry = treadle("gc", "--keep-runs", "0", "--dry-run")
    assert (dry.returncode, dry.stdout.startswith(f"would remove run {project.run_ids()[0]}\nwould free ")) == (0, True)
    assert json.loads(treadle("gc", "--keep-runs", "0", "--json").stdout)["dry_run"] is False
    assert project.run_ids() == []
    wrong = treadle("gc", "--older-than", "soon")
    assert "write an age as 30d or 12h" in wrong.stderr
    assert (wrong.returncode, "soon" in wrong.stderr) == (2, True)
