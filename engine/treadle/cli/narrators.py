"""Who tells of a run on a terminal: Narrator, and those that write plain lines, or its events as NDJSON.

A narrator is given every event once, with the state that it made; it decides nothing. Progress bars are `bars.py`.
"""

from __future__ import annotations

import json
import sys
from types import TracebackType
from typing import Final, Protocol, Self

from treadle.cli.event_lines import line_of
from treadle.cli.terminal import Terminal
from treadle.run.event_codec import encode
from treadle.run.events import Recorded
from treadle.run.state import RunState

__all__ = ["Lines", "Narrator", "Ndjson", "Quiet"]

_one_line: Final = json.JSONEncoder(separators=(", ", ": ")).encode


class Narrator(Protocol):
    """Entered before the first event, left after the last."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def tell(self, recorded: Recorded, state: RunState) -> None: ...

    def pause(self) -> None:
        """Nothing more is to be told at once: what was told is to be seen."""


class Quiet:
    """Nothing to begin or to end."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def pause(self) -> None:
        sys.stdout.flush()


class Ndjson(Quiet):
    """An event a line, as it stands in the journal."""

    def tell(self, recorded: Recorded, state: RunState) -> None:
        sys.stdout.write(_one_line(encode(recorded)) + "\n")


class Lines(Quiet):
    """A line for each task that begins or ends: for logs of CI and schedulers, which take no colours."""

    def tell(self, recorded: Recorded, state: RunState) -> None:
        line = line_of(recorded, state)
        if line is not None:
            sys.stdout.write("".join(text for text, _ in line) + "\n")
