"""Secrets: where `$secrets.x` gets its value, when a run begins. Only names stand in files, plans and events.

$secrets.warehouse  ─►  TREADLE_SECRET_WAREHOUSE of whoever runs it, else the keyring of the desktop
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, Protocol

from treadle.store.keyring import Keyring, NoKeyring, open_keyring

__all__ = [
    "VARIABLES", "EnvironmentSecrets", "FirstOf", "HeldSecrets", "KeyringSecrets", "SecretSource", "how_to_set",
    "own_secrets", "variable",
]  # fmt: skip

VARIABLES: Final = "TREADLE_SECRET_"


class SecretSource(Protocol):
    """Looks secrets up by name."""

    def find(self, name: str) -> str | None:
        """The secret's text; None where there is none of this name."""


class EnvironmentSecrets:
    """Secrets in environment variables of the engine."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def find(self, name: str) -> str | None:
        return self._environment.get(variable(name))


class KeyringSecrets:
    """Secrets in the keyring, which is opened when the first is asked for; none where there is no keyring."""

    def __init__(self) -> None:
        self._keyring: Keyring | None = None
        self._is_missing = False

    def find(self, name: str) -> str | None:
        if self._is_missing:
            return None
        try:
            self._keyring = self._keyring or open_keyring()
            return self._keyring.find(name)
        except NoKeyring:
            self._is_missing = True
            return None


class FirstOf:
    """What the first of several sources has."""

    def __init__(self, *sources: SecretSource) -> None:
        self._sources = sources

    def find(self, name: str) -> str | None:
        return next((found for source in self._sources if (found := source.find(name)) is not None), None)


class HeldSecrets:
    """Secrets that were looked up before, so that nobody waits for a keyring in the middle of a run."""

    def __init__(self, held: Mapping[str, str], others: SecretSource) -> None:
        self._held = held
        self._others = others

    def find(self, name: str) -> str | None:
        return self._held[name] if name in self._held else self._others.find(name)


def own_secrets() -> SecretSource:
    """Those of this process and its user."""
    return FirstOf(EnvironmentSecrets(os.environ), KeyringSecrets())


def variable(name: str) -> str:
    """The environment variable that holds the secret `name`."""
    return VARIABLES + name.upper()


def how_to_set(name: str) -> str:
    return f"`treadle secret set {name}`, or set {variable(name)} in the engine's environment"
