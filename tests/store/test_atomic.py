from __future__ import annotations

import errno
import os
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treadle.store import atomic
from treadle.store.atomic import UnsafePath, file_name, safe_child, write_atomic


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 64 KiB, where we may mount one."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("not permitted to mount a small disk")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_is_written_as_the_umask_says(tmp_path):
    old = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a.yaml", b"new")
    finally:
        assert os.umask(old) == 0o027
    assert (tmp_path / "a.yaml").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "a.yaml").stat().st_mode) == 0o640
    assert _names(tmp_path) == ["a.yaml"]


def test_a_replaced_file_keeps_its_mode(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(0o600)
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomic(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_links_that_go_in_a_circle_are_named(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="could not save") as caught:
        write_atomic(tmp_path / "a", b"new")
    assert caught.value.errno == errno.ELOOP


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tiny_disk):
    path = tiny_disk / "a.yaml"
    write_atomic(path, b"old" * 1000)
    with pytest.raises(OSError, match="could not save") as caught:
        write_atomic(path, b"new" * 100_000)
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"old" * 1000
    assert _names(tiny_disk) == ["a.yaml"]


def test_short_writes_are_carried_on_to_the_end(tmp_path, monkeypatch):
    whole = os.write
    monkeypatch.setattr(atomic.os, "write", lambda descriptor, data: whole(descriptor, data[:7]))
    write_atomic(tmp_path / "a", bytes(range(256)))
    assert (tmp_path / "a").read_bytes() == bytes(range(256))


def test_a_disk_that_takes_nothing_more_counts_as_full(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"old")
    monkeypatch.setattr(atomic.os, "write", lambda descriptor, data: 0)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomic(tmp_path / "a", b"new")
    assert caught.value.errno == errno.ENOSPC
    assert (tmp_path / "a").read_bytes() == b"old"
    assert _names(tmp_path) == ["a"]


@pytest.mark.parametrize("call", ["write", "fsync", "fchmod", "replace"])
def test_whatever_fails_the_old_file_stays(tmp_path, monkeypatch, call):
    """I8."""

    def fail(*_args):
        raise OSError(errno.EIO, "Input/output error")

    (tmp_path / "a").write_bytes(b"old")
    with monkeypatch.context() as patched:
        patched.setattr(Path if call == "replace" else atomic.os, call, fail)
        with pytest.raises(OSError, match="could not save: Input/output error"):
            write_atomic(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert _names(tmp_path) == ["a"]


def test_a_folder_that_cannot_be_synced_does_not_fail_the_save(tmp_path, monkeypatch):
    calls = []

    def only_files(descriptor):
        calls.append(descriptor)
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(atomic.os, "fsync", only_files)
    write_atomic(tmp_path / "a", b"new")
    assert len(calls) == 2
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match="gone") as caught:
        write_atomic(tmp_path / "gone" / "a", b"new")
    assert caught.value.errno == errno.ENOENT


def test_a_name_of_the_greatest_length_can_be_saved(tmp_path):
    write_atomic(tmp_path / ("n" * 255), b"new")
    assert _names(tmp_path) == ["n" * 255]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "a\\b", "a\0"])
def test_no_name_leads_out_of_its_folder(tmp_path, name):
    with pytest.raises(UnsafePath):
        safe_child(tmp_path, "runs", name)


def test_harmless_names_are_joined(tmp_path):
    assert safe_child(tmp_path, "runs", "a b.json") == tmp_path / "runs" / "a b.json"


@given(st.text(), st.text())
def test_any_text_becomes_a_safe_name_of_its_own(one, other):
    name = file_name(one)
    assert safe_child(Path("/root"), name) == Path("/root") / name
    assert name.isascii()
    assert len(name) <= 60
    if one != other:
        assert name.casefold() != file_name(other).casefold()


@pytest.mark.parametrize("text", ["fit", "train_test_split", "fit-2"])
def test_a_plain_name_stays_readable(text):
    assert file_name(text) == text


@pytest.mark.parametrize("text", ["Fit", "con", "com1", "..", "", "a/b", "日本", "\ud800", "x" * 300, " ", "a."])
def test_a_troublesome_name_gets_a_hash(text):
    name = file_name(text)
    assert name != text
    assert name[-17] == "-"
    assert file_name(name) != name  # nor can a name be chosen that meets it


def test_a_folder_in_the_way_is_left_alone(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    with pytest.raises(OSError, match="could not save"):
        write_atomic(folder, b"a folder is no file")
    assert _names(tmp_path) == ["a"]
