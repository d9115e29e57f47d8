"""A log is read by windows: any size, any bytes, bounded memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treadle.store.logs import LINE_LIMIT, Level, LogFile, level_of, plain


def test_a_missing_file_is_an_empty_log(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "output.log")
    assert (log.line_count(), log.lines(0, 10)) == (0, [])


def test_follow_sees_what_the_file_grew_by_and_a_line_still_being_written(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"one\ntw")
    log = LogFile(path)
    assert [line.text for line in log.lines(0, 9)] == ["one", "tw"]
    with path.open("ab") as file:
        file.write(b"o\nthree\n")
    assert log.refresh()
    assert [(line.number, line.text) for line in log.lines(1, 9)] == [(2, "two"), (3, "three")]
    assert not log.refresh()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9000)), max_size=40),
    st.integers(0, 60),
    st.integers(1, 60),
    st.booleans(),
)
def test_every_window_is_what_splitting_the_whole_file_gives(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[int, int]], first: int, count: int, ends: bool
) -> None:
    path = tmp_path_factory.mktemp("log") / "output.log"
    wanted = [f"{number}-{'x' * length}" for number, (repeat, length) in enumerate(runs) for _ in range(repeat)]
    text = "\n".join(wanted) + ("\n" if ends and wanted else "")
    half = len(text) // 2
    path.write_text(text[:half])
    log = LogFile(path)
    path.write_text(text)
    log.refresh()
    assert log.line_count() == len(wanted)
    assert [line.text for line in log.lines(first, count)] == wanted[first : first + count]


def test_a_hundred_megabyte_line_costs_bounded_memory_and_is_marked_as_cut(tmp_path: Path) -> None:
    """I9."""
    path = tmp_path / "output.log"
    megabyte = b"y" * 1_000_000
    with path.open("wb") as file:
        file.write(b"before\n")
        for _ in range(100):
            file.write(megabyte)
        file.write(b"\nafter\n")
    tracemalloc.start()
    try:
        before, long, after = LogFile(path).lines(0, 10)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (before.text, after.text) == ("before", "after")
    assert len(long.text) == LINE_LIMIT
    assert long.cut == pytest.approx(100_000_000 - LINE_LIMIT, abs=2)
    assert peak < 4_000_000


def test_a_progress_bar_shows_its_last_state(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"  0%|   |\r 50%|## |\r100%|####|\r\nnext\r\n")
    assert [line.text for line in LogFile(path).lines(0, 9)] == ["100%|####|", "next"]


def test_a_progress_bar_of_megabytes_shows_its_last_state(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"".join(b"\r%6d/200000" % step for step in range(200_001)))
    assert [line.text for line in LogFile(path).lines(0, 9)] == ["200000/200000"]


def test_a_log_that_shrank_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"old\n" * 100)
    log = LogFile(path)
    path.write_bytes(b"new\n")
    assert log.refresh()
    assert [line.text for line in log.lines(0, 9)] == ["new"]


def test_a_log_that_was_deleted_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"old\n")
    log = LogFile(path)
    path.unlink()
    assert log.lines(0, 1) == []
    assert log.refresh()
    assert log.line_count() == 0
    assert not log.refresh()


def test_escape_sequences_go_and_what_could_deceive_is_spelt_out() -> None:
    assert plain("\x1b[1;31mred\x1b[0m") == "red"
    assert plain("\x1b]0;title\x07text \x1b]8;;http://x\x1b\\link") == "text link"
    assert plain("a\x07b\u202ec\tд") == "a\\x07b\\u202ec\tд"


def test_bytes_that_are_not_text_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_bytes(b"caf\xe9 \xff\x00\n")
    assert [line.text for line in LogFile(path).lines(0, 1)] == ["caf� �\\x00"]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_give_a_control_character(data: bytes) -> None:
    """I9."""
    shown = plain(data.decode("utf-8", "replace"))
    assert not [character for character in shown if character < " " and character != "\t"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Traceback (most recent call last):", Level.TRACEBACK),
        ('  File "/p/components/train.py", line 3, in fit', Level.TRACEBACK),
        ("ValueError: no such column", Level.ERROR),
        ("2026-11-23 20:00:00,1 ERROR loader: gone", Level.ERROR),
        ("error: gone", Level.ERROR),
        ("x.py:3: FutureWarning: soon", Level.WARNING),
        ("WARNING:root:hm", Level.WARNING),
        ("INFO:root:fine", Level.INFO),
        ("[debug] deep", Level.DEBUG),
        ("0 errors, no information", None),
        ("", None),
    ],
)
def test_a_line_says_how_loud_it_is(text: str, level: Level | None) -> None:
    assert level_of(text) is level


def test_the_level_of_a_long_line_takes_no_time() -> None:
    assert level_of("A" * LINE_LIMIT) is None


def test_search_finds_lines_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "output.log"
    path.write_text("\n".join(f"Epoch {step}" for step in range(2000)))
    log = LogFile(path)
    assert list(log.search("epoch 1999")) == [1999]
    assert list(log.search("epoch 10", 11, 1000)) == [*range(100, 110), *range(1000, 1011)]
