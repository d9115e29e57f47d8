"""Locks that go with their holder, and files that are one user's."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from treadle.store.locks import lock, try_exclusive, try_shared
from treadle.store.owners import is_ours_alone, user_id


@contextmanager
def opened(file: Path) -> Iterator[int]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    yield descriptor
    os.close(descriptor)


def test_one_has_a_file_alone_or_several_share_it(tmp_path: Path) -> None:
    with opened(tmp_path / "lock") as one, opened(tmp_path / "lock") as other, opened(tmp_path / "lock") as third:
        assert try_shared(one)
        assert try_shared(other)
        assert not try_exclusive(third)
    with opened(tmp_path / "lock") as one, opened(tmp_path / "lock") as other:
        assert try_exclusive(one)
        assert not try_shared(other)
        assert not try_exclusive(other)


def test_who_waits_gets_the_file_when_its_holder_lets_go(tmp_path: Path) -> None:
    got: list[float] = []

    def wait() -> None:
        with opened(tmp_path / "lock") as mine:
            lock(mine)
            got.append(time.monotonic())

    with opened(tmp_path / "lock") as held:
        assert try_exclusive(held)
        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.05)
        let_go = time.monotonic()
    waiting.join(5)
    assert got[0] >= let_go


def test_a_file_that_others_may_write_is_not_ours_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(0o600)
    assert file.stat().st_uid == user_id()
    assert is_ours_alone(file.stat())
    file.chmod(0o620)
    assert not is_ours_alone(file.stat())
    file.chmod(0o602)
    assert not is_ours_alone(file.stat())
