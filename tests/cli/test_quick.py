"""`treadle run FILE` goes a shorter way, and comes to the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from treadle.cli.quick import file_to_run


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (["run", "p.treadle.yaml"], Path("p.treadle.yaml")),
        (["run", "-h"], None),
        (["run", "--json", "p.treadle.yaml"], None),
        (["run", "p.treadle.yaml", "--json"], None),
        (["run"], None),
        (["resume", "last"], None),
        ([], None),
    ],
)
def test_only_a_run_of_a_file_goes_it(words: list[str], file: Path | None) -> None:
    assert file_to_run(words) == file


def test_what_asks_for_completions_goes_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TREADLE_COMPLETE", "complete_bash")
    assert file_to_run(["run", "p"]) is None


def test_it_imports_nothing_that_reads_options(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom treadle.cli.main import main\n"
        "try:\n    main(['run', sys.argv[1]])\nexcept SystemExit as left:\n    print(left.code)\n"
        "print(sorted({'typer', 'pydantic', 'rich.progress'} & set(sys.modules)))"
    )
    file = tmp_path / "p.treadle.yaml"
    file.write_text("treadle: 1\nname: p\nnodes: {}\n")
    told = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "[]"


def test_both_ways_come_to_the_same(tmp_path: Path) -> None:
    for text in ("treadle: 1\nname: p\nnodes: {}\n", "treadle: 1\nnodes: {a: {uses: no.such}}\n", "["):
        file = tmp_path / "p.treadle.yaml"
        file.write_text(text)
        short, long = (
            subprocess.run(
                [sys.executable, "-m", "treadle.cli", "run", *more], capture_output=True, text=True, check=False
            )
            for more in ([str(file)], ["--cache", str(file)])
        )
        assert (short.returncode, short.stderr) == (long.returncode, long.stderr)
