"""Secrets: where `$secrets.x` gets its value, when an attempt begins. Only names stand in files, plans and events.

$secrets.warehouse_password  ─►  TREADLE_SECRET_WAREHOUSE_PASSWORD
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

__all__ = ["VARIABLES", "EnvironmentSecrets", "SecretSource", "variable"]

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


def variable(name: str) -> str:
    """The environment variable that holds the secret `name`."""
    return VARIABLES + name.upper()
