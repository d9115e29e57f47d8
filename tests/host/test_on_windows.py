"""The engine's host with a Python for Windows, under Wine: `tests/windows`, run there."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from pathlib import Path

import pytest

from treadle.execute.protocol import ExecutorUnavailable
from treadle.execute.this_machine import this_machine, why_none

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".cache" / "windows" / "python.exe"

ENDED = re.compile(rb"(passed|failed|errors?)( in |, .* in )[\d.]+s")


def in_wine(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


@pytest.mark.slow
@pytest.mark.windows
@pytest.mark.timeout(600)
@pytest.mark.skipif(not PYTHON.exists(), reason="no Python for Windows here: make windows-env")
def test_host_transport_and_locks_work_on_windows(tmp_path: Path) -> None:
    folder = ROOT / "tests" / "windows"
    environment = {
        **os.environ, "WINEPREFIX": str(PYTHON.resolve().parent / "prefix"), "WINEDEBUG": "-all", "PYTHONUTF8": "1",
        "PYTHONPATH": ";".join(in_wine(ROOT / each) for each in ("engine", "tests")), "PYTHONDONTWRITEBYTECODE": "1",
        "TMP": in_wine(tmp_path), "TEMP": in_wine(tmp_path),
    }  # fmt: skip
    said = tmp_path / "said"
    with said.open("wb") as output:
        command = ["wine", str(PYTHON), "-m", "pytest", "-q", "-c", in_wine(folder / "pytest.ini"), in_wine(folder)]
        # A pipe at each end: Wine's Python can't open a Unix file or device as its standard streams.
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                output.write(line)
                if ENDED.search(line):
                    break
            status = process.wait(60)
    assert status == 0, f"{status}: " + said.read_text(errors="replace")[-4000:]
    assert " passed" in said.read_text(errors="replace")


def test_where_no_attempt_can_run_the_executor_says_so_in_a_sentence(tmp_path: Path) -> None:
    executor = this_machine(tmp_path, tmp_path, "win32")

    with pytest.raises(ExecutorUnavailable, match="run on Linux only so far, and this is win32"):
        asyncio.run(executor.start(lambda message: None))
    assert why_none("linux") == ""
