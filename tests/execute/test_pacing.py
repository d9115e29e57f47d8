"""A channel is read at once, and seldom where something comes all the time. The clock and the loop are the test's."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from treadle.execute.pacing import PacedReader


class Timer:
    def __init__(self, due: float, call: Callable[[], None]) -> None:
        self.due, self.call, self.cancelled = due, call, False

    def cancel(self) -> None:
        self.cancelled = True


class StillLoop:
    """Goes on only by `at`, where the channel has something to be read."""

    def __init__(self) -> None:
        self.now = 0.0
        self.reader: Callable[[], None] | None = None
        self.timers: list[Timer] = []

    def time(self) -> float:
        return self.now

    def add_reader(self, _channel: object, call: Callable[[], None]) -> None:
        self.reader = call

    def remove_reader(self, _channel: object) -> None:
        self.reader = None

    def call_later(self, delay: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.now + delay, call))
        return self.timers[-1]

    def at(self, now: float) -> None:
        self.now = now
        due = [timer for timer in self.timers if timer.due <= now and not timer.cancelled]
        self.timers = [timer for timer in self.timers if timer not in due]
        for timer in due:
            timer.call()
        if self.reader is not None:
            self.reader()


def paced() -> tuple[StillLoop, PacedReader, list[float]]:
    loop, read = StillLoop(), list[float]()
    return loop, PacedReader(loop, 7, lambda: read.append(loop.now)), read  # type: ignore[arg-type]


def test_the_first_of_a_burst_are_read_as_they_come() -> None:
    loop, _, read = paced()
    for millisecond in range(10):
        loop.at(millisecond / 1000)
    assert read == [millisecond / 1000 for millisecond in range(10)]


def test_a_channel_that_never_rests_is_read_fifteen_times_a_second_and_to_its_end() -> None:
    loop, _, read = paced()
    for millisecond in range(10_000):
        loop.at(millisecond / 1000)
    assert 140 <= len(read) <= 180
    assert max(after - before for before, after in pairwise(read)) <= 0.07
    assert read[-1] > 9.92


def test_after_a_rest_it_is_read_at_once_again() -> None:
    loop, _, read = paced()
    for millisecond in range(1_000):
        loop.at(millisecond / 1000)
    read.clear()
    for millisecond in range(10):
        loop.at(5 + millisecond / 1000)
    assert len(read) == 10


def test_closed_it_reads_no_more_wherever_it_was() -> None:
    for until in (5, 500):
        loop, reader, read = paced()
        for millisecond in range(until):
            loop.at(millisecond / 1000)
        reader.close()
        reader.close()
        known = len(read)
        loop.at(9.0)
        assert len(read) == known
        assert all(timer.cancelled for timer in loop.timers)


def test_what_is_closed_by_what_it_read_rests_no_more() -> None:
    loop = StillLoop()
    reads = list[float]()

    def read() -> None:
        reads.append(loop.now)
        if len(reads) == 30:
            reader.close()

    reader = PacedReader(loop, 7, read)  # type: ignore[arg-type]
    for millisecond in range(3_000):
        loop.at(millisecond / 1000)
    assert len(reads) == 30
    assert not loop.timers


def test_who_is_told_to_rest_reads_again_after_it() -> None:
    loop, reader, read = paced()
    reader.rest(0.05)
    reader.rest(5.0)  # it rests already
    for millisecond in range(100):
        loop.at(millisecond / 1000)
    assert read[0] == 0.05


def test_who_has_closed_does_not_rest() -> None:
    loop, reader, read = paced()
    reader.close()
    reader.rest(0.05)
    loop.at(1.0)
    assert not read
