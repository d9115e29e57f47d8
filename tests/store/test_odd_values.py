"""Values and files that are seldom met: each is kept as what it is, or refused in words that say why."""

from __future__ import annotations

import builtins
import math
import numbers
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from store.stored import Shelf

from treadle.store import digests, files, index, objects, plain
from treadle.store.codecs import BlobWriter, Unsuitable, load
from treadle.store.journal import read_journal
from treadle.store.logs import LogFile
from treadle.store.previews import preview
from treadle.store.project import find_project
from treadle.store.secrets import how_to_set


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


class Unpicklable:
    def __reduce__(self) -> str:
        raise TypeError("it holds an open connection")


def test_any_keeps_a_folder_as_a_folder_and_a_file_as_a_file(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("a")

    assert shelf.put(tmp_path / "folder", "Any").codec == "directory"
    assert shelf.put(tmp_path / "folder" / "a.txt", "Any").codec == "file"


def test_any_keeps_a_figure_as_a_picture_and_an_estimator_as_a_model(shelf: Shelf) -> None:
    from matplotlib.figure import Figure
    from sklearn.linear_model import LinearRegression

    assert shelf.put(Figure(), "Any").codec == "png"
    assert shelf.put(LinearRegression(), "Any").codec == "joblib"


def test_an_artifact_that_was_cleaned_away_is_named(shelf: Shelf) -> None:
    fields = shelf.fields("hello", "Text")
    for blob in Path(shelf.store.root).rglob("*"):
        if blob.is_file():
            blob.unlink()

    with pytest.raises(FileNotFoundError, match=f"{fields['digest'][:12]} is no longer in the store"):
        load(fields, "", str(shelf.store.root), str(shelf.root), "port")


def test_a_codec_of_a_newer_treadle_is_said_to_be_one(shelf: Shelf) -> None:
    fields = {**shelf.fields("hello", "Text"), "codec": "hologram"}

    with pytest.raises(ValueError, match="'hologram'; a newer Treadle wrote it"):
        load(fields, "", str(shelf.store.root), str(shelf.root), "port")


def test_a_disk_that_takes_nothing_more_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "writev", lambda descriptor, views: 0)
    with (tmp_path / "file").open("wb") as file, pytest.raises(OSError, match="takes no more bytes"):
        digests.write_all(file.fileno(), [memoryview(b"some")])


def test_a_socket_in_a_folder_cannot_be_kept(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "pipe")

    with pytest.raises(Unsuitable, match="neither a file nor a folder"):
        shelf.put(tmp_path / "folder", "Directory")


def folder_of(shelf: Shelf, tmp_path: Path) -> tuple[str, str]:
    """(manifest's path, digest) of a kept folder with one file."""
    (tmp_path / "folder").mkdir(exist_ok=True)
    (tmp_path / "folder" / "a.txt").write_text("a")
    ref = shelf.put(tmp_path / "folder", "Directory")
    return str(shelf.store.path(ref)), ref.digest


def test_a_folder_is_laid_out_once(shelf: Shelf, tmp_path: Path) -> None:
    manifest, digest = folder_of(shelf, tmp_path)

    first = files.lay_out(manifest, digest, str(shelf.store.root))
    (first / "mark").touch()

    assert files.lay_out(manifest, digest, str(shelf.store.root)) == first
    assert (first / "mark").exists()


def test_a_quicker_readers_folder_is_taken(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest, digest = folder_of(shelf, tmp_path)
    rename = os.rename

    def late(source: str, target: str) -> None:
        Path(target).mkdir()
        (Path(target) / "a.txt").write_text("the other's")
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    found = files.lay_out(manifest, digest, str(shelf.store.root))

    assert (found / "a.txt").read_text() == "the other's"
    assert [each.name for each in found.parent.iterdir()] == [digest]


def test_a_folder_that_cannot_be_laid_out_leaves_nothing(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, digest = folder_of(shelf, tmp_path)

    def refuse(source: str, target: str) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(PermissionError):
        files.lay_out(manifest, digest, str(shelf.store.root))
    assert list((Path(shelf.store.root) / "trees").iterdir()) == []


def test_a_manifest_that_leads_out_of_its_folder_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest"
    manifest.write_bytes(plain.to_json({"entries": [{"path": "../../evil", "digest": "0" * 64, "size": 1}]}))

    with pytest.raises(files.NotAFile, match="outside of it"):
        files.lay_out(str(manifest), "f" * 64, str(shelf.store.root))
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("dump", [objects.dump_pickle, lambda value, store: objects.dump_model(value, store, "skops")])
def test_what_cannot_be_pickled_is_named(shelf: Shelf, dump: Callable[..., Any]) -> None:
    with pytest.raises(objects.NotAnObject, match="Unpicklable"):
        dump(Unpicklable(), BlobWriter(str(shelf.store.root)))


def test_a_model_without_joblib_is_a_pickle(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "joblib":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert shelf.put({"weights": [1, 2]}, "Model").codec == "pickle"


def test_a_figure_may_be_the_path_of_a_png(shelf: Shelf, tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    Figure(figsize=(1, 1)).savefig(tmp_path / "chart.png")
    assert shelf.put(tmp_path / "chart.png", "Figure").codec == "png"
    (tmp_path / "not.png").write_text("words")
    with pytest.raises(Unsuitable, match="not a matplotlib figure"):
        shelf.put(tmp_path / "not.png", "Figure")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Path("data/x.csv"), "data/x.csv"), (np.array([1, 2]), [1, 2]),
        (pd.Series([1], index=["a"]), {"a": 1}), (pl.Series([1, 2]), [1, 2]),
    ],
)  # fmt: skip
def test_what_json_can_say_of_other_types(shelf: Shelf, value: Any, shown: Any) -> None:
    assert shelf.round_trip({"it": value}, "Json") == {"it": shown}


def test_a_polars_series_and_a_lazy_frame_are_tables(shelf: Shelf) -> None:
    assert shelf.round_trip(pl.Series("a", [1, 2]), "Table", "polars").to_dict(as_series=False) == {"a": [1, 2]}
    assert shelf.round_trip(pl.LazyFrame({"a": [1]}), "Table", "polars").to_dict(as_series=False) == {"a": [1]}


def test_numbers_that_json_has_not_are_shown_as_words(shelf: Shelf) -> None:
    shown = preview(shelf.store, shelf.put({"a": [math.inf, {"b": math.nan}], "c": 1.5}, "Json")).value
    assert shown == {"a": ["inf", {"b": "nan"}], "c": 1.5}


def test_an_array_of_records_and_a_cube_are_shown_by_their_facts(shelf: Shelf) -> None:
    assert preview(shelf.store, shelf.put(np.zeros((2, 2, 2)), "Array")).kind == "facts"
    assert preview(shelf.store, shelf.put(np.zeros(2, dtype=[("a", "i4")]), "Array")).kind == "facts"


def test_json_of_many_megabytes_is_shown_as_the_beginning_of_its_text(shelf: Shelf) -> None:
    shown = preview(shelf.store, shelf.put(["x" * 1000] * 3000, "Json"))
    assert shown.kind == "text"
    assert shown.value.startswith('["xxx')


def test_a_pil_image_is_a_picture(shelf: Shelf) -> None:
    from PIL import Image

    ref = shelf.put(Image.new("RGB", (3, 2), "red"), "Any")
    assert (ref.codec, ref.meta["width"], ref.meta["height"]) == ("png", 3, 2)


def test_whole_numbers_of_other_libraries_and_times_are_json(shelf: Shelf) -> None:
    class Whole:
        def __int__(self) -> int:
            return 7

    numbers.Integral.register(Whole)
    value = {"n": Whole(), "day": date(2024, 1, 2), "words": "x", "none": None}

    assert shelf.round_trip(value, "Json") == {"n": 7, "day": "2024-01-02", "words": "x", "none": None}
    assert preview(shelf.store, shelf.put(value, "Json")).value["words"] == "x"


def test_categories_are_read_by_a_pandas_that_looks_through_all_codes(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"c": pd.Categorical(["x", "y", "x", "z"] * 1000)})
    fields = shelf.fields(frame, "Table")

    newer = pd.Categorical.from_codes

    def older(*arguments: Any, **options: Any) -> Any:
        if "validate" in options:
            raise TypeError("from_codes() got an unexpected keyword argument 'validate'")
        return newer(*arguments, **options)

    monkeypatch.setattr(pd.Categorical, "from_codes", older)
    found = load(fields, "pandas", str(shelf.store.root), str(shelf.root), "port")
    monkeypatch.undo()
    pd.testing.assert_frame_equal(found, frame)


def test_a_log_that_was_cut_while_it_was_read_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"one\ntwo\n")
    log = LogFile(path)
    with path.open("rb") as file:
        log._index(file, 1_000_000)

    assert log.line_count() == 2


def test_a_journal_that_is_not_there_reads_as_empty(tmp_path: Path) -> None:
    reading = read_journal(tmp_path / "events.jsonl", 7)
    assert (reading.records, reading.end, reading.is_cut) == ((), 7, False)


def test_a_run_without_a_journal_is_marked_as_such(tmp_path: Path) -> None:
    assert index._mark(tmp_path) == "none"
    (tmp_path / "events.jsonl").write_text("{}\n")
    assert index._mark(tmp_path).startswith("3 ")


def test_a_missing_secret_is_asked_for_in_words() -> None:
    assert how_to_set("warehouse") == (
        "`treadle secret set warehouse`, or set TREADLE_SECRET_WAREHOUSE in the engine's environment"
    )


def test_where_nothing_is_the_project_is_the_files_own_folder(tmp_path: Path) -> None:
    nowhere = tmp_path / "gone" / "x.treadle.yaml"
    assert find_project(nowhere).root == nowhere.parent
    run = find_project(nowhere).run("r1")
    assert (run.pipelines.name, run.recipes.name) == ("pipelines", "recipes.jsonl")
    assert run.pipelines.parent == run.recipes.parent == run.path


def test_categories_that_lack_values_are_copied(shelf: Shelf) -> None:
    frame = pd.DataFrame({"c": pd.Categorical(["x", None] * 100)})
    found = shelf.round_trip(frame, "Table")
    pd.testing.assert_frame_equal(found, frame)
    found.loc[0, "c"] = None  # it is the reader's own
