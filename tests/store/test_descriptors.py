"""Files are read as they are; what is no plain file is an error, and nobody waits for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from treadle.store.descriptors import read_plain


def test_a_file_is_read_from_where_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"one\r\ntwo")
    assert read_plain(tmp_path / "file") == b"one\r\ntwo"
    assert read_plain(tmp_path / "file", offset=5) == b"two"


@pytest.mark.timeout(10)
def test_a_pipe_and_a_device_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="not a plain file"):
            read_plain(path)
