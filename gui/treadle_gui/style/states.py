"""How a task's state is told: a colour, an icon and a word, never the colour alone.

| state                     | colour    | mark    |
| ------------------------- | --------- | ------- |
| succeeded, failed, running| its own   | filled  |
| cached, queued, pending   | its own   | hollow  |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from treadle_gui.style.tokens import Theme

__all__ = ["IDLE", "StateLook", "state_colour", "state_look"]


@dataclass(frozen=True, slots=True)
class StateLook:
    """`colour` names a field of Theme; `icon` is an mdi6 name; `word` is what a person reads."""

    colour: str
    icon: str
    word: str
    filled: bool


IDLE: Final = StateLook("idle", "minus", "not run", False)

_LOOKS: Final = {
    "pending": StateLook("idle", "dots-horizontal", "waiting", False),
    "queued": StateLook("queued", "dots-horizontal", "queued", False),
    "running": StateLook("running", "play", "running", True),
    "retrying": StateLook("warning", "replay", "retrying", False),
    "deferred": StateLook("queued", "timer-sand", "deferred", False),
    "paused": StateLook("queued", "pause", "paused", False),
    "succeeded": StateLook("succeeded", "check", "succeeded", True),
    "cached": StateLook("succeeded", "refresh", "cached", False),
    "failed": StateLook("failed", "close", "failed", True),
    "crashed": StateLook("failed", "flash", "crashed", True),
    "timed_out": StateLook("failed", "timer-alert-outline", "timed out", True),
    "cancelled": StateLook("warning", "stop", "cancelled", False),
    "skipped": StateLook("idle", "skip-next", "skipped", False),
    "upstream_failed": StateLook("failed", "arrow-up", "upstream failed", False),
    "interrupted": StateLook("warning", "power-plug-off-outline", "interrupted", False),
}


def state_look(state: str) -> StateLook:
    """The look of a task or run state by its name; one nobody ran, or a newer one, is `IDLE`."""
    return _LOOKS.get(state, IDLE)


def state_colour(theme: Theme, state: str) -> str:
    """The state's colour in `theme`, as `#RRGGBB`."""
    colour: str = getattr(theme, state_look(state).colour)
    return colour
