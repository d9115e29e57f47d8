"""Interpreters, virtual environments and packages of their own, made for real and offline."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from execute.attempts import Attempt, Bench, alive, bench, until

from treadle.execute.interpreters import EnvironmentFailed, find_interpreter
from treadle.execute.protocol import AttemptStarted, Cancelled, Failed, Succeeded

WHERE = """
import os, sys
from treadle.report import metric
def node():
    metric("reports", 1)
    return [sys.prefix, sys.prefix != sys.base_prefix, os.environ.get("VIRTUAL_ENV"), os.environ["PATH"].split(":")[0]]
"""
ANSWER = "import wee\ndef node():\n    return [wee.ANSWER, wee.__file__]"


def make_wheel(folder: Path, version: str = "1.0", answer: int = 42) -> None:
    """A package `wee` that has no dependencies."""
    folder.mkdir(exist_ok=True)
    info = f"wee-{version}.dist-info"
    files = {
        "wee.py": f"ANSWER = {answer}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: wee\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(text)}")
    record = "\n".join([*lines, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(folder / f"wee-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """An executor whose installers see the wheels of one folder only, and no network."""
    make_wheel(tmp_path / "wheels")
    for name in ("PIP", "UV"):
        monkeypatch.setenv(f"{name}_NO_INDEX", "1")
        monkeypatch.setenv(f"{name}_FIND_LINKS", str(tmp_path / "wheels"))
    with bench(tmp_path, environments=tmp_path / "environments") as made:
        yield made


def value(shelf: Bench, attempt: Attempt) -> list[object]:
    assert isinstance(attempt.outcome, Succeeded), (attempt.outcome, attempt.log)
    return list(shelf.value(attempt.outcome.outputs["json"]))


def test_a_virtual_environment_without_treadle_is_used_as_it_is(shelf: Bench) -> None:
    own = shelf.root / "own"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", own], check=True)
    before = sorted(own.rglob("*"))
    for written in (own, own / "bin" / "python"):
        attempt = shelf.run(WHERE, "json:Json", python=str(written))
        assert value(shelf, attempt) == [str(own), True, str(own), str(own / "bin")]
    assert sorted(own.rglob("*")) == before


@pytest.mark.slow
def test_packages_are_installed_once_for_each_set(shelf: Bench) -> None:
    make_wheel(shelf.root / "wheels", "2.0", 43)
    first = shelf.run(ANSWER, "json:Json", requirements=("wee==1.0",))
    answer, file = value(shelf, first)
    assert answer == 42
    assert str(file).startswith(str(shelf.root / "environments"))
    assert "making an environment with wee==1.0" in first.log
    again = shelf.run(ANSWER, "json:Json", requirements=("wee==1.0",))
    assert value(shelf, again) == [42, file]
    assert again.log == ""
    assert value(shelf, shelf.run(ANSWER, "json:Json", requirements=("wee==2.0",)))[0] == 43
    assert len([entry for entry in (shelf.root / "environments").iterdir() if entry.is_dir()]) == 2


@pytest.mark.slow
def test_two_nodes_and_two_engines_make_an_environment_once(shelf: Bench) -> None:
    with bench(shelf.root / "second", environments=shelf.root / "environments") as second:
        began = [one.begin(ANSWER, "json:Json", requirements=("wee",)) for one in (shelf, shelf, second)]
        assert [value(shelf if attempt is not began[2] else second, attempt)[0] for attempt in began] == [42] * 3
    logs = "".join(attempt.log for attempt in began)
    assert logs.count("making an environment") == 1
    assert logs.count("another") == 2


@pytest.mark.slow
def test_a_requirement_that_is_not_to_be_had_is_named(shelf: Bench) -> None:
    attempt = shelf.run(ANSWER, "json:Json", requirements=("wee==1.0", "no-such-package==7"))
    assert isinstance(attempt.outcome, Failed)
    assert attempt.outcome.error == "EnvironmentFailed"
    assert attempt.outcome.message.startswith("wee==1.0, no-such-package==7 can't be installed: ")
    assert "no-such-package" in attempt.outcome.message.partition("installed: ")[2]
    assert "no-such-package" in attempt.log
    assert attempt.of(AttemptStarted) == []
    assert [entry for entry in (shelf.root / "environments").iterdir() if entry.is_dir()] == []


def test_an_option_is_no_requirement(shelf: Bench) -> None:
    outcome = shelf.run(ANSWER, "json:Json", requirements=("--index-url=http://elsewhere",)).outcome
    assert isinstance(outcome, Failed)
    assert "is an option" in outcome.message


def hanging_uv(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installer that never ends, first on the path; returns where it writes its pid."""
    folder.mkdir(exist_ok=True)
    (folder / "uv").write_text(f"#!/bin/sh\necho $$ > {folder}/pid\nsleep 60\n")
    (folder / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder / "pid"


def written(pid: Path) -> int:
    return int(until(lambda: pid.exists() and pid.read_text()))


def test_cancel_ends_the_installer(shelf: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    file = hanging_uv(shelf.root / "tools", monkeypatch)
    attempt = shelf.begin(ANSWER, "json:Json", requirements=("wee",))
    pid, began = written(file), time.monotonic()
    shelf.cancel(attempt)
    assert attempt.outcome == Cancelled("user")
    assert time.monotonic() - began < 1
    until(lambda: not alive(pid))


def test_closing_ends_the_installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = hanging_uv(tmp_path / "tools", monkeypatch)
    with bench(tmp_path, environments=tmp_path / "environments") as short:
        attempt = short.begin(ANSWER, "json:Json", requirements=("wee",))
        pid = written(file)
    assert attempt.outcome == Cancelled("engine")
    assert not alive(pid)


def test_an_interpreter_that_is_not_there_is_named(shelf: Bench) -> None:
    outcome = shelf.run(WHERE, "json:Json", python="/no/such/venv").outcome
    assert isinstance(outcome, Failed)
    assert outcome.message == "/no/such/venv is no interpreter that runs, and no virtual environment with one"
    with pytest.raises(EnvironmentFailed, match=r"there is no Python 3\.99 here"):
        find_interpreter("3.99")


def test_a_version_finds_an_interpreter_of_that_version() -> None:
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert find_interpreter(wanted).version.startswith(wanted + ".")


def test_an_interpreter_too_old_for_nodes_is_told(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("""#!/bin/sh\necho '["/old/python", [3, 8, 1]]'\n""")
    old.chmod(0o755)
    with pytest.raises(EnvironmentFailed, match=r"Python 3\.8\.1; nodes need 3\.9"):
        find_interpreter(str(old))
