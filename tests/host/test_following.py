"""A subscriber is told every event once, in order, whenever it comes and however slow it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from treadle.host.following import JournalFollower, Tail, follow
from treadle.run.event_codec import encode
from treadle.run.events import ProgressReported, Recorded
from treadle.store.journal import Journal


class Writer:
    """A loop reduced to what a subscriber sees of it: into the journal first, then told."""

    def __init__(self, path: Path) -> None:
        self.journal = Journal(path)
        self.tails: list[Tail] = []
        self.seq = 0

    def write(self, count: int = 1) -> None:
        for _ in range(count):
            self.seq += 1
            recorded = Recorded(self.seq, 0.0, ProgressReported("a", 1, 0.5))
            self.journal.append(encode(recorded))
            self.journal.flush()
            for tail in self.tails:
                tail.offer(recorded)


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    return Writer(tmp_path / "events.jsonl")


async def numbers(journal: JournalFollower, tail: Tail | None, pause: float = 0.0) -> list[int]:
    found: list[int] = []
    async for batch in follow(journal, tail, lambda: False):
        assert batch
        found += [recorded.seq for recorded in batch]
        await asyncio.sleep(pause)
    return found


@pytest.mark.parametrize("capacity", [1, 3, 1000])
@pytest.mark.parametrize("since", [0, 5, 30])
def test_live_late_and_slow_subscribers_are_told_the_same(writer: Writer, capacity: int, since: int) -> None:
    async def tell() -> list[int]:
        writer.write(10)
        tail = Tail(capacity)
        writer.tails.append(tail)
        telling = asyncio.ensure_future(numbers(JournalFollower(writer.journal.path, since), tail, pause=0.001))
        for _ in range(10):
            writer.write(7)
            await asyncio.sleep(0)
        tail.close()
        return await telling

    try:
        assert asyncio.run(tell()) == list(range(since + 1, 81))
    finally:
        writer.journal.close()


def test_a_replay_reads_the_journal_alone(writer: Writer) -> None:
    writer.write(5)
    writer.journal.close()

    assert asyncio.run(numbers(JournalFollower(writer.journal.path, 2), None)) == [3, 4, 5]


def test_a_run_of_another_process_is_followed_until_it_lets_go(writer: Writer) -> None:
    held = [True]

    async def tell() -> list[int]:
        found: list[int] = []
        async for batch in follow(JournalFollower(writer.journal.path, 0), None, lambda: held[0]):
            found += [recorded.seq for recorded in batch]
            if writer.seq < 9:
                writer.write(2)
            else:
                held[0] = False
        return found

    writer.write(1)
    try:
        assert asyncio.run(tell()) == list(range(1, 10))
    finally:
        writer.journal.close()


def test_what_is_written_as_the_holder_lets_go_is_still_told(writer: Writer) -> None:
    looks = []

    def is_held() -> bool:
        looks.append(1)
        if len(looks) == 1:
            return True
        if len(looks) == 2:
            writer.write(3)
        return False

    async def tell() -> list[int]:
        return [r.seq async for batch in follow(JournalFollower(writer.journal.path, 0), None, is_held) for r in batch]

    writer.write(2)
    try:
        assert asyncio.run(tell()) == [1, 2, 3, 4, 5]
    finally:
        writer.journal.close()


def test_a_tail_keeps_no_more_than_its_capacity() -> None:
    async def take() -> list[Recorded]:
        tail = Tail(4)
        for seq in range(1, 1001):
            tail.offer(Recorded(seq, 0.0, ProgressReported("a", 1, 0.5)))
        return await tail.take()

    assert [recorded.seq for recorded in asyncio.run(take())] == [997, 998, 999, 1000]
