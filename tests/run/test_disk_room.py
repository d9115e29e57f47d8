"""Room on a disk: more than there was is what lets somebody try again."""

from __future__ import annotations

from pathlib import Path

from treadle.run.disk_room import DiskRoom

MIB = 1 << 20


def looked(*free: int) -> list[bool]:
    """What is said at each look after the first, at which somebody has too little, where so much is free."""
    left = iter(free)
    room = DiskRoom(Path(), lambda _: next(left))
    room.want()
    return [room.has_come() for _ in free[1:]]


def test_a_mebibyte_more_on_a_full_disk_is_room() -> None:
    assert looked(0, 0, MIB - 1, MIB) == [False, False, True]


def test_of_a_disk_with_much_room_a_tenth_more_is() -> None:
    assert looked(100 * MIB, 105 * MIB, 110 * MIB) == [False, True]


def test_what_others_took_meanwhile_is_not_asked_for() -> None:
    assert looked(50 * MIB, 10 * MIB, 12 * MIB) == [False, True]


def test_where_it_cannot_be_known_nothing_is_said() -> None:
    def unknown(_: Path) -> int:
        raise OSError

    room = DiskRoom(Path(), unknown)
    room.want()
    assert [room.has_come() for _ in range(3)] == [False] * 3
