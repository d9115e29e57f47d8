"""Locks that go with their holder, and files that are one user's."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from treadle.store.locks import alone_in, lock, try_exclusive, try_shared
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


def test_who_looks_first_and_writes_then_is_alone_in_the_folder(tmp_path: Path) -> None:
    seen: list[str] = []

    def second() -> None:
        with alone_in(tmp_path):
            seen.append("second")

    with alone_in(tmp_path):
        other = threading.Thread(target=second)
        other.start()
        time.sleep(0.1)
        seen.append("first")
    other.join(10)
    assert seen == ["first", "second"]


def test_a_folder_that_is_not_there_keeps_nobody_waiting(tmp_path: Path) -> None:
    with alone_in(tmp_path / "gone"):
        pass


def test_who_stands_still_in_a_folder_is_waited_for_no_longer_than_a_second(tmp_path: Path) -> None:
    with alone_in(tmp_path), alone_in(tmp_path):
        pass
