"""Scripts and shell commands as attempts: real programs, their ports as files, and every way they end."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from execute.attempts import Attempt, Bench, alive, bench, until

from treadle.execute.protocol import Cancelled, Crashed, Failed, Progress, Succeeded, TimedOut
from treadle.spec.environments import Isolation
from treadle.spec.flow import Kind
from treadle.store.references import ArtifactRef

TRICKY = 'it\'s "$(rm -rf x)" `touch y`; \\ $HOME * \n& end'


def sh(here: Bench, command: str, *outputs: str, parameters: Any = None, **rest: Any) -> Attempt:
    """Outputs are written `name:Type::form:path`."""
    params = {"command": command, "parameters": parameters, **rest.pop("more", {})}
    return here.run("", *outputs, kind=Kind.SHELL, params=params, **rest)


def begin_sh(here: Bench, command: str, *outputs: str, **rest: Any) -> Attempt:
    return here.begin("", *outputs, kind=Kind.SHELL, params={"command": command}, **rest)


def script(here: Bench, name: str, text: str, *outputs: str, mode: int = 0o644, **rest: Any) -> Attempt:
    (here.root / name).write_text(text)
    (here.root / name).chmod(mode)
    params = {"path": name, "arguments": rest.pop("arguments", None), **rest.pop("more", {})}
    return here.run("", *outputs, kind=Kind.SCRIPT, params=params, **rest)


def table(here: Bench) -> ArtifactRef:
    made = here.run("import pandas\ndef node():\n return pandas.DataFrame({'x': [1, 2], 'y': ['a', 'b c']})", "t:Table")
    return value_of(made, "t")


def value_of(attempt: Attempt, port: str) -> ArtifactRef:
    outcome = attempt.outcome
    assert isinstance(outcome, Succeeded), (outcome, attempt.log)
    return outcome.outputs[port]


def failure(attempt: Attempt) -> Failed:
    assert isinstance(attempt.outcome, Failed), attempt.outcome
    return attempt.outcome


# Ports as files


def test_a_command_reads_a_table_as_csv_and_writes_a_number(here: Bench) -> None:
    attempt = sh(
        here, 'tail -n +2 "$data" | wc -l > "$lines"; cat "$data"', "lines:int::txt",
        inputs={"data": table(here)}, input_kinds={"data": "csv"},
    )  # fmt: skip
    assert here.value(value_of(attempt, "lines")) == 2
    assert attempt.log == "x,y\n1,a\n2,b c\n"


@pytest.mark.parametrize("form", ["csv", "tsv", "parquet", "arrow", "jsonl"])
def test_a_script_gets_and_gives_a_table_in_each_form(here: Bench, form: str) -> None:
    text = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"
    attempt = script(
        here, "copy.py", text, f"out:Table::{form}", inputs={"data": table(here)}, input_kinds={"data": form},
        arguments=[{"$port": "in.data"}, {"$port": "out.out"}],
    )  # fmt: skip
    frame = here.value(value_of(attempt, "out"), "pandas")
    assert frame.to_dict("list") == {"x": [1, 2], "y": ["a", "b c"]}


@pytest.mark.parametrize(
    ("written", "kind", "read"),
    [
        ("3\n", "int", 3), ("0.5", "float", 0.5), ("yes\n", "bool", True), ("a b\n", "str", "a b"),
        ('{"a": [1]}', "Json", {"a": [1]}), ('{"auc": 0.5}', "Metrics", {"auc": 0.5}), ("é\n", "Text", "é\n"),
        ("<p>x", "Html", "<p>x"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_its_type(here: Bench, written: str, kind: str, read: Any) -> None:
    attempt = sh(here, 'printf %s "$text" > "$out"', f"out:{kind}", parameters={"text": written})
    assert here.value(value_of(attempt, "out")) == read


def test_files_folders_and_lists_pass(here: Bench) -> None:
    attempt = sh(
        here,
        'printf abc > "$file"; mkdir "$folder/sub"; echo 1 > "$folder/sub/a"; echo 2 > "$many/b"; echo 1 > "$many/a"',
        "file:File::pdf", "folder:Directory", "many:list[int]",
    )  # fmt: skip
    assert Path(here.value(value_of(attempt, "file"))).name == "file.pdf"
    assert here.value(value_of(attempt, "many")) == [1, 2]
    second = sh(
        here, 'cat "$file"; cat "$folder/sub/a"; ls "$many"; cat "$many"/*',
        inputs={name: value_of(attempt, name) for name in ("file", "folder", "many")},
        input_kinds={"file": "", "folder": "", "many": ""},
    )  # fmt: skip
    assert second.log == "abc1\n0000.txt\n0001.txt\n1\n2\n"


def test_a_model_passes_without_being_loaded(here: Bench) -> None:
    attempt = sh(here, 'printf notapickle > "$model"', "model:Model::joblib")
    reference = value_of(attempt, "model")
    assert reference.codec == "joblib"
    assert here.store.path(reference).read_text() == "notapickle"


def test_what_it_wrote_is_gone_from_the_attempts_folder(here: Bench) -> None:
    attempt = sh(here, 'echo 1 > "$n"', "n:int::txt", inputs={"data": table(here)}, input_kinds={"data": "csv"})
    value_of(attempt, "n")
    assert sorted(path.name for path in attempt.folder.glob("*")) in ([], ["output.log"])


def test_an_output_may_have_a_path_of_its_own(here: Bench) -> None:
    attempt = sh(here, "echo 7 > made/by/itself.txt", "n:int:::made/by/itself.txt")
    assert here.value(value_of(attempt, "n")) == 7


def test_what_an_earlier_attempt_wrote_is_no_output(here: Bench) -> None:
    (here.root / "old.txt").write_text("1")
    attempt = sh(here, "true", "n:int:::old.txt")
    assert "output n was not written anew" in failure(attempt).message


def test_a_missing_output_is_named_with_its_path(here: Bench) -> None:
    message = failure(sh(here, "true", "table:Table::csv", "n:int::txt")).message
    assert "output table was not written" in message
    assert "outputs/table.csv" in message
    assert "$n names" in message


def test_an_output_that_is_not_its_type_is_named_with_its_path(here: Bench) -> None:
    message = failure(sh(here, 'echo many > "$n"', "n:int::txt")).message
    assert message.startswith("output n wants int, but ")
    assert "many" in message


# What it is given


def test_no_value_is_read_as_a_command(here: Bench) -> None:
    attempt = sh(here, 'printf %s "$word"', parameters={"word": TRICKY})
    assert attempt.log == TRICKY
    text = "import sys; sys.stdout.write(sys.argv[1])"
    assert script(here, "say words.py", text, arguments=[TRICKY]).log == TRICKY


def test_values_are_given_as_json_but_texts_as_they_are(here: Bench) -> None:
    values = [1, 0.5, True, None, ["a", 1], {"k": "é"}, "a b"]
    attempt = script(here, "say.py", "import sys, json; print(json.dumps(sys.argv[1:]))", arguments=values)
    assert json.loads(attempt.log) == ["1", "0.5", "true", "", '["a", 1]', '{"k": "é"}', "a b"]


def test_a_secret_is_a_variable_and_is_hidden_in_the_log(here: Bench) -> None:
    attempt = sh(here, 'echo "token $TOKEN"; echo ${#TOKEN} >&2; exit 4', secrets={"TOKEN": "hunter2-and-more"})
    assert "token ***" in attempt.log
    assert "16" in attempt.log
    assert "hunter2" not in attempt.log + failure(attempt).message


def test_a_parameter_that_an_edge_feeds_is_the_value(here: Bench) -> None:
    made = here.run("def node():\n return 'echo fed'", "value:str")
    attempt = here.run("", kind=Kind.SHELL, params={}, inputs={"command": value_of(made, "value")})
    assert attempt.log == "fed\n"


# What runs it


def test_a_python_script_runs_under_the_nodes_interpreter_and_prints_at_once(here: Bench) -> None:
    (here.root / "slow.py").write_text("import sys, time\nprint(sys.executable)\ntime.sleep(20)")
    attempt = here.begin("", kind=Kind.SCRIPT, params={"path": "slow.py"})
    until(lambda: sys.executable in attempt.log)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")


@pytest.mark.parametrize(
    ("name", "first", "mode"),
    [("a", "#!/bin/sh", 0o755), ("b", "#!/usr/bin/env sh", 0o644), ("c.sh", "", 0o644), ("d.bash", "", 0o644)],
)
def test_a_script_says_what_runs_it(here: Bench, name: str, first: str, mode: int) -> None:
    assert script(here, name, f'{first}\necho "$0" "$1"', mode=mode, arguments=["x y"]).log.endswith(f"{name} x y\n")


def test_the_node_may_say_what_runs_it(here: Bench) -> None:
    attempt = script(here, "odd.xyz", "print('odd')", more={"interpreter": f"{sys.executable} -u"})
    assert attempt.log == "odd\n"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"path": "gone.py"}, "there is no script gone.py"),
        ({"path": "bare"}, "nothing says what runs"),
        ({"path": "book.ipynb"}, "use a node of the kind notebook"),
        ({"path": "bad-bang"}, "names a program that is not there"),
        ({"path": "say.R", "interpreter": "no-such-program"}, "there is no program no-such-program here"),
        ({"path": "bare", "arguments": [{"$port": "in.nothing"}]}, ""),
    ],
)
def test_what_cannot_be_run_is_said(here: Bench, params: dict[str, Any], words: str) -> None:
    for name in ("bare", "book.ipynb", "say.R"):
        (here.root / name).write_text("x")
    (here.root / "bad-bang").write_text("#!/no/such/program\n")
    (here.root / "bad-bang").chmod(0o755)
    found = failure(here.run("", kind=Kind.SCRIPT, params=params))
    assert found.error == "NotRunnable"
    assert words in found.message


def test_a_command_ends_at_its_first_failing_part_in_a_pipe_too(here: Bench) -> None:
    assert failure(sh(here, "false | cat; echo on")).message.startswith("the command left with exit code 1")
    assert sh(here, "false; echo on", more={"shell": "sh"}).log == "[Treadle: the command left with exit code 1]\n"


# How it ends


def test_a_failure_has_its_code_and_last_words(here: Bench) -> None:
    attempt = sh(here, "echo fine; for i in 1 2 3 4 5 6 7; do echo line $i >&2; done; exit 75")
    found = failure(attempt)
    assert found.message == "the command left with exit code 75: line 3 / line 4 / line 5 / line 6 / line 7"
    assert found.error == "ExitCode"
    assert "line 1" in attempt.log


def test_a_python_failure_names_file_and_line(here: Bench) -> None:
    (here.root / "sub").mkdir(exist_ok=True)
    text = "import json\ndef read():\n    return json.loads('{')\n\nread()\n"
    found = failure(script(here, "sub/broken.py", text))
    assert (found.error, found.file, found.line) == ("JSONDecodeError", "sub/broken.py", 3)
    assert "json.decoder.JSONDecodeError" in found.kinds
    assert found.message.endswith("(exit code 1)")


def test_a_syntax_error_names_file_and_line(here: Bench) -> None:
    found = failure(script(here, "wrong.py", "x = 1\ny = (\n"))
    assert (found.error, found.file, found.line) == ("SyntaxError", "wrong.py", 2)


def test_a_program_that_a_signal_ends_has_crashed(here: Bench) -> None:
    attempt = script(here, "fault.py", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    outcome = attempt.outcome
    assert isinstance(outcome, Crashed)
    assert outcome.signal == "SIGSEGV"
    assert "Fatal Python error" not in attempt.log


def test_cancel_lets_the_program_leave_and_takes_what_it_started(here: Bench, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    command = f"""
        trap 'echo leaving; exit 0' TERM
        setsid sh -c 'trap "" TERM; echo $$ >> {pids}; sleep 60' &
        sleep 60 & echo $! >> {pids}
        echo ready
        wait
    """
    attempt = begin_sh(here, command)
    until(lambda: "ready" in attempt.log and pids.exists() and len(pids.read_text().split()) == 2)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert "leaving" in attempt.log
    assert not [pid for pid in map(int, pids.read_text().split()) if alive(pid)]


def test_a_program_that_hears_no_signal_is_ended(here: Bench) -> None:
    attempt = begin_sh(here, "trap '' TERM; echo deaf; while :; do sleep 1; done")
    until(lambda: "deaf" in attempt.log)
    began = time.monotonic()
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert time.monotonic() - began < 5


def test_a_program_in_a_session_of_its_own_hears_the_cancel(here: Bench) -> None:
    text = "import os, signal, sys, time\nos.setsid()\nsignal.signal(15, lambda *_: (print('heard'), sys.exit(0)))\n"
    (here.root / "own.py").write_text(f"{text}print('up', flush=True)\ntime.sleep(60)")
    attempt = here.begin("", kind=Kind.SCRIPT, params={"path": "own.py"})
    until(lambda: "up" in attempt.log)
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert "heard" in attempt.log


def test_time_and_memory_are_limited(here: Bench) -> None:
    slow = sh(here, "sleep 60", timeout=0.3)
    assert slow.outcome == TimedOut(0.3)
    text = "x = bytearray(400 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nimport time; time.sleep(30)"
    outcome = script(here, "hog.py", text, memory=100 << 20).outcome
    assert isinstance(outcome, Crashed | Failed)
    assert "memory" in f"{outcome}".lower()


# What it prints


def test_a_line_of_100_mb_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    with bench(tmp_path, log_cap=1 << 20) as here:
        attempt = sh(here, "head -c 100000000 /dev/zero | tr '\\0' x >&2; echo; printf '\\377\\376 raw\\n' >&2; exit 9")
        assert failure(attempt).message.endswith("raw")
        assert len((attempt.folder / "output.log").read_bytes()) < 3 << 20


def test_a_progress_bar_is_read(here: Bench) -> None:
    attempt = sh(here, "printf '\\rfit:  45%%|####      | 45/100 [00:10<00:12]\\r' >&2; sleep 0.3")
    assert any(report.fraction == 0.45 for report in attempt.of(Progress))


def test_what_is_left_in_the_background_does_not_hold_it(here: Bench) -> None:
    began = time.monotonic()
    assert isinstance(sh(here, "sleep 60 & echo done").outcome, Succeeded)
    assert time.monotonic() - began < 5


def test_an_environment_needs_nothing_of_treadle(here: Bench, tmp_path: Path) -> None:
    """Neither Treadle nor pyarrow is there; the table comes and goes all the same."""
    folder = tmp_path / "venv"
    here.run(f"import venv\ndef node():\n venv.create({str(folder)!r}, symlinks=True)")
    text = (
        "import csv, importlib.util, os, sys\nassert not importlib.util.find_spec('pyarrow')\n"
        "rows = list(csv.DictReader(open(os.environ['data'])))\nprint(sys.prefix)\n"
        "print('x', file=open(os.environ['out'], 'w'))\nopen(os.environ['out'], 'a').write(rows[1]['x'])\n"
    )
    attempt = script(
        here, "plain.py", text, "out:Table::csv", python=str(folder), inputs={"data": table(here)},
        input_kinds={"data": "csv"}, environment={"PYTHONPATH": ""},
    )  # fmt: skip
    frame = here.value(value_of(attempt, "out"), "pandas")
    assert frame.equals(pd.DataFrame({"x": [2]}))
    assert str(folder) in attempt.log
    which = sh(here, "command -v python", python=str(folder))
    assert which.log == f"{folder}/bin/python\n"
    assert os.environ.get("VIRTUAL_ENV") != str(folder)


def test_a_program_never_shares_a_process(here: Bench) -> None:
    pids = [sh(here, 'echo "$PPID"', isolation=Isolation.REUSE).log for _ in range(2)]
    assert len(set(pids)) == 2
