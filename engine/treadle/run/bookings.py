"""Bookings: what a run holds of what it shares with others and what it waits for; as JSON, for other processes too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from treadle.run.room import Demand, Held
from treadle.spec.values import Value

__all__ = ["Booking", "bookings_from_json", "bookings_to_json"]


@dataclass(slots=True)
class Booking:
    """`wanted` is the first task that found no room on the machine; `waits_for` says of pools how many slots the first
    that waits for each wants. `pipeline` tells whose run it is; it goes on once it `is_admitted`."""

    run: str
    pipeline: str
    is_admitted: bool = False
    held: Held = field(default_factory=Held)
    devices: tuple[str, ...] = ()
    wanted: Demand | None = None
    waits_for: Mapping[str, int] = field(default_factory=dict)


def bookings_to_json(bookings: list[Booking]) -> list[Value]:
    return [_to_json(booking) for booking in bookings]


def bookings_from_json(record: object) -> Iterator[Booking]:
    """What can be made of it: another version's process may have written it."""
    for each in record if isinstance(record, list) else []:
        try:
            yield _from_json(each)
        except (TypeError, ValueError, KeyError, AttributeError):
            continue


def _to_json(booking: Booking) -> Value:
    held, wanted = booking.held, booking.wanted
    return {
        "run": booking.run,
        "pipeline": booking.pipeline,
        "admitted": booking.is_admitted,
        "held": [held.cpu, held.memory, held.gpu, held.attempts],
        "pools": dict(held.pools),
        "devices": list(booking.devices),
        "wanted": None if wanted is None else [wanted.cpu, wanted.memory, wanted.gpu],
        "waits_for": dict(booking.waits_for),
    }


def _from_json(record: Mapping[str, Any]) -> Booking:
    cpu, memory, gpu, attempts = record["held"]
    wanted = record["wanted"]
    return Booking(
        str(record["run"]),
        str(record["pipeline"]),
        bool(record["admitted"]),
        Held(float(cpu), int(memory), int(gpu), int(attempts), _slots(record["pools"])),
        tuple(map(str, record["devices"])),
        None if wanted is None else Demand(float(wanted[0]), int(wanted[1]), int(wanted[2])),
        _slots(record["waits_for"]),
    )


def _slots(record: Mapping[str, Any]) -> dict[str, int]:
    return {str(pool): int(slots) for pool, slots in record.items()}
