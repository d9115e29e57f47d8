"""Frames as Arrow tables: the same as Arrow's own conversion gives, with less copying."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.stored import Shelf

from treadle.store import frames

ROWS = frames._MANY + 5
PICK = np.random.default_rng(5)


def _gaps(dtype: str = "float64") -> np.ndarray:
    values = np.arange(ROWS, dtype=dtype)
    values[::1000] = np.nan
    return values


COLUMNS: dict[str, Any] = {
    "floats": np.arange(ROWS) * 1.5,
    "infinite": np.where(np.arange(ROWS) == 7, np.inf, -np.inf),
    "small": np.arange(ROWS, dtype="float32"),
    "half": np.ones(ROWS, dtype="float16"),
    "gaps": _gaps(),
    "small gaps": _gaps("float32"),
    "whole": np.arange(ROWS),
    "bytes": np.zeros(ROWS, dtype="uint8"),
    "truth": np.arange(ROWS) % 2 == 0,
    "text": pd.array(["a", "b", None, "ü", "e"] * (ROWS // 5) + ["x"] * (ROWS % 5), dtype="str"),
    "objects": np.array(["a"] * ROWS, dtype=object),
    "floats as objects": np.array([1.5, None] * (ROWS // 2) + [2.5] * (ROWS % 2), dtype=object),
    "times": pd.date_range("2024-01-01", periods=ROWS, freq="s"),
    "zone": pd.date_range("2024-01-01", periods=ROWS, freq="s", tz="Europe/Berlin"),
    "nullable": pd.array([1, None] * (ROWS // 2) + [3] * (ROWS % 2), dtype="Int64"),
    "nullable floats": pd.array([1.5, None] * (ROWS // 2) + [3] * (ROWS % 2), dtype="Float64"),
    "arrow floats": pd.array([1.5, None] * (ROWS // 2) + [3] * (ROWS % 2), dtype="double[pyarrow]"),
    "category": pd.Categorical.from_codes(np.arange(ROWS) % 3, ["x", "y", "z"]),
    "ordered": pd.Categorical.from_codes((np.arange(ROWS) % 300).astype("int16"), range(300), ordered=True),
    "category with gaps": pd.Categorical.from_codes(np.arange(ROWS) % 3 - 1, ["x", "y"]),
}
INDEXES: dict[str, Any] = {
    "range": pd.RangeIndex(ROWS),
    "later range": pd.RangeIndex(5, 5 + 2 * ROWS, 2),
    "named": pd.Index(np.arange(ROWS) * 2, name="row"),
    "like a column": pd.Index(np.arange(ROWS) * 2, name="floats"),
    "levels": pd.MultiIndex.from_arrays([np.arange(ROWS) % 2, np.arange(ROWS)], names=["k", None]),
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def _as_arrow_has_it(frame: pd.DataFrame) -> None:
    made, wanted = frames.from_frame(frame), pa.Table.from_pandas(frame)
    assert made.equals(wanted)
    assert made.schema.equals(wanted.schema, check_metadata=True)


@settings(max_examples=25, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(COLUMNS)), unique=True), index=st.sampled_from(sorted(INDEXES)))
def test_a_long_frame_is_the_table_that_arrow_makes_of_it(names: list[str], index: str) -> None:
    _as_arrow_has_it(pd.DataFrame({name: COLUMNS[name] for name in names}, index=INDEXES[index]))


@settings(max_examples=25, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(COLUMNS)), unique=True), index=st.sampled_from(sorted(INDEXES)))
def test_a_long_frame_comes_back_as_arrow_gives_it_back(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], index: str
) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("store"))
    frame = pd.DataFrame({name: COLUMNS[name] for name in names}, index=INDEXES[index])
    wanted = pa.Table.from_pandas(frame).to_pandas()
    pd.testing.assert_frame_equal(shelf.round_trip(frame, "Table"), wanted)


@pytest.mark.parametrize(
    "labels",
    [[1, 2, 3], pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["k", "n"]), pd.Index([1.5, 2.5, 3.5])],
    ids=["numbers", "levels", "fractions"],
)
def test_columns_named_by_something_else_than_text(shelf: Shelf, labels: Any) -> None:
    frame = pd.DataFrame(PICK.normal(size=(3, ROWS)).T.copy(order="F"))
    frame[2] = frame[2].astype("int64")
    frame.columns = labels
    _as_arrow_has_it(frame)
    pd.testing.assert_frame_equal(shelf.round_trip(frame, "Table"), frame)


def test_rows_that_lie_in_a_row_are_taken_apart_by_arrow(shelf: Shelf) -> None:
    frame = pd.DataFrame(np.arange(2.0 * ROWS).reshape(ROWS, 2), columns=["a", "b"])
    _as_arrow_has_it(frame)
    pd.testing.assert_frame_equal(shelf.round_trip(frame, "Table"), frame)


@pytest.mark.parametrize("name", ["floats", "gaps", "small gaps", "half", "whole", "bytes", "category", "ordered"])
def test_the_reader_gets_the_bytes_of_the_map(tmp_path: Path, name: str) -> None:
    values = frames.from_frame(pd.DataFrame({name: COLUMNS[name]}))
    with pa.OSFile(str(tmp_path / "t"), "w") as sink, pa.ipc.new_file(sink, values.schema) as writer:
        writer.write_table(values)
    with (tmp_path / "t").open("rb") as file:
        mapping = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    whole = np.frombuffer(mapping, dtype=np.uint8)
    table = pa.ipc.open_file(pa.BufferReader(pa.py_buffer(mapping))).read_all()

    frame = frames.to_frame(table, mapping, is_frames=True)
    read = frame[name].array

    assert np.shares_memory(read.codes if isinstance(read, pd.Categorical) else np.asarray(read), whole)
    frame.loc[3, name] = frame.loc[4, name]
    assert frame.loc[3, name] == COLUMNS[name][4]


def test_what_is_null_in_another_librarys_table_is_nan_in_the_frame(shelf: Shelf) -> None:
    for table in (pl.DataFrame({"x": [1.5, None]}), pa.table({"x": [1.5, None]})):
        assert np.isnan(shelf.round_trip(table, "Table", "pandas")["x"].iloc[1])


def test_an_arrow_table_that_was_a_frame_once_shows_its_own_nulls(shelf: Shelf) -> None:
    once = pa.Table.from_pandas(pd.DataFrame({"x": [1.5, 2.5], "y": [1, 2]}))
    table = once.set_column(0, "x", pa.array([None, 2.5])).select(["y", "x"])

    frame = shelf.round_trip(table, "Table", "pandas")

    assert frame["y"].tolist() == [1, 2]
    assert np.isnan(frame["x"].iloc[0])


def test_text_put_together_of_pieces_does_not_cut_the_other_columns(shelf: Shelf) -> None:
    half = pd.DataFrame({"s": pd.array(["a", "b"], dtype="str"), "x": [1.0, 2.0]})
    frame = pd.concat([half, half], ignore_index=True)

    table = shelf.round_trip(frame, "Table", "pyarrow")

    assert table.column("x").num_chunks == 1
    pd.testing.assert_frame_equal(table.to_pandas(), frame)


def test_a_pyarrow_table_with_two_columns_of_one_name_keeps_both(shelf: Shelf) -> None:
    table = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3.5, None])], names=["x", "x"])
    frame = shelf.round_trip(table, "Table", "pandas")
    assert frame.iloc[:, 0].tolist() == [1, 2]
    assert frame.iloc[0, 1] == 3.5


def test_every_second_row_of_a_frame_is_taken_apart_by_arrow(shelf: Shelf) -> None:
    frame = pd.DataFrame({"x": np.arange(2.0 * ROWS)}).iloc[::2].reset_index(drop=True)
    assert not frame["x"].to_numpy().flags.c_contiguous
    _as_arrow_has_it(frame)
    pd.testing.assert_frame_equal(shelf.round_trip(frame, "Table"), frame)


def test_a_column_called_like_the_index_stays_where_it_was(shelf: Shelf) -> None:
    table = pa.Table.from_pandas(pd.DataFrame({"a": [1, 2]}, index=pd.Index([5, 6], name="row")))
    twice = table.append_column("row", pa.array([7, 8]))
    pd.testing.assert_frame_equal(shelf.round_trip(twice, "Table", "pandas"), twice.to_pandas())


def test_practising_leaves_no_thread_that_a_fork_would_lose() -> None:
    threads = set(Path("/proc/self/task").iterdir())
    frames.practise()
    assert set(Path("/proc/self/task").iterdir()) <= threads


def test_columns_of_each_sort_beside_each_other_in_one_long_frame(shelf: Shelf) -> None:
    frame = pd.DataFrame(
        {name: COLUMNS[name] for name in ("floats", "truth", "category", "category with gaps", "text")}
    )
    _as_arrow_has_it(frame)
    pd.testing.assert_frame_equal(shelf.round_trip(frame, "Table"), pa.Table.from_pandas(frame).to_pandas())
