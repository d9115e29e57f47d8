"""What lies in a store and what refers to what, from the files alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from store.stored import Shelf

from treadle.store import inventory

ONE, TWO = "a" * 64, "0123456789abcdef" * 4


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_every_digest_of_a_file_is_found_and_no_longer_number(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(f'{{"digest": "{ONE}"}} {TWO}\n{"f" * 65} {"f" * 63}\n')

    assert inventory.digests_in(file) == {ONE, TWO}
    assert inventory.digests_in(tmp_path / "gone") == frozenset()


@pytest.mark.parametrize("before", range(0, 70, 7))
def test_a_digest_on_the_border_of_two_reads_is_found(
    tmp_path: Path, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "_CHUNK", 80)
    file = tmp_path / "file"
    file.write_text(f"{'-' * (before + 20)}{ONE}{'-' * 50}")

    assert inventory.digests_in(file) == {ONE}


def test_what_lists_and_folders_hold_belongs_to_them_at_any_depth(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("deep")
    listed = shelf.put([tmp_path / "folder"], "list[Directory]")

    found = inventory.closure(shelf.store.root, [listed.digest])

    deep = shelf.put(tmp_path / "folder" / "a.txt", "File")
    assert {listed.digest, deep.digest} < found
    assert len(found) == 3
    assert inventory.closure(shelf.store.root, [TWO, TWO]) == {TWO}


def test_every_blob_is_told_with_its_size_and_nothing_else(shelf: Shelf, tmp_path: Path) -> None:
    text = shelf.put("hello", "Text")
    root = Path(shelf.store.root)
    (root / "zz").mkdir()
    (root / "zz" / "not-a-digest").touch()
    (root / text.digest[:2] / "temporary.tmp").touch()
    (root / "README").touch()

    assert list(inventory.blobs(root)) == [(text.digest, 5)]
    assert list(inventory.blobs(tmp_path / "nowhere")) == []


def test_the_size_of_a_folder_is_that_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a").write_bytes(b"12")
    (tmp_path / "deep" / "er" / "b").write_bytes(b"345")

    assert inventory.size_of(tmp_path) == 5
