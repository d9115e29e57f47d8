"""Previews: what a view gets, and that nothing is unpickled for it."""

from __future__ import annotations

import base64
import json
import math
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from store.stored import Shelf

from treadle.store.previews import preview
from treadle.store.references import ArtifactRef


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_window_of_a_table(shelf: Shelf) -> None:
    ref = shelf.put(pd.DataFrame({"n": range(1000), "s": [f"r{n}" for n in range(1000)]}), "Table")
    shown = preview(shelf.store, ref, offset=500, limit=2)
    assert (shown.kind, shown.type) == ("table", "Table")
    assert shown.value == {
        "columns": [{"name": "n", "type": "int64"}, {"name": "s", "type": "large_string"}],
        "rows": [[500, "r500"], [501, "r501"]], "offset": 500, "total": 1000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "limit", "count"), [(0, 0, 0), (999, 5, 1), (5000, 5, 0), (-3, 2, 2), (0, 10**9, 1000)]
)
def test_a_window_over_the_edge_is_cut(shelf: Shelf, offset: int, limit: int, count: int) -> None:
    ref = shelf.put(pd.DataFrame({"n": range(1500)} if limit > 100 else {"n": range(1000)}), "Table")
    assert len(preview(shelf.store, ref, offset, limit).value["rows"]) == count


def test_cells_are_strict_json(shelf: Shelf) -> None:
    frame = pd.DataFrame({
        "f": [1.5, math.inf], "big": [2**60, 1], "d": [date(2024, 1, 2), None], "c": pd.Categorical(["x", None]),
        "dec": [Decimal("1.50"), None], "long": ["y" * 10_000, ""], "list": [[1, 2], []], "b": [True, False],
    })  # fmt: skip
    rows = preview(shelf.store, shelf.put(frame, "Table")).value["rows"]
    json.dumps(rows, allow_nan=False)
    assert rows[0][:5] == [1.5, str(2**60), "2024-01-02", "x", "1.50"]
    assert len(rows[0][5]) == 501
    assert rows[0][6:] == ["[1, 2]", True]
    assert rows[1][:5] == ["inf", 1, None, None, None]


def test_wide_tables_are_cut(shelf: Shelf) -> None:
    shown = preview(shelf.store, shelf.put(pd.DataFrame(np.zeros((2, 2000))), "Table"))
    assert len(shown.value["columns"]) == 300


def test_arrays_as_tables_and_facts(shelf: Shelf) -> None:
    flat = preview(shelf.store, shelf.put(np.arange(5), "Array"), 1, 2)
    assert (flat.kind, flat.value["rows"], flat.value["total"]) == ("table", [[1], [2]], 5)
    cube = preview(shelf.store, shelf.put(np.zeros((2, 2, 2)), "Array"))
    assert (cube.kind, cube.value["shape"]) == ("facts", [2, 2, 2])


def test_documents_text_and_pictures(shelf: Shelf) -> None:
    metrics = preview(shelf.store, shelf.put({"auc": 0.5, "loss": math.nan}, "Metrics"))
    assert (metrics.kind, metrics.value) == ("json", {"auc": 0.5, "loss": "nan"})
    assert preview(shelf.store, shelf.put("<b>ü", "Html")).value == "<b>ü"
    long = preview(shelf.store, shelf.put("x" * 1_000_000, "Text"))
    assert long.kind == "text"
    assert len(long.value) < 300_000
    assert long.value.endswith("of 1,000,000 bytes")
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
    assert base64.b64decode(preview(shelf.store, shelf.put(png, "Image")).value) == png


def test_lists_and_folders_show_their_members(shelf: Shelf, tmp_path: Path) -> None:
    several = preview(shelf.store, shelf.put(["a", "b", "c"], "list[Text]"), 1, 1)
    assert several.kind == "facts"
    assert several.value["total"] == 3
    assert len(several.value["members"]) == 1


class Boom:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("unpickled",)


@pytest.mark.parametrize(
    "codec", ["pickle", "joblib", "skops", "npy", "arrow", "json", "text", "png", "file", "list", "?"]
)
def test_a_pickle_is_never_opened_whatever_it_claims_to_be(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str
) -> None:
    monkeypatch.chdir(tmp_path)
    made = shelf.put(Boom(), "Any")
    assert made.codec == "pickle"
    shown = preview(shelf.store, ArtifactRef(made.digest, "Any", codec, made.size, made.meta))
    assert shown.kind in {"facts", "text", "image"}
    assert not (tmp_path / "unpickled").exists()


def test_an_object_array_is_never_unpickled(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "trap.npy", np.array([Boom()], dtype=object))
    digest, size = shelf.store.put_file(tmp_path / "trap.npy")
    shown = preview(shelf.store, ArtifactRef(digest, "Array", "npy", size))
    assert shown.kind == "facts"
    assert "cannot be shown" in shown.value["problem"]
    assert not (tmp_path / "unpickled").exists()


def test_an_artifact_that_is_gone(shelf: Shelf) -> None:
    with pytest.raises(KeyError):
        preview(shelf.store, ArtifactRef("a" * 64, "Text", "text", 1))
