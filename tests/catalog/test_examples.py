"""The projects that ship with Treadle are valid, and can be copied out."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from treadle.catalog.catalog import load_catalog
from treadle.spec.file_format import read, write
from treadle.spec.validate import validate
from treadle_resources import copy_example, example_names

NODE_WIDTH, NODE_HEIGHT = 208, 120


@pytest.mark.parametrize("name", example_names())
def test_a_copied_example_is_valid_and_can_be_cut(name: str, tmp_path: Path) -> None:
    path = copy_example(name, tmp_path / "project")
    text = path.read_text()
    found = read(text, str(path))
    assert found.problems == ()
    assert found.pipeline is not None
    assert write(found.pipeline, text) == text
    catalog = load_catalog(path.parent)
    assert catalog.problems == ()
    assert validate(found.pipeline, catalog.components, found.places) == []
    for node in found.pipeline.nodes.values():
        assert catalog.slice(node.uses).text


@pytest.mark.parametrize("name", example_names())
def test_nodes_of_an_example_do_not_overlap(name: str, tmp_path: Path) -> None:
    pipeline = read(copy_example(name, tmp_path).read_text()).pipeline
    assert pipeline is not None
    assert pipeline.view.keys() == pipeline.nodes.keys()
    places = list(pipeline.view.values())
    for position, (x, y) in enumerate(places):
        for other_x, other_y in places[:position]:
            assert abs(x - other_x) >= NODE_WIDTH or abs(y - other_y) >= NODE_HEIGHT
    for edge in pipeline.edges():
        assert pipeline.view[edge.source.node][0] < pipeline.view[edge.target.node][0]


def test_the_flights_are_real_and_licensed(tmp_path: Path) -> None:
    copy_example("flights", tmp_path)
    assert pq.ParquetFile(tmp_path / "data" / "flights.parquet").metadata.num_rows == 336_776
    assert "CC0" in (tmp_path / "data" / "LICENSE").read_text()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "people.csv").write_text("mine")
    with pytest.raises(FileExistsError, match=r"people\.csv"):
        copy_example("minimal", tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["data"]


def test_an_unknown_example_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="flights"):
        copy_example("nothing", tmp_path)
