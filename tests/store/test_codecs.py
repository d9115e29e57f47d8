"""Every codec: what comes back, what is said about it, what is refused and how."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store.stored import Shelf

from treadle.store.codecs import BlobWriter, Unsuitable, dump, load


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


FRAMES = {
    "numbers": pd.DataFrame({"i": [1, 2, 3], "f": [1.5, math.nan, 3.0], "b": [True, False, True]}),
    "text": pd.DataFrame({"s": ["a", None, "ü" * 1000]}),
    "objects": pd.DataFrame({"s": np.array(["a", "b"], dtype=object)}),
    "categories": pd.DataFrame({"c": pd.Categorical(["x", "y", "x"], categories=["y", "x"], ordered=True)}),
    "times": pd.DataFrame(
        {
            "plain": pd.to_datetime(["2024-01-01", None]),
            "zone": pd.to_datetime(["2024-01-01", "2024-06-01"]).tz_localize("Europe/Berlin"),
            "delta": pd.to_timedelta([1, 2], unit="h"),
        }
    ),
    "nullable": pd.DataFrame({"i": pd.array([1, None], dtype="Int64"), "b": pd.array([True, None], dtype="boolean")}),
    "index": pd.DataFrame({"v": [1, 2]}, index=pd.Index(["r1", "r2"], name="row")),
    "dates": pd.DataFrame({"v": [1.0, 2.0]}, index=pd.date_range("2024-01-01", periods=2, freq="D")),
    "levels": pd.DataFrame({"v": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])),
    "filtered": pd.DataFrame({"v": [1, 2, 3]})[[True, False, True]],
    "named by numbers": pd.DataFrame([[1, 2.5], [3, 4.5]]),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="float64"), "s": pd.Series([], dtype="str")}),
    "no columns": pd.DataFrame(index=pd.RangeIndex(3)),
    "nothing": pd.DataFrame(),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_pandas_frame_comes_back_the_same(shelf: Shelf, name: str) -> None:
    pd.testing.assert_frame_equal(shelf.round_trip(FRAMES[name], "Table"), FRAMES[name], check_freq=False)


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_read_from_the_map_can_be_changed_in_place(shelf: Shelf, name: str) -> None:
    reference = shelf.fields(FRAMES[name], "Table")
    for _ in range(2):  # the second reader sees no change of the first
        frame = shelf.round_trip(FRAMES[name], "Table")
        pd.testing.assert_frame_equal(frame, FRAMES[name], check_freq=False)
        for column in frame.columns:
            if len(frame):
                frame.loc[frame.index[0], column] = frame[column].iloc[-1]
    assert shelf.store.verify(shelf.put(FRAMES[name], "Table"))
    assert reference["digest"] == shelf.fields(FRAMES[name], "Table")["digest"]


def test_numbers_are_not_copied_by_the_reader(shelf: Shelf) -> None:
    frame = shelf.round_trip(pd.DataFrame({"a": np.arange(1000.0), "b": np.arange(1000)}), "Table")
    owners = [column.to_numpy().base for _, column in frame.items()]
    assert all(owner is not None for owner in owners)
    assert not any(column.to_numpy().flags.owndata for _, column in frame.items())


def test_a_series_comes_back_as_a_series(shelf: Shelf) -> None:
    series = pd.Series([1, 2], name="v", index=[10, 20])
    pd.testing.assert_series_equal(shelf.round_trip(series, "Table"), series)
    unnamed = pd.Series([1, 2])
    pd.testing.assert_series_equal(shelf.round_trip(unnamed, "Table"), unnamed)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize(
    "value",
    [pd.DataFrame({"a": [1, 2], "s": ["x", "y"]}), pl.DataFrame({"a": [1, 2], "s": ["x", "y"]}),
     pl.LazyFrame({"a": [1, 2], "s": ["x", "y"]}), pa.table({"a": [1, 2], "s": ["x", "y"]}),
     pa.record_batch({"a": [1, 2], "s": ["x", "y"]})],
    ids=lambda value: f"{type(value).__module__.partition('.')[0]}-{type(value).__name__}",
)  # fmt: skip
def test_tables_pass_between_libraries(shelf: Shelf, value: Any, kind: str) -> None:
    read = shelf.round_trip(value, "Table", kind)
    assert type(read).__module__.partition(".")[0] == kind
    columns = read.to_pydict() if kind == "pyarrow" else {name: list(read[name]) for name in ("a", "s")}
    assert columns == {"a": [1, 2], "s": ["x", "y"]}


def test_a_table_without_a_wish_comes_as_it_was_made(shelf: Shelf) -> None:
    assert isinstance(shelf.round_trip(pl.DataFrame({"a": [1]}), "Table"), pl.DataFrame)
    assert isinstance(shelf.round_trip(pa.table({"a": [1]}), "Table"), pa.Table)


def test_a_table_as_numpy(shelf: Shelf) -> None:
    array = shelf.round_trip(pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}), "Table", "numpy")
    assert array.tolist() == [[1, 3], [2, 4]]


def test_a_tables_facts(shelf: Shelf) -> None:
    meta = shelf.put(FRAMES["index"], "Table").meta
    assert meta == {"rows": 2, "columns": [{"name": "v", "type": "int64"}], "class": "pandas.DataFrame"}


def test_a_frame_is_named_by_its_content(shelf: Shelf) -> None:
    assert shelf.put(FRAMES["text"], "Table").digest == shelf.put(FRAMES["text"].copy(), "Table").digest
    assert shelf.put(FRAMES["text"], "Table").digest != shelf.put(FRAMES["numbers"], "Table").digest


class Point(NamedTuple):
    x: int
    y: int


@pytest.mark.parametrize(
    ("value", "type_name", "said"),
    [
        (None, "Table", "returned None"),
        ([1, 2], "Table", "returned list"),
        (np.zeros((2, 2)), "Table", "returned ndarray"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "Table", "several columns named a"),
        (pd.DataFrame({"mixed": [1, "x"]}), "Table", "column mixed"),
        (None, "Array", "returned None"),
        (np.array([object()]), "Array", "holds Python objects"),
        ([[1], [1, 2]], "Array", "not an array"),
        (None, "Model", "returned None"),
        (lambda x: x, "Model", "cannot be pickled"),
        (3.0, "Metrics", "not a mapping"),
        ({"a": [1]}, "Metrics", "the metric a is a list"),
        ({"deep": [{"x": object()}]}, "Json", "object at $.deep[0].x"),
        ({(1, 2): 3, object(): 1}, "Json", "the key"),
        (3, "Text", "returned int"),
        ("yes", "bool", "returned str, not a bool"),
        (1.5, "int", "returned float, not a int"),
        (True, "str", "not a str"),
        ("1", "float", "not a float"),
        ("today", "datetime", "not a datetime"),
        (b"GIF89a", "Image", "PNG"),
        (None, "Figure", "matplotlib figure"),
        ("/no/such/file", "File", "does not exist"),
        (3, "File", "returned int"),
        ("/", "File", "not a file"),
        ("/etc/hostname", "Directory", "not a folder"),
        (5, "list[int]", "not a list"),
        ([1, "x"], "list[int]", "item 1: returned str"),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_port_is_refused_in_words(shelf: Shelf, value: Any, type_name: str, said: str) -> None:
    with pytest.raises(Unsuitable) as caught:
        shelf.fields(value, type_name)
    assert said in str(caught.value)


def test_something_inside_itself_is_refused(shelf: Shelf) -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(Unsuitable, match="inside itself"):
        shelf.fields(loop, "Json")


@pytest.mark.parametrize(
    ("value", "type_name", "expected"),
    [
        (np.float64(1.5), "float", 1.5),
        (3, "float", 3.0),
        (np.int32(3), "int", 3),
        (np.bool_(True), "bool", True),
        (np.str_("x"), "str", "x"),
        (math.inf, "float", math.inf),
        (datetime(2024, 1, 2, tzinfo=UTC), "datetime", "2024-01-02T00:00:00+00:00"),
        ({"auc": np.float32(0.5), "n": np.int64(3), "ok": True, "none": None}, "Metrics",
         {"auc": 0.5, "n": 3, "ok": True, "none": None}),
        ({"a": np.arange(3), 1: (1, 2), "p": Path("x"), "s": {2, 1}, "d": Decimal("1.5")}, "Json",
         {"a": [0, 1, 2], "1": [1, 2], "p": "x", "s": [1, 2], "d": 1.5}),
        (Point(1, 2), "Json", {"x": 1, "y": 2}),
        (pd.Series([1, 2]), "Json", {"0": 1, "1": 2}),
        ("text\nü\ud800", "Text", "text\nü\ud800"),
        ("<b>", "Html", "<b>"),
    ],
)  # fmt: skip
def test_plain_values(shelf: Shelf, value: Any, type_name: str, expected: Any) -> None:
    assert shelf.round_trip(value, type_name) == expected


def test_nan_survives_and_its_fact_is_text(shelf: Shelf) -> None:
    assert math.isnan(shelf.round_trip({"loss": math.nan}, "Metrics")["loss"])
    assert shelf.put({"loss": math.nan}, "Metrics").meta == {"values": {"loss": "nan"}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=json_values)
def test_any_json_comes_back_equal(shelf: Shelf, value: Any) -> None:
    assert shelf.round_trip(value, "Json") == value
    assert shelf.round_trip(value, "Any") == value


def test_arrays(shelf: Shelf) -> None:
    array = np.arange(12.0).reshape(3, 4)
    read = shelf.round_trip(array, "Array")
    assert (read == array).all()
    read[0, 0] = 5
    assert shelf.round_trip(array, "Array")[0, 0] == 0
    assert shelf.put(array, "Array").meta == {"shape": [3, 4], "dtype": "float64"}
    assert shelf.round_trip(pd.Series([1, 2]), "Array").tolist() == [1, 2]
    assert shelf.round_trip([[1, 2], [3, 4]], "Array", "pandas").shape == (2, 2)
    assert shelf.round_trip(np.array(["a", "bc"]), "Array").tolist() == ["a", "bc"]


def test_a_sparse_matrix(shelf: Shelf) -> None:
    from scipy.sparse import csr_matrix

    read = shelf.round_trip(csr_matrix([[0, 1], [2, 0]]), "Array")
    assert read.toarray().tolist() == [[0, 1], [2, 0]]


def test_a_fitted_model_predicts_the_same(shelf: Shelf) -> None:
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit([[0], [1]], [0, 2])
    ref = shelf.put(model, "Model")
    assert ref.meta["class"] == "sklearn.linear_model._base.LinearRegression"
    assert set(ref.meta["versions"]) == {"python", "numpy", "sklearn"}
    assert shelf.round_trip(model, "Model").predict([[3]]) == pytest.approx([6])
    assert shelf.round_trip(model, "Any").predict([[3]]) == pytest.approx([6])


def test_a_model_as_skops_where_it_is_asked(shelf: Shelf) -> None:
    from sklearn.linear_model import LinearRegression

    fields = dump(LinearRegression().fit([[0], [1]], [0, 2]), "Model", BlobWriter(str(shelf.store.root)), "skops")
    assert fields["codec"] == "skops"
    assert load(fields, "", str(shelf.store.root), "", "model").predict([[3]]) == pytest.approx([6])


def test_figures_axes_and_png_bytes(shelf: Shelf) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    axes = figure.add_subplot()
    axes.plot([1, 2])
    png = shelf.round_trip(figure, "Figure")
    assert png.startswith(b"\x89PNG")
    assert shelf.round_trip(axes, "Figure") == png
    assert shelf.round_trip(png, "Image") == png
    meta = shelf.put(png, "Image").meta
    assert meta["width"] > meta["height"] > 50


def test_a_file_keeps_its_name_for_its_reader(shelf: Shelf, tmp_path: Path) -> None:
    source = tmp_path / "data.csv.gz"
    source.write_bytes(b"abc")
    read = shelf.round_trip(source, "File")
    source.write_bytes(b"changed")
    assert (read.name, read.read_bytes()) == ("data.csv.gz", b"abc")
    assert shelf.put(read, "File").meta == {"name": "data.csv.gz"}


def test_a_directory_is_named_by_what_is_in_it(shelf: Shelf, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    (folder / "inner" / "empty").mkdir(parents=True)
    (folder / "inner" / "a.txt").write_text("a")
    (folder / "tool").write_text("#!/bin/sh\n")
    (folder / "tool").chmod(0o755)
    read = shelf.round_trip(folder, "Directory")
    assert sorted(str(path.relative_to(read)) for path in read.rglob("*")) == [
        "inner", "inner/a.txt", "inner/empty", "tool",
    ]  # fmt: skip
    assert (read / "tool").stat().st_mode & 0o111
    again = shelf.put(folder, "Directory")
    assert again.meta == {"name": "made", "files": 2}
    assert shelf.store.holds(again)
    (folder / "inner" / "a.txt").write_text("b")
    assert shelf.put(folder, "Directory").digest != again.digest


def test_a_value_as_a_path_has_a_telling_suffix(shelf: Shelf) -> None:
    assert shelf.round_trip({"a": 1}, "Json", "path").suffix == ".json"
    assert pa.ipc.open_file(str(shelf.round_trip(FRAMES["text"], "Table", "path"))).read_all().num_rows == 3


def test_lists(shelf: Shelf) -> None:
    ref = shelf.put([FRAMES["numbers"], FRAMES["text"]], "list[Table]")
    assert (ref.codec, ref.meta) == ("list", {"items": 2})
    read = shelf.round_trip([FRAMES["numbers"], FRAMES["text"]], "list[Table]")
    pd.testing.assert_frame_equal(read[1], FRAMES["text"])
    assert shelf.round_trip([], "list[int]") == []


@pytest.mark.parametrize(
    ("value", "codec"),
    [
        (pd.DataFrame({"a": [1]}), "arrow"),
        (np.arange(3), "npy"),
        ({"a": 1}, "json"),
        ("text", "text"),
        ({"a": {1, 2}}, "pickle"),
        (complex(1, 2), "pickle"),
    ],
)
def test_any_takes_the_codec_that_suits(shelf: Shelf, value: Any, codec: str) -> None:
    assert shelf.put(value, "Any").codec == codec
    read = shelf.round_trip(value, "Any")
    assert type(read) is type(value)


def test_a_value_of_no_declared_type_is_json_where_json_gives_it_back_and_a_pickle_elsewhere(tmp_path: Path) -> None:
    writer = BlobWriter(str(tmp_path))
    for value in ([1, "a", [None]], {"a": [1.5], "b": {"c": True}}, [], {}):
        assert dump(value, "Any", writer)["codec"] == "json", value
    for value in ([(1, 2)], {1: "a"}, {"a": {2}}, (1,)):
        assert dump(value, "Any", writer)["codec"] == "pickle", value
