"""What any process asks of a run, left in its folder for whichever goes on with it.

<run folder>/requests   an event a line, as it is to stand in the journal; the holder reads what is appended, and begins
                        with none
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast, get_args

from treadle.run.event_codec import NotAnEvent, decode, encode
from treadle.run.events import Recorded
from treadle.run.interventions import Intervention
from treadle.store.descriptors import OURS

__all__ = ["Requests", "clear_requests", "leave_request"]

_KINDS: Final = get_args(Intervention)
_MOST: Final = 1 << 20  # bytes at a time


def leave_request(folder: Path, wish: Intervention) -> None:
    """Appends it whole."""
    line = json.dumps(encode(Recorded(0, time.time(), wish))) + "\n"
    descriptor = os.open(_file(folder), os.O_WRONLY | os.O_CREAT | os.O_APPEND | OURS, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


def clear_requests(folder: Path) -> None:
    """What was asked of the holder before is not asked of the next."""
    _file(folder).unlink(missing_ok=True)


@dataclass(slots=True)
class Requests:
    """The requests left for a run, each given once."""

    folder: Path
    _offset: int = 0

    def fresh(self) -> list[Intervention]:
        """Those that came since the last call; a line that is none is passed over."""
        try:
            with _file(self.folder).open("rb") as opened:
                opened.seek(self._offset)
                text = opened.read(_MOST)
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [wish for line in whole.splitlines() if (wish := _wish(line)) is not None]


def _wish(line: bytes) -> Intervention | None:
    try:
        event = decode(json.loads(line)).event
    except (ValueError, NotAnEvent, RecursionError, AttributeError):
        return None
    return cast("Intervention", event) if isinstance(event, _KINDS) else None


def _file(folder: Path) -> Path:
    return folder / "requests"
