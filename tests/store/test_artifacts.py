"""The store: content names the blob, a blob that is there is whole, nothing escapes the folder."""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import os
import sys
import threading
from pathlib import Path

import pytest
from blake3 import blake3
from store.stored import Shelf

from treadle.store import codecs
from treadle.store.artifacts import ArtifactStore, from_fields, to_fields
from treadle.store.digests import PIECE, digest_of_file, is_named, written_and_digested
from treadle.store.references import ArtifactRef


def test_bytes_lie_under_their_digest_once_and_read_only(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    digest, size = store.put_bytes(b"abc")
    assert (digest, size) == (hashlib.sha256(b"abc").hexdigest(), 3)
    path = tmp_path / digest[:2] / digest[2:]
    assert path.read_bytes() == b"abc"
    assert path.stat().st_mode & 0o222 == 0
    before = path.stat().st_ino
    store.put_bytes(b"abc")
    assert path.stat().st_ino == before
    assert list((tmp_path / "tmp").iterdir()) == []


def test_has_holds_and_verify(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    digest, size = store.put_bytes(b"abc")
    ref = ArtifactRef(digest, "Text", "text", size)
    assert store.has(digest)
    assert store.holds(ref)
    assert store.verify(ref)
    store.path(ref).chmod(0o644)
    store.path(ref).write_bytes(b"abX")
    assert not store.holds(ref)
    assert not store.verify(ref)
    store.path(ref).write_bytes(b"")
    assert not store.holds(ref)
    store.path(ref).unlink()
    assert not store.has(digest)
    assert not store.verify(ref)


@pytest.mark.parametrize("damaged", [b"", b"ab", b"abX"])
def test_a_damaged_blob_is_replaced_by_the_next_writer(tmp_path: Path, damaged: bytes) -> None:
    store = ArtifactStore(tmp_path)
    digest, size = store.put_bytes(b"abc")
    ref = ArtifactRef(digest, "Text", "text", size)
    store.path(ref).chmod(0o644)
    store.path(ref).write_bytes(damaged)
    store.put_bytes(b"abc")
    assert store.verify(ref)


def test_a_list_is_held_only_with_all_its_members(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    ref = shelf.put(["a", "b"], "list[Text]")
    assert shelf.store.holds(ref)
    member = shelf.store.members(ref)[0]
    shelf.store.path(from_fields(member)).unlink()
    assert not shelf.store.holds(ref)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, "g" * 64, "a" * 63 + "/"])
def test_what_is_no_digest_is_refused(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="not a digest"):
        ArtifactStore(tmp_path).path(ArtifactRef(digest, "Text", "text", 1))


def test_fields_are_the_inverse_of_a_reference() -> None:
    ref = ArtifactRef("a" * 64, "Table", "arrow", 3, {"rows": 1})
    assert from_fields(to_fields(ref)) == ref


@pytest.mark.parametrize(
    "fields", [None, {}, [], {"digest": "x", "type": "Text", "codec": "text", "size": 1, "meta": {}},
               {"digest": "a" * 64, "type": "Text", "codec": "text", "size": "1", "meta": {}}],
)  # fmt: skip
def test_nonsense_is_no_reference(fields: object) -> None:
    with pytest.raises(ValueError, match=r"digest|artifact"):
        from_fields(fields)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = ArtifactStore(tmp_path)
    with pytest.raises(FileNotFoundError):
        store.put_file(tmp_path / "missing")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_old_half_written_blobs_are_removed_and_young_ones_left(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    for name, when in (("old", 100), ("young", 300)):
        (tmp_path / "tmp" / name).write_bytes(b"x")
        os.utime(tmp_path / "tmp" / name, (when, when))
    ArtifactStore(tmp_path).remove_leftovers(before=200)
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["young"]


def _write(root: str, number: int) -> None:
    for _ in range(50):
        ArtifactStore(Path(root)).put_bytes(b"the same" * 1000)


def test_writers_at_the_same_time_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(str(tmp_path), number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
        assert writer.exitcode == 0
    store = ArtifactStore(tmp_path)
    digest = hashlib.sha256(b"the same" * 1000).hexdigest()
    assert store.verify(ArtifactRef(digest, "Text", "text", 8000))


def test_sync_reaches_every_blob_and_passes_over_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ArtifactStore(tmp_path)
    one, two = (codecs.dump(text, "Text", codecs.BlobWriter(str(tmp_path))) for text in ("one", "two"))
    both = codecs.dump(["one", "two"], "list[Text]", codecs.BlobWriter(str(tmp_path)))
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(Path(f"/proc/self/fd/{fd}").readlink().name))
    store.sync([from_fields(both)])
    assert synced == [fields["digest"][2:] for fields in (both, one, two)]
    store.path(from_fields(one)).unlink()
    store.sync(map(from_fields, (one, two)))
    assert synced[3:] == [two["digest"][2:]]


def test_a_large_blob_is_named_alike_however_it_is_put(tmp_path: Path) -> None:
    pieces = [os.urandom(3 << 20) for _ in range(4)]
    whole = b"".join(pieces)
    file = tmp_path / "whole"
    file.write_bytes(whole)
    store = ArtifactStore(tmp_path / "artifacts")
    writer = codecs.BlobWriter(str(store.root))
    named = writer.put_parts(pieces)
    assert named == writer.put_bytes(whole) == writer.put_file(str(file)) == digest_of_file(str(file))
    ref = ArtifactRef(named[0], "Any", "pickle", named[1])
    assert store.path(ref).read_bytes() == whole
    assert store.verify(ref)
    store.path(ref).chmod(0o600)
    store.path(ref).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert not store.verify(ref)


@pytest.fixture(params=["blake3", "pieces"])
def hashing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """An interpreter that has BLAKE3, and one that has not."""
    if request.param == "pieces":
        monkeypatch.setitem(sys.modules, "blake3", None)
    return str(request.param)


@pytest.mark.usefixtures("hashing")
@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE - 1])
def test_a_digest_depends_on_no_boundaries(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    cuts = sorted({0, size // 7, size // 2, max(size - 1, 0), size})
    parts = [data[start:end] for start, end in itertools.pairwise(cuts)]
    one, other = tmp_path / "one", tmp_path / "other"
    assert written_and_digested(parts, str(one)) == written_and_digested([data], str(other))
    assert one.read_bytes() == data
    assert digest_of_file(str(one)) == written_and_digested(parts, str(other))
    if size <= PIECE:
        assert digest_of_file(str(one))[0] == hashlib.sha256(data).hexdigest()


def test_a_large_blob_is_named_by_its_blake3_or_without_it_by_its_pieces(tmp_path: Path, hashing: str) -> None:
    data = os.urandom(PIECE + 1)
    pieces = b"".join(hashlib.sha256(piece).digest() for piece in (data[:PIECE], data[PIECE:]))
    wanted = {"blake3": blake3(data).hexdigest(), "pieces": hashlib.sha256(b"treadle-pieces" + pieces).hexdigest()}
    assert written_and_digested([data], str(tmp_path / "one")) == (wanted[hashing], len(data))


def test_what_was_written_without_blake3_is_known_to_be_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, file = os.urandom(2 * PIECE), tmp_path / "one"
    with monkeypatch.context() as bare:
        bare.setitem(sys.modules, "blake3", None)
        named, _ = written_and_digested([data], str(file))
    assert named != digest_of_file(str(file))[0]
    assert is_named(str(file), named)
    assert is_named(str(file), digest_of_file(str(file))[0])
    file.write_bytes(data[:-1])
    assert not is_named(str(file), named)


def test_what_only_looks_like_the_pieces_of_another_has_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "blake3", None)
    pieces = [os.urandom(PIECE), os.urandom(PIECE)]
    hashed = b"".join(hashlib.sha256(piece).digest() for piece in pieces)
    named, _ = written_and_digested(pieces, str(tmp_path / "one"))
    assert written_and_digested([hashed], str(tmp_path / "two"))[0] != named


def test_a_write_that_takes_less_than_it_is_given_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.writev
    monkeypatch.setattr(os, "writev", lambda fd, views: whole(fd, [views[0][:700_000]]))
    parts = [os.urandom(3 << 20), b"end"]
    named = written_and_digested(parts, str(tmp_path / "one"))
    assert (tmp_path / "one").read_bytes() == b"".join(parts)
    monkeypatch.undo()
    assert written_and_digested(parts, str(tmp_path / "two")) == named


def test_a_write_that_fails_midway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(fd: int, views: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "writev", fail)
    before = threading.active_count()
    with pytest.raises(OSError, match="No space left"):
        codecs.BlobWriter(str(tmp_path)).put_bytes(bytes(9 << 20))
    assert not any((tmp_path / "tmp").iterdir())
    assert threading.active_count() == before
