"""Programs in a plan: what is declared, what is cached by, what stays a reference."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from treadle.catalog.catalog import load_catalog
from treadle.execute.protocol import Output
from treadle.run.cache import TaskCache
from treadle.run.cache_index import CacheIndex
from treadle.run.plan import Plan
from treadle.run.plan_codec import plan_from_json, plan_to_json
from treadle.run.resolve import Circumstances, resolve
from treadle.run.surroundings import FileIdentities
from treadle.spec.file_format import read
from treadle.spec.flattening import Flat
from treadle.spec.flow import Kind

TEXT = """\
treadle: 1
params: {rows: {type: int, default: 3}}
nodes:
  load: {uses: data.read_csv, with: {path: x.csv}}
  clean:
    uses: script
    in: {data: load.table, note: load.table}
    with:
      path: clean.py
      arguments: [--rows, $params.rows, $in.data, $out.table, $$in.data]
      parameters: {KEY: $secrets.warehouse}
      files: [lib, lib/a.txt]
    inputs: {data: {type: Table, format: parquet}}
    outputs: {table: Table, report: {type: File, path: out/report.pdf}}
"""


def plan_of(text: str = TEXT) -> Plan:
    pipeline = read(text).pipeline
    assert pipeline is not None
    return resolve(Flat(pipeline), load_catalog(None), Circumstances("r", datetime(2026, 1, 1, tzinfo=UTC)))


def test_a_plan_says_how_each_port_stands_as_a_file() -> None:
    task = plan_of().tasks["clean"]
    assert task.kind is Kind.SCRIPT
    assert task.input_kinds == {"data": "parquet", "note": ""}
    assert task.outputs == (Output("table", "Table", form="csv"), Output("report", "File", path="out/report.pdf"))


def test_paths_of_ports_and_secrets_are_left_to_the_worker() -> None:
    task = plan_of().tasks["clean"]
    assert task.params["arguments"] == ["--rows", 3, {"$port": "in.data"}, {"$port": "out.table"}, "$in.data"]
    assert task.params["parameters"] == {"KEY": "$secrets.warehouse"}
    assert task.secrets == {"KEY": "warehouse"}


def test_the_plan_survives_its_file() -> None:
    plan = plan_of()
    assert plan_from_json(plan_to_json(plan)) == plan


def test_the_declaration_is_the_slice() -> None:
    plan = plan_of()
    assert plan.slices[plan.tasks["clean"].slice].text == (
        "script\n  in data: Table as parquet\n  in note: Any\n  out table: Table as csv\n"
        "  out report: File at out/report.pdf\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    for name in ("clean.py", "lib/a.txt", "lib/b.txt"):
        (tmp_path / name).write_text(name)
    return tmp_path


def key(folder: Path, text: str = TEXT) -> str:
    plan = plan_of(text)
    files = FileIdentities(folder / "files.json")
    with closing(CacheIndex(folder / "cache")) as index:
        cache = TaskCache(plan, index, files, folder, holds=lambda _: True)
        return cache.look_up(plan.tasks["clean"], {}).key


def test_its_text_and_the_files_it_names_count_in_the_cache(folder: Path) -> None:
    first = key(folder)
    assert key(folder) == first
    seen = {first}
    for name in ("clean.py", "lib/a.txt", "lib/b.txt"):
        (folder / name).write_text(f"{name} changed")
        seen.add(key(folder))
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("was", "becomes"), [("--rows", "--most"), ("format: parquet", "format: csv"), ("table: Table", "table: File")]
)
def test_arguments_and_ports_count_in_the_cache(folder: Path, was: str, becomes: str) -> None:
    assert key(folder, TEXT.replace(was, becomes)) != key(folder)


def test_parameters_take_only_known_names() -> None:
    params: Mapping[str, object] = plan_of().tasks["clean"].params
    assert set(params) == {"path", "arguments", "parameters", "interpreter", "files"}
