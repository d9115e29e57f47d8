"""Time limits in CPU seconds, so that a busy machine does not fail a test."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails where the block uses more; measuring coverage or debugging, which slow it several times, is allowed for."""
    begun = time.process_time()
    yield
    used = time.process_time() - begun
    assert used < seconds * (1 if sys.gettrace() is None else 8), f"{used:.2f} s"
