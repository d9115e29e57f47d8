"""What every transport keeps to: who may come in, what an open door can do, and how the two ends refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

__all__ = ["Connected", "ForeignPeer", "Listening", "NoAddress"]

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Serves one client, a process of this user's."""


class ForeignPeer(Exception):
    """The other end belongs to another user."""


class NoAddress(Exception):
    """The host can listen nowhere safely; the message says where it tried and why not."""


class Listening(Protocol):
    """A host's open door."""

    def can_be_found(self) -> bool:
        """Whether a client still finds it; where not, the host listens anew."""

    def close(self) -> None:
        """Nobody comes in any more, and nothing is left of the address. Open connections stay open."""
