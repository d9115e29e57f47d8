"""Handing a table of 1,000,000 × 20 to the next process: Treadle's codec beside pickle and Parquet.

Writing happens here and reading in a fresh process; both load their libraries before the clock starts, as a fork server
does. "touch" sums every numeric column, "again" the same a second time: what the first costs beyond that still belongs
to the hand-off, the sums themselves do not. The yardstick is writing the same bytes to the page cache.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

METHODS = ("treadle", "pickle", "parquet")
ROWS = 1_000_000


def frame() -> pd.DataFrame:
    """10 float, 4 int, 4 text and 2 category columns."""
    pick = np.random.default_rng(7)
    words = np.array(["alpha", "beta", "gamma", "delta"])
    columns: dict[str, object] = {f"float{i}": pick.normal(size=ROWS) for i in range(10)}
    columns |= {f"int{i}": pick.integers(0, 1_000_000, ROWS) for i in range(4)}
    columns |= {f"text{i}": pd.array(words[pick.integers(0, 4, ROWS)], dtype="str") for i in range(4)}
    columns |= {f"category{i}": pd.Categorical(words[pick.integers(0, 4, ROWS)]) for i in range(2)}
    return pd.DataFrame(columns)


def write(method: str, table: pd.DataFrame, folder: Path) -> str:
    """Writes `table` and returns what `read` needs to find it."""
    match method:
        case "pickle":
            table.to_pickle(folder / "t.pickle")
            return str(folder / "t.pickle")
        case "parquet":
            table.to_parquet(folder / "t.parquet")
            return str(folder / "t.parquet")
        case "treadle":
            from treadle.store import codecs

            return f"{folder}\n{json.dumps(codecs.dump(table, 'Table', codecs.BlobWriter(str(folder))))}"
    raise ValueError(method)


def read(method: str, place: str) -> pd.DataFrame:
    match method:
        case "pickle":
            return pd.read_pickle(place)
        case "parquet":
            return pd.read_parquet(place)
        case "treadle":
            from treadle.store import codecs

            folder, _, reference = place.partition("\n")
            return codecs.load(json.loads(reference), "pandas", folder, folder, "data")
    raise ValueError(method)


def reader() -> None:
    """The other process: reads, touches twice, answers with seconds and anonymous memory grown."""
    method, place = sys.argv[2:4]
    import pyarrow.pandas_compat
    import pyarrow.parquet  # noqa: F401

    from treadle.store import codecs

    codecs.tables.frames.practise()
    touch(pd.DataFrame({"number": [1.5]}))
    before, began = _anonymous(), time.perf_counter()
    table = read(method, place)
    opened = time.perf_counter()
    touch(table)
    touched = time.perf_counter()
    copied = _anonymous() - before
    touch(table)
    again = time.perf_counter() - touched
    print(json.dumps([opened - began, touched - opened, again, copied / 1e6]))


def touch(table: pd.DataFrame) -> None:
    table.select_dtypes("number").sum().sum()


def _anonymous() -> int:
    """Anonymous resident memory of this process in bytes (proc(5), `RssAnon`)."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1]) * 1024


def yardstick(size: int, folder: Path) -> float:
    """Seconds to write `size` bytes to the page cache of the same file system."""
    data = memoryview(bytearray(os.urandom(1 << 20) * (size >> 20)))
    began = time.perf_counter()
    with (folder / "raw").open("wb", buffering=0) as file:
        file.write(data)
    spent = time.perf_counter() - began
    (folder / "raw").unlink()
    return spent


def main() -> None:
    rounds = int(os.environ.get("ROUNDS", "5"))
    table = frame()
    size = int(table.memory_usage(deep=False).sum())
    timings: dict[str, list[tuple[float, ...]]] = {method: [] for method in METHODS}
    raws = []
    for number in range(rounds):
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", Path.cwd())) as name:
            raws.append(yardstick(size, Path(name)))
            for method in METHODS if number % 2 == 0 else reversed(METHODS):
                folder = Path(name, method)
                folder.mkdir()
                began = time.perf_counter()
                place = write(method, table, folder)
                written = time.perf_counter() - began
                done = subprocess.run(
                    [sys.executable, __file__, "reader", method, place], capture_output=True, check=True, text=True
                )
                timings[method].append((written, *json.loads(done.stdout)))
    _print(size, raws, timings)


def _print(size: int, raws: list[float], timings: dict[str, list[tuple[float, ...]]]) -> None:
    shown = Table(title=f"hand-off of 1,000,000 x 20 ({size / 1e6:.0f} MB in memory)", title_justify="left")
    headings = (
        "method",
        "write",
        "open",
        "touch",
        "again",
        "hand-off ms",
        "x of ours",
        "x page-cache",
        "with sums",
        "MB copied",
    )
    for heading in headings:
        shown.add_column(heading, justify="left" if heading == "method" else "right")
    passed = {
        method: [w + o + max(first - again, 0) for w, o, first, again, _ in rows] for method, rows in timings.items()
    }
    for method, rows in timings.items():
        middle = [median(row[i] for row in rows) for i in range(5)]
        ours = median(a / b for a, b in zip(passed[method], passed["treadle"], strict=True))
        raw = median(a / b for a, b in zip(passed[method], raws, strict=True))
        summed = median(sum(row[:3]) / b for row, b in zip(rows, raws, strict=True))
        shown.add_row(
            method, *[f"{value * 1e3:.0f}" for value in middle[:4]], f"{median(passed[method]) * 1e3:.0f}",
            f"{ours:.2f}", f"{raw:.2f}", f"{summed:.2f}", f"{middle[4]:.1f}",
        )  # fmt: skip
    Console(width=110).print(shown)


if __name__ == "__main__":
    reader() if sys.argv[1:2] == ["reader"] else main()
