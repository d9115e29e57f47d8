"""The flags of every descriptor that is ours: no child process inherits it, and its bytes are as they were written.

Windows would turn line ends into others where it isn't told not to.
"""

from __future__ import annotations

import os
from typing import Final

__all__ = ["OURS"]

OURS: Final[int] = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOINHERIT", 0) | getattr(os, "O_BINARY", 0)
