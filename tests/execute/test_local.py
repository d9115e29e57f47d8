"""An attempt from submit to outcome, through real processes."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from execute.attempts import AUTHOR, FIRST, Bench, bench, until

from treadle.execute.protocol import (
    AttemptFinished,
    AttemptStarted,
    Cancelled,
    Crashed,
    Failed,
    Metric,
    Progress,
    Sample,
    Succeeded,
    TimedOut,
)  # fmt: skip
from treadle.run.retrying import lacks_room


def outputs(bench: Bench, text: str, *ports: str, **rest: object) -> dict[str, object]:
    attempt = bench.run(text, *ports, **rest)
    assert isinstance(attempt.outcome, Succeeded), (attempt.outcome, attempt.log)
    return {port: bench.value(ref) for port, ref in attempt.outcome.outputs.items()}


def test_a_returned_value_is_in_the_store(here: Bench) -> None:
    assert outputs(here, "def node(n):\n    return n + 1", "value:int", params={"n": 41}) == {"value": 42}


def test_started_comes_first_and_finished_last(here: Bench) -> None:
    attempt = here.run("def node():\n    return None")
    assert isinstance(attempt.messages[0], AttemptStarted)
    assert isinstance(attempt.messages[-1], AttemptFinished)


def test_every_attempt_is_a_fresh_process_in_its_own_session(here: Bench) -> None:
    text = """
    import os
    def node():
        return {"pid": os.getpid(), "session": os.getsid(0)}
    """
    first, second = (outputs(here, text, "json:Json")["json"] for _ in range(2))
    assert first["pid"] == first["session"]
    assert first["pid"] != second["pid"]


def test_named_tuple_fields_are_the_outputs(here: Bench) -> None:
    text = """
    from typing import NamedTuple
    class Split(NamedTuple):
        train: dict
        test: dict
    def node():
        return Split({"a": 1}, {"b": 2})
    """
    given = outputs(here, text, "train:Json", "test:Json", returns_tuple=True)
    assert given == {"train": {"a": 1}, "test": {"b": 2}}


@pytest.mark.parametrize(("returned", "said"), [("None", "NamedTuple (train: Json, test: Json)"), ("7", "int")])
def test_a_missing_named_tuple_is_refused_by_its_ports(here: Bench, returned: str, said: str) -> None:
    attempt = here.run(f"def node():\n    return {returned}", "train:Json", "test:Json", returns_tuple=True)
    assert isinstance(attempt.outcome, Failed)
    assert said in attempt.outcome.message


def test_a_wrong_return_names_port_type_and_the_functions_line(here: Bench) -> None:
    attempt = here.run("x = 1\ndef node():\n    return None", "table:Table")
    assert isinstance(attempt.outcome, Failed)
    assert attempt.outcome.message.startswith("output table wants Table: returned None")
    assert (attempt.outcome.file, attempt.outcome.line) == (AUTHOR, FIRST + 1)


def test_an_output_feeds_the_next_attempt(here: Bench) -> None:
    made = here.run("def node():\n    return {'a': [1, 2]}", "json:Json")
    text = "def node(data):\n    return data['a'][1]"
    assert outputs(here, text, "value:int", inputs={"data": made.outcome.outputs["json"]}) == {"value": 2}


def test_a_many_port_gets_a_list_and_lists_are_joined(here: Bench) -> None:
    one = here.run("def node():\n    return 1", "value:int").outcome.outputs["value"]
    several = here.run("def node():\n    return [2, 3]", "value:list[int]").outcome.outputs["value"]
    text = "def node(values):\n    return sum(values) * len(values)"
    assert outputs(here, text, "value:int", inputs={"values": (one, several)}, many=frozenset({"values"})) == {
        "value": 18
    }


def test_paths_and_dates_arrive_as_the_signature_says(here: Bench) -> None:
    text = """
    from __future__ import annotations
    from datetime import datetime
    from pathlib import Path
    def node(path: Path, when: datetime | None, name: str, maybe: Path | None = None):
        return [type(path).__name__, when.year, name, maybe]
    """
    given = outputs(here, text, "json:Json", params={"path": "a/b", "when": "2024-05-01T10:00:00", "name": "n"})
    assert given["json"][0].endswith("Path")
    assert given["json"][1:] == [2024, "n", None]


def test_cwd_environment_and_project_modules(here: Bench) -> None:
    (here.root / "own_module.py").write_text("ANSWER = 42\n")
    text = """
    import os
    def node():
        import own_module
        return [os.getcwd(), os.environ["COLOUR"], own_module.ANSWER, sorted(set(os.environ) & {"PYTHONMALLOC"})]
    """
    given = outputs(here, text, "json:Json", environment={"COLOUR": "blue"})
    assert given["json"] == [str(here.root), "blue", 42, []]


def test_code_with_an_unset_no_bytecode_flag(here: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import sys, os\ndef node():\n    return [sys.dont_write_bytecode, 'PYTHONDONTWRITEBYTECODE' in os.environ]"
    assert outputs(here, text, "json:Json") == {"json": [False, False]}


def test_a_raise_names_the_authors_file_and_line_and_ends_the_log(here: Bench) -> None:
    attempt = here.run(
        """
        def helper(x):
            raise ValueError(f"bad {x}")

        def node():
            print("one")
            print("two", end="")
            helper("thing")
        """
    )
    failed = attempt.outcome
    assert isinstance(failed, Failed)
    assert (failed.error, failed.message) == ("ValueError", "bad thing")
    assert (failed.file, failed.line) == (AUTHOR, FIRST + 1)
    assert 'raise ValueError(f"bad {x}")' in failed.traceback
    assert "worker.py" not in failed.traceback
    assert attempt.log.splitlines()[failed.log_line - 1] == "Traceback (most recent call last):"
    assert attempt.log.splitlines()[:2] == ["one", "two"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("import sys; sys.exit(0)", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise MemoryError", "MemoryError"),
        ("node()", "RecursionError"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()", "Odd"),
    ],
)
def test_whatever_is_raised_is_a_failure(here: Bench, body: str, error: str) -> None:
    attempt = here.run(f"def node():\n    {body}")
    assert isinstance(attempt.outcome, Failed), attempt.outcome
    assert attempt.outcome.error == error
    assert attempt.outcome.line == FIRST + 1


def test_a_failure_while_the_module_loads_is_the_authors_too(here: Bench) -> None:
    attempt = here.run("X = 1 / 0\ndef node():\n    return X")
    assert isinstance(attempt.outcome, Failed)
    assert (attempt.outcome.error, attempt.outcome.line) == ("ZeroDivisionError", FIRST)


def test_a_missing_input_is_told_by_port(here: Bench) -> None:
    made = here.run("def node():\n    return 'to be deleted'", "text:Text").outcome.outputs["text"]
    here.store.path(made).unlink()
    attempt = here.run("def node(text):\n    return text", inputs={"text": made})
    assert isinstance(attempt.outcome, Failed)
    assert attempt.outcome.message.startswith("cannot read input text: FileNotFoundError: the artifact")


def test_an_output_that_cannot_be_written_is_told_by_port(here: Bench) -> None:
    text = """
    import sys
    import pandas as pd
    def node():
        sys.modules["pyarrow"] = None
        return pd.DataFrame({"a": [1]})
    """
    attempt = here.run(text, "table:Table", imports=("pandas",))
    assert isinstance(attempt.outcome, Failed)
    assert attempt.outcome.message == "output table: writing a Table needs pyarrow, which is not installed"


def test_a_full_disk_is_told_by_port(here: Bench) -> None:
    text = """
    import errno, os
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")
    def node():
        os.replace = full
        return "some text of its own"
    """
    attempt = here.run(text, "text:Text")
    assert isinstance(attempt.outcome, Failed)
    assert "output text could not be written to the store: No space left" in attempt.outcome.message
    assert lacks_room(attempt.outcome)


def test_progress_and_metrics_come_live_and_metrics_are_kept(here: Bench) -> None:
    attempt = here.run(
        """
        from treadle.report import metric, progress
        def node():
            for step in range(3):
                metric("loss", 1 / (step + 1), step)
                progress(step / 2, f"step {step}")
            progress(float("nan"))
        """
    )
    assert [(m.name, m.step) for m in attempt.of(Metric)] == [("loss", 0), ("loss", 1), ("loss", 2)]
    assert (attempt.of(Progress)[-1].fraction, attempt.of(Progress)[-1].message) == (1.0, "step 2")
    kept = [json.loads(line) for line in (attempt.folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["value"] for line in kept] == [1.0, 0.5, pytest.approx(1 / 3)]


def test_reports_are_rate_limited_and_the_last_one_arrives(here: Bench) -> None:
    attempt = here.run(
        """
        from treadle.report import progress
        def node():
            for step in range(20_001):
                progress(step / 20_000)
        """
    )
    assert attempt.of(Progress)[-1].fraction == 1.0
    assert len(attempt.of(Progress)) < 200


def test_output_streams_line_by_line_while_it_runs(here: Bench) -> None:
    attempt = here.begin("import time\ndef node():\n    print('early')\n    time.sleep(30)")
    until(lambda: attempt.log == "early\n")
    here.cancel(attempt)
    assert attempt.outcome == Cancelled("user")


def test_a_silent_attempt_makes_no_log_file(here: Bench) -> None:
    attempt = here.run("def node():\n    return 1", "value:int")
    assert not (attempt.folder / "output.log").exists()


def test_subprocess_output_and_exit_handlers_reach_the_log(here: Bench) -> None:
    attempt = here.run(
        """
        import atexit, subprocess, sys
        def node():
            subprocess.run(["echo", "from a child"], check=True)
            print("to stderr", file=sys.stderr)
            atexit.register(print, "at exit")
        """
    )
    assert isinstance(attempt.outcome, Succeeded)
    assert attempt.log == "from a child\nto stderr\nat exit\n"


def test_timeout(here: Bench) -> None:
    attempt = here.run("import time\ndef node():\n    time.sleep(60)", timeout=0.3)
    assert attempt.outcome == TimedOut(0.3)
    assert 0.3 <= attempt.result().usage.wall < 1.5


def test_usage_counts_cpu_and_memory(here: Bench) -> None:
    text = """
    import time
    def node():
        block = bytearray(b"x") * 120_000_000
        end = time.process_time() + 0.4
        while time.process_time() < end:
            pass
        return len(block)
    """
    usage = here.run(text, "value:int").result().usage
    assert 0.3 < usage.cpu_user + usage.cpu_system < 3
    assert usage.peak_memory > 120_000_000


def test_samples_cover_the_whole_tree(here: Bench) -> None:
    attempt = here.run(
        """
        import subprocess, sys
        def node():
            busy = "import time\\nb = bytearray(b'x') * 50_000_000\\nwhile time.process_time() < 1: pass"
            subprocess.run(["setsid", sys.executable, "-c", busy], check=True)
        """
    )
    samples = attempt.of(Sample)
    assert len(samples) >= 3
    assert max(sample.processes for sample in samples) >= 2
    assert max(sample.memory for sample in samples) > 50_000_000
    assert max(sample.cpu for sample in samples) > 30


def test_the_failing_line_is_that_of_the_error_which_ended_it(here: Bench) -> None:
    attempt = here.run(
        """
        def node():
            print("one")
            try:
                {}["x"]
            except KeyError as error:
                raise ValueError("no x") from error
        """
    )
    assert isinstance(attempt.outcome, Failed)
    lines = attempt.log.splitlines()
    assert [n for n, line in enumerate(lines, 1) if line.startswith("Traceback")] == [2, attempt.outcome.log_line]
    assert lines[-1] == "ValueError: no x"


def test_spawned_interpreters_behave_alike(tmp_path: Path) -> None:
    with bench(tmp_path, always_spawn=True) as alone:
        assert outputs(alone, "def node(n):\n    return n + 1", "value:int", params={"n": 1}) == {"value": 2}
        failed = alone.run("def node():\n    print('hm')\n    raise ValueError('no')").outcome
        assert isinstance(failed, Failed)
        assert (failed.line, failed.log_line) == (FIRST + 2, 2)
        hung = alone.begin("import time\ndef node():\n    time.sleep(60)")
        assert hung.pid
        alone.cancel(hung)
        assert hung.outcome == Cancelled("user")


def other_pythons() -> list[str]:
    """Interpreters of other versions on this machine, one each."""
    folders = [*map(Path, os.environ.get("PATH", "").split(os.pathsep)), *Path.home().glob(".pyenv/versions/*/bin")]
    names = [f"python3.{minor}" for minor in (9, 10, 12, 13, 14) if minor != sys.version_info.minor]
    found = {name: str(folder / name) for folder in folders for name in names if (folder / name).exists()}
    return [path for path in found.values() if "shims" not in path]


@pytest.mark.parametrize("python", other_pythons())
def test_another_interpreter_without_treadle(tmp_path: Path, python: str) -> None:
    text = """
    import sys
    from treadle.report import progress
    def node():
        progress(1)
        print("here")
        return list(sys.version_info[:2])
    """
    for always_spawn in (False, True):
        with bench(tmp_path, python=python, always_spawn=always_spawn) as other:
            given = outputs(other, text, "json:Json")
            assert f"python{given['json'][0]}.{given['json'][1]}" == Path(python).name
            failed = other.run("def node():\n    raise ValueError").outcome
            assert isinstance(failed, Failed)
            assert failed.line == FIRST + 1


def test_a_node_without_libraries_does_not_wait_for_them_to_load(tmp_path: Path) -> None:
    with bench(tmp_path) as fresh:
        fresh.loop.call_soon_threadsafe(fresh.executor.warm, frozenset({"sklearn"}))
        began = time.monotonic()
        fresh.run("def node():\n    return 1", "value:int")
        quick = time.monotonic() - began
        modules = outputs(
            fresh, "import sys\nimport sklearn\ndef node():\n    return 'sklearn.svm' in sys.modules", "value:bool",
            imports=("sklearn",),
        )  # fmt: skip
        assert modules == {"value": True}
        assert quick < time.monotonic() - began - quick


def test_threads_follow_resources(here: Bench) -> None:
    text = """
    import os
    import numpy
    from threadpoolctl import threadpool_info
    def node():
        return [os.environ["OMP_NUM_THREADS"], max(pool["num_threads"] for pool in threadpool_info())]
    """
    assert outputs(here, text, "json:Json", imports=("numpy", "sklearn"), cpu=2) == {"json": ["2", 2]}
    assert outputs(here, text, "json:Json", imports=("numpy", "sklearn")) == {"json": ["1", 1]}


def test_attempts_do_not_share_random_numbers(here: Bench) -> None:
    text = "import random\nimport numpy as np\ndef node():\n    return [random.random(), float(np.random.rand())]"
    one, two = (outputs(here, text, "json:Json", imports=("numpy",))["json"] for _ in range(2))
    assert one[0] != two[0]
    assert one[1] != two[1]


def test_the_kernel_would_take_an_attempt_before_the_engine(here: Bench) -> None:
    text = "import sys\ndef node():\n    return [open('/proc/self/oom_score_adj').read().strip(), sys.argv]"
    assert outputs(here, text, "json:Json") == {"json": ["500", [AUTHOR]]}


def test_many_at_once_all_finish(here: Bench) -> None:
    attempts = [here.begin("def node(n):\n    return n", "value:int", params={"n": n}) for n in range(60)]
    values = [here.value(attempt.outcome.outputs["value"]) for attempt in attempts]
    assert values == list(range(60))


def test_a_request_too_large_for_the_socket_arrives(here: Bench) -> None:
    text = "def node(text):\n    return len(text)"
    assert outputs(here, text, "value:int", params={"text": "x" * 5_000_000}) == {"value": 5_000_000}


def test_a_request_that_is_no_json_is_an_outcome(here: Bench) -> None:
    attempt = here.run("def node(x):\n    return x", params={"x": object()})
    assert isinstance(attempt.outcome, Crashed)
    assert "could not be started" in attempt.outcome.reason


def test_an_interpreter_that_is_not_there(tmp_path: Path) -> None:
    from treadle.execute.protocol import ExecutorUnavailable

    with pytest.raises(ExecutorUnavailable, match="no_such_python"), bench(tmp_path, python="/no_such_python"):
        pass
