"""Code that reports runs where no Treadle is installed: an exported script under an interpreter that has none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from treadle.catalog.catalog import load_catalog
from treadle.convert.export import export
from treadle.spec.file_format import read

COMPONENT = """
from treadle import component, report
from treadle.report import artifact, checkpoint, last_checkpoint, metric, progress


@component()
def tell(rows: int = 2) -> int:
    done = last_checkpoint() or 0
    for row in range(done, rows):
        progress(row / rows, "counting")
        metric("rows", row, step=row)
        checkpoint(row)
    artifact("all", [rows])
    report.log("done", "warning")
    return rows
"""


PROGRAM = """treadle: 1
nodes:
  tell:
    uses: script
    with: {path: tell.py}
    outputs: {rows: int}
"""
SCRIPT = """import os
from treadle.report import checkpoint, last_checkpoint, progress
progress(0.5)
checkpoint(last_checkpoint() or 1)
open(os.environ["rows"], "w").write("3")
"""


def without_treadle(folder: Path) -> str:
    """An interpreter that has none."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = str(folder / "bin" / "python")
    look = subprocess.run([python, "-I", "-c", "import treadle"], capture_output=True, text=True, check=False)
    assert "No module named 'treadle'" in look.stderr
    return python


@pytest.mark.slow
def test_an_exported_script_that_reports_needs_no_treadle(tmp_path: Path) -> None:
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "said.py").write_text(COMPONENT)
    pipeline = read("treadle: 1\nnodes: {tell: {uses: said.tell, with: {rows: 3}}}\n").pipeline
    assert pipeline is not None
    script = tmp_path / "script.py"
    script.write_text(export(pipeline, load_catalog(tmp_path), "python").text)
    python = without_treadle(tmp_path / "bare")
    command = [python, "-I", str(script), "--output", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out/tell/value.json").read_text()) == 3


@pytest.mark.slow
def test_a_script_that_reports_runs_from_an_exported_one_without_treadle(tmp_path: Path) -> None:
    pipeline = read(PROGRAM).pipeline
    assert pipeline is not None
    (tmp_path / "tell.py").write_text(SCRIPT)
    script = tmp_path / "script.py"
    script.write_text(export(pipeline, load_catalog(tmp_path), "python").text)
    python = without_treadle(tmp_path / "bare")
    command = [python, str(script), "--project", str(tmp_path), "--output", str(tmp_path / "out")]
    plain = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=plain)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out/tell/rows.json").read_text()) == 3
