"""A project's pipelines: which are found, which are components, and what is never read."""

from __future__ import annotations

from pathlib import Path

import pytest

from treadle.catalog.catalog import load_catalog
from treadle.catalog.pipelines import pipeline_files, project_pipelines, used_pipelines
from treadle.spec.file_format import read

WITH_PORTS = """treadle: 1
name: load_all
outputs: {table: load.table}
nodes:
  load: {uses: data.read_csv, with: {path: x.csv}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "load.treadle.yaml": WITH_PORTS,
        "parts/deep/plain.treadle.yaml": "treadle: 1\nnodes: {}\n",
        "parts/broken.treadle.yaml": "treadle: [",
        ".treadle/runs/x/old.treadle.yaml": WITH_PORTS,
        "env/pyvenv.cfg": "",
        "env/lib/theirs.treadle.yaml": WITH_PORTS,
        "node_modules/theirs.treadle.yaml": WITH_PORTS,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "binary.treadle.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "parts" / "link.treadle.yaml").symlink_to(tmp_path / "load.treadle.yaml")
    (tmp_path / "folder.treadle.yaml").mkdir()
    return tmp_path


def test_a_projects_own_pipeline_files_are_found(project: Path) -> None:
    assert pipeline_files(project) == [
        "binary.treadle.yaml", "load.treadle.yaml", "parts/broken.treadle.yaml", "parts/deep/plain.treadle.yaml",
    ]  # fmt: skip
    assert pipeline_files(project / "nothing") == []


def test_those_with_ports_are_offered_as_components(project: Path) -> None:
    catalog = load_catalog(project).with_pipelines(project_pipelines(project))
    mine = [component for component in catalog.components.values() if component.category == "Pipelines"]
    assert [(each.uses, each.title, str(each.outputs[0].type)) for each in mine] == [
        ("load.treadle.yaml", "Load all", "Table")
    ]
    assert {name for name, reading in catalog.pipelines.items() if reading.pipeline is None} == {
        "binary.treadle.yaml", "parts/broken.treadle.yaml",
    }  # fmt: skip
    assert catalog.slice("data.read_csv").digest == load_catalog(project).slice("data.read_csv").digest


@pytest.mark.parametrize("name", ["..", "a\\b", "/etc", "parts/../load", "./load", "a\0b"])
def test_no_odd_path_is_opened(project: Path, name: str) -> None:
    pipeline = read(f'treadle: 1\nnodes: {{a: {{uses: "{name}.treadle.yaml"}}}}\n'.replace("\0", "\\0")).pipeline
    if pipeline is not None:
        for reading in used_pipelines(project, pipeline).readings.values():
            assert reading.pipeline is None
            assert reading.problems[0].code == "outside-project"


def test_a_folder_and_what_is_not_there_are_no_pipelines(project: Path) -> None:
    text = "treadle: 1\nnodes: {a: {uses: folder.treadle.yaml}, b: {uses: gone.treadle.yaml}}\n"
    pipeline = read(text).pipeline
    assert pipeline is not None
    found = used_pipelines(project, pipeline).readings
    assert list(found) == ["folder.treadle.yaml"]
    assert found["folder.treadle.yaml"].problems[0].code == "unreadable-file"


def test_what_a_used_file_uses_is_read_too(project: Path) -> None:
    (project / "outer.treadle.yaml").write_text(
        "treadle: 1\nnodes: {a: {pipeline: {nodes: {b: {uses: load.treadle.yaml}}}}, c: {uses: outer.treadle.yaml}}\n"
    )
    pipeline = read("treadle: 1\nnodes: {a: {uses: outer.treadle.yaml}}\n").pipeline
    assert pipeline is not None
    loaded = used_pipelines(project, pipeline)
    assert set(loaded.readings) == set(loaded.texts) == {"outer.treadle.yaml", "load.treadle.yaml"}
