"""The journal loads as its longest valid prefix, whatever happened to its bytes or to the disk."""

from __future__ import annotations

import errno
import json
import os
import random
import zlib
from pathlib import Path

import pytest

from treadle.store.journal import (
    Journal,
    JournalGone,
    JournalUnwritable,
    OsDisk,
    encode_line,
    load,
    read_journal,
    read_journal_as,
)

RECORDS = [{"seq": number, "kind": "x", "text": 'é🚀\n"' * (number % 4)} for number in range(1, 25)]
DATA = b"".join(map(encode_line, RECORDS))


class FaultyDisk(OsDisk):
    """Fails the N-th call, and every one after it until `heal`; `short` first writes a part, without an error."""

    def __init__(self, fail_at: int, error: int = errno.ENOSPC, short: bool = False) -> None:
        self.calls = 0
        self.fail_at = fail_at
        self.error = error
        self.short = short

    def heal(self) -> None:
        self.fail_at = 1 << 30

    def _fails(self) -> bool:
        self.calls += 1
        return self.calls >= self.fail_at

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        if not self._fails():
            return super().write(descriptor, data)
        if self.short and len(data) > 1:
            self.short = False
            return super().write(descriptor, data[: len(data) // 2])
        raise OSError(self.error, os.strerror(self.error))

    def truncate(self, descriptor: int, size: int) -> None:
        if self._fails():
            raise OSError(self.error, os.strerror(self.error))
        super().truncate(descriptor, size)

    def sync(self, descriptor: int) -> None:
        if self._fails():
            raise OSError(self.error, os.strerror(self.error))
        super().sync(descriptor)


def test_cut_at_every_byte_it_loads_the_whole_lines_before(tmp_path: Path) -> None:
    """I2."""
    path = tmp_path / "events.jsonl"
    for cut in range(len(DATA) + 1):
        path.write_bytes(DATA[:cut])
        assert load(path) == RECORDS[: DATA[:cut].count(b"\n")]


def test_with_a_bit_flipped_anywhere_it_never_gives_a_changed_record(tmp_path: Path) -> None:
    """I2."""
    path = tmp_path / "events.jsonl"
    chance = random.Random(7)
    for position in range(len(DATA)):
        damaged = bytearray(DATA)
        damaged[position] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        records = load(path)
        assert records == RECORDS[: len(records)]
        assert len(records) <= DATA[:position].count(b"\n") + 1


@pytest.mark.parametrize("line", [b"", b"zzzzzzzz {}", b"00000000 []", b"abc", b"\xff" * 20])
def test_what_is_no_record_ends_the_prefix(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(encode_line({"seq": 1}) + line + b"\n" + encode_line({"seq": 2}))
    reading = read_journal(path)
    assert (reading.records, reading.is_cut) == (({"seq": 1},), True)


@pytest.mark.parametrize("body", [b"[1]", b"not json", b"[" * 100_000])
def test_a_body_with_a_good_checksum_that_is_no_object_ends_the_prefix(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"%08x %b\n" % (zlib.crc32(body), body))
    assert load(path) == []


def test_a_torn_tail_is_cut_off_when_it_is_opened_and_the_cut_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(DATA[:-5])
    journal = Journal(path)
    assert journal.repaired > 0
    journal.append({"seq": 24, "again": True})
    journal.flush()
    journal.sync()
    journal.close()
    journal.close()
    assert load(path) == [*RECORDS[:-1], {"seq": 24, "again": True}]


def test_a_journal_that_somebody_removed_says_so_when_it_is_synced(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    journal.append({"seq": 1})
    journal.flush()
    path.unlink()
    with pytest.raises(JournalGone, match="somebody has removed it"):
        journal.sync()
    journal.close()


def test_a_record_that_is_text_already_is_a_line_like_any_other(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    journal = Journal(file)
    for record in RECORDS:
        journal.append_text(json.dumps(record, ensure_ascii=False).encode())
    journal.flush()
    journal.close()
    assert load(file) == RECORDS
    assert read_journal_as(len, file).records == tuple(
        len(json.dumps(each, ensure_ascii=False).encode()) for each in RECORDS
    )


def test_only_what_was_flushed_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    journal = Journal(path)
    journal.append(RECORDS[0])
    assert load(path) == []
    journal.flush()
    journal.flush()
    assert load(path) == RECORDS[:1]
    journal.close()


def test_reading_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(DATA[:200])
    first = read_journal(path)
    path.write_bytes(DATA)
    rest = read_journal(path, first.end)
    assert [*first.records, *rest.records] == RECORDS


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EROFS])
@pytest.mark.parametrize("short", [False, True])
def test_when_the_nth_call_fails_no_record_taken_is_lost_and_it_goes_on_after(
    tmp_path: Path, error: int, short: bool
) -> None:
    """I1, I2: for every N."""
    for fail_at in range(1, 30):
        path = tmp_path / f"{fail_at}.jsonl"
        disk = FaultyDisk(fail_at, error, short)
        journal = Journal(path, disk)
        taken, told = 0, None
        for record in RECORDS:
            journal.append(record)
            try:
                journal.flush()
                journal.sync()
                taken = record["seq"]
            except JournalUnwritable as problem:
                told = (problem.errno, problem.filename)
                break
        assert told == (error, str(path))
        assert load(path)[:taken] == RECORDS[:taken]
        with pytest.raises(JournalUnwritable):
            journal.append({"seq": 99}) or journal.flush() or journal.sync()
        disk.heal()
        journal.flush()
        journal.close()
        records = load(path)
        assert records[: len(records) - 1] == RECORDS[: len(records) - 1]
        assert records[-1] == {"seq": 99}
        assert len(records) > taken


def test_a_disk_that_takes_no_bytes_is_an_error_and_not_an_endless_loop(tmp_path: Path) -> None:
    class Deaf(OsDisk):
        def write(self, descriptor: int, data: bytes | memoryview) -> int:
            return 0

    journal = Journal(tmp_path / "events.jsonl", Deaf())
    journal.append({"seq": 1})
    with pytest.raises(JournalUnwritable, match="no more bytes"):
        journal.flush()
    journal.close()


def test_a_journal_that_cannot_be_opened_says_which(tmp_path: Path) -> None:
    with pytest.raises(JournalUnwritable, match=r"events\.jsonl"):
        Journal(tmp_path / "gone" / "events.jsonl")
