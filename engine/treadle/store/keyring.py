"""The keyring of the desktop (Secret Service, KWallet, Keychain, Credential Locker), by the library `keyring`.

A backend counts only where `keyring` itself recommends it: one that keeps secrets in a plain file never does, whatever
is installed or configured. A keyring can't list what it holds, so the names stand in an entry of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["Keyring", "NoKeyring", "is_secret_name", "open_keyring"]

_T = TypeVar("_T")
_SERVICE: Final = "treadle"
_NAMES: Final = "(names)"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INSTEAD: Final = "set TREADLE_SECRET_… variables in the engine's environment instead"


class NoKeyring(Exception):
    """There is no keyring that can be used; the message says why, and what to do."""


def is_secret_name(name: str) -> bool:
    """Whether `$secrets.name` can be written."""
    return _NAME.fullmatch(name) is not None


class Keyring:
    """This user's secrets. Every method raises NoKeyring where the keyring is locked or has gone."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    def find(self, name: str) -> str | None:
        """The secret's text; None where there is none of this name."""
        return self._get(name)

    def names(self) -> tuple[str, ...]:
        """Sorted; one that was deleted elsewhere is left out."""
        return tuple(name for name in self._listed() if self._get(name) is not None)

    def set(self, name: str, text: str) -> None:
        """Keeps `text` under `name`, in the place of what was there."""
        self._put(name, text)
        self._put(_NAMES, json.dumps(sorted({*self._listed(), name})))

    def delete(self, name: str) -> bool:
        """Whether there was one of this name."""
        was_there = self._get(name) is not None
        if was_there:
            _told(lambda: self._backend.delete_password(_SERVICE, name))
        self._put(_NAMES, json.dumps(sorted({*self._listed()} - {name})))
        return was_there

    def _listed(self) -> list[str]:
        try:
            found = json.loads(self._get(_NAMES) or "[]")
        except ValueError:
            return []
        return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []

    def _get(self, name: str) -> str | None:
        return _told(lambda: self._backend.get_password(_SERVICE, name))

    def _put(self, name: str, text: str) -> None:
        _told(lambda: self._backend.set_password(_SERVICE, name, text))


def _told(ask: Callable[[], _T]) -> _T:
    """What `ask` answers. Backends raise what their desktop's libraries raise."""
    try:
        return ask()
    except Exception as error:
        raise NoKeyring(f"the keyring does not answer ({type(error).__name__}: {error}): {_INSTEAD}") from error


def open_keyring() -> Keyring:
    """The desktop's keyring. Raises NoKeyring."""
    import keyring  # 100 ms that only who needs a secret pays
    from keyring.backends.chainer import ChainerBackend

    backend = _told(keyring.get_keyring)
    chosen = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    fit = [each for each in chosen if each.priority >= 1]
    if fit:
        return Keyring(fit[0])
    if type(backend).__module__.startswith("keyring.backends."):
        raise NoKeyring(f"this machine has no keyring service that answers: {_INSTEAD}")
    raise NoKeyring(f"{backend.name} does not keep secrets safe, so it is not used: {_INSTEAD}")
