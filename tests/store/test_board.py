"""What engines tell each other: heard while they live, forgotten when they die, and never in anybody's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from treadle.store.board import Board

TELL = """
import pathlib, sys, time
from treadle.store.board import Board
board = Board(pathlib.Path(sys.argv[1]))
with board.locked():
    board.others()
    board.write({"told": "by another"})
    if sys.argv[2] == "stay":
        print("in it", flush=True)
        time.sleep(60)
print("told", flush=True)
time.sleep(60)
"""


def told(board: Board, record: object = None) -> list[object]:
    with board.locked():
        heard = board.others()
        board.write(record)
    return heard


def other_engine(folder: Path, how: str = "go on") -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", TELL, str(folder), how], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    return process


def test_each_hears_what_the_others_said_last(tmp_path: Path) -> None:
    one, two = Board(tmp_path / "b"), Board(tmp_path / "b")
    assert told(one, {"x": 1}) == []
    assert told(two, ["much longer than what comes next"]) == [{"x": 1}]
    assert told(two, [2]) == [{"x": 1}]
    assert told(one) == [[2]]
    two.close()
    assert told(one) == []
    one.close()
    assert [each.name for each in (tmp_path / "b").iterdir()] == ["lock"]


def test_what_a_killed_engine_had_told_counts_for_nothing(tmp_path: Path) -> None:
    process = other_engine(tmp_path)
    board = Board(tmp_path)
    assert told(board) == [{"told": "by another"}]
    process.kill()
    process.wait()
    assert told(board) == []
    assert len(list(tmp_path.iterdir())) == 2
    board.close()


def test_an_engine_that_was_stopped_keeps_its_word_and_nobody_waiting(tmp_path: Path) -> None:
    process = other_engine(tmp_path, "stay")
    try:
        os.kill(process.pid, signal.SIGSTOP)
        board = Board(tmp_path)
        began = time.monotonic()
        assert told(board) == [{"told": "by another"}]
        assert time.monotonic() - began < 5
        board.close()
    finally:
        process.kill()
        process.wait()


def test_what_can_not_be_read_is_passed_over(tmp_path: Path) -> None:
    one, two = Board(tmp_path), Board(tmp_path)
    told(two, [1])
    assert two._own is not None
    os.pwrite(two._own, b"\xff{", 0)
    assert told(one) == []
    one.close()
    two.close()


def test_where_there_is_no_folder_to_be_had_an_engine_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    board = Board(tmp_path / "file" / "board")
    assert told(board, {"x": 1}) == []
    board.close()


def test_a_look_at_the_board_is_cheap(tmp_path: Path) -> None:
    boards = [Board(tmp_path) for _ in range(3)]
    for board in boards:
        told(board, {"run": "r", "held": [1, 2, 3]})
    began = time.process_time()
    for number in range(300):
        told(boards[0], {"run": "r", "held": [number]})
    assert (time.process_time() - began) / 300 < 1e-3
    for board in boards:
        board.close()


@pytest.mark.parametrize("count", [20])
def test_of_many_at_once_none_is_missed(tmp_path: Path, count: int) -> None:
    boards = [Board(tmp_path) for _ in range(count)]
    for number, board in enumerate(boards):
        assert len(told(board, number)) == number
    for board in boards:
        board.close()


def test_a_folder_that_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, other = Board(tmp_path), Board(tmp_path)
    with other.locked():
        other.write({"says": 1})
    with mine.locked():
        mine.others()
        time.sleep(0.1)  # until the folder's time tells whether it has changed
        assert mine.others() == [{"says": 1}]
        monkeypatch.setattr(os, "scandir", lambda folder: pytest.fail("the folder was read"))
        assert mine.others() == [{"says": 1}]
    mine.close()
    other.close()


def test_of_two_who_wait_for_the_lock_each_gets_it(tmp_path: Path) -> None:
    one, two = Board(tmp_path), Board(tmp_path)
    with one.locked():
        one.write(1)
        with two.locked():  # as long as it takes to see that the other was stopped
            assert two.others() == [1]
    one.close()
    two.close()


def test_an_engine_that_left_is_forgotten(tmp_path: Path) -> None:
    one, two = Board(tmp_path), Board(tmp_path)
    told(two, [2])
    assert told(one, [1]) == [[2]]
    two.close()
    assert told(one, [1]) == []
    assert one._others == {}
    one.close()
