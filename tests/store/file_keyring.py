"""Keyrings for tests, of the two sorts that the library knows: recommended, and not. They keep what they are given in
the file that TEST_KEYRING names; a desktop's keyring is not to be had where tests run."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class SafeKeyring(KeyringBackend):
    """Stands for a desktop's."""

    priority = 5

    def _kept(self) -> dict[str, str]:
        file = Path(os.environ["TEST_KEYRING"])
        return json.loads(file.read_text()) if file.exists() else {}

    def _keep(self, kept: dict[str, str]) -> None:
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(kept))

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep({**self._kept(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        self._keep({name: text for name, text in self._kept().items() if name != f"{service}/{username}"})


class PlaintextKeyring(SafeKeyring):
    """Not recommended by the library, as keyrings.alt's are not."""

    priority = 0.5


class LockedKeyring(SafeKeyring):
    """Its person said no."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("prompt dismissed")
