"""Mask: bytes that pass by, with every secret in them replaced by `***`, wherever they were cut into pieces.

Only what could be the beginning of a secret is held back, so a log streams as before. This keeps a secret from being
read by accident; code that wants to give one away (in another encoding, a letter at a time) can.
Standard library only, Python ≥ 3.9.
"""

from __future__ import annotations

import re
from typing import Any, Sequence  # noqa: UP035 (runs under Python 3.9 too)

__all__ = ["HIDDEN", "Mask"]

HIDDEN = "***"
_SHORTEST = 4
_NAMES = ("kind", "digest", "codec", "type")


class Mask:
    """Hides `secrets`, and each line of one that has several; what is under four characters stands everywhere, and
    stays."""

    def __init__(self, secrets: Sequence[str]) -> None:
        parts = {part for secret in secrets for part in (secret, *secret.splitlines())}
        self._texts = sorted((part for part in parts if len(part.strip()) >= _SHORTEST), key=len, reverse=True)
        self._secrets = [text.encode("utf-8", "surrogateescape") for text in self._texts]
        self._pattern = re.compile(b"|".join(map(re.escape, self._secrets)) or b"(?!)")
        self._held = b""

    def pass_on(self, data: bytes) -> bytes:
        """What may be shown of `data` and what was held back before it."""
        if not self._secrets:
            return data
        shown = self._pattern.sub(HIDDEN.encode(), self._held + data)
        held = self._beginning(shown)
        self._held = shown[len(shown) - held :]
        return shown[: len(shown) - held]

    def rest(self) -> bytes:
        """What was held back: it began like a secret and was none."""
        held, self._held = self._held, b""
        return held

    def hide(self, value: Any) -> Any:
        """`value`, which is JSON, with the secrets in its texts hidden; what names an artifact stays as it is."""
        if not self._texts:
            return value
        if isinstance(value, str):
            for secret in self._texts:
                value = value.replace(secret, HIDDEN)
            return value
        if isinstance(value, list):
            return [self.hide(item) for item in value]
        if isinstance(value, dict):
            return {key: item if key in _NAMES else self.hide(item) for key, item in value.items()}
        return value

    def _beginning(self, data: bytes) -> int:
        """How many of the last bytes begin a secret that may go on."""
        most = min(len(data), len(self._secrets[0]) - 1) if self._secrets else 0
        for count in range(most, 0, -1):
            tail = data[-count:]
            if any(len(secret) > count and secret.startswith(tail) for secret in self._secrets):
                return count
        return 0
