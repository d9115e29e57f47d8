"""`treadle secret`: names and values into the user's keyring, names out of it."""

from __future__ import annotations

import getpass
import os
import sys

from treadle.cli.terminal import Exit, Terminal
from treadle.store.keyring import NoKeyring, is_secret_name, open_keyring
from treadle.store.secrets import VARIABLES, variable

__all__ = ["delete_secret", "list_secrets", "set_secret"]


def set_secret(terminal: Terminal, name: str) -> Exit:
    """Takes the value from the terminal, unseen, or from stdin. INVALID where the name or the value is none."""
    if not is_secret_name(name):
        terminal.error(f"{name!r} is no name: use letters, digits and _, beginning with a letter")
        return Exit.INVALID
    try:
        keyring = open_keyring()
        text = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.read().removesuffix("\n")
        if not text:
            terminal.error("nothing was given: the secret is as it was")
            return Exit.INVALID
        keyring.set(name, text)
    except NoKeyring as error:
        return _refuse(terminal, error)
    terminal.warn(f"kept: a node is given it where a parameter reads $secrets.{name}", "dim")
    if variable(name) in os.environ:
        terminal.warn(f"{variable(name)} is set here and counts more", "yellow")
    return Exit.OK


def list_secrets(terminal: Terminal, as_json: bool) -> Exit:
    """Those of the environment first: they count where both have one."""
    given = sorted(name.removeprefix(VARIABLES).lower() for name in os.environ if name.startswith(VARIABLES))
    try:
        kept: tuple[str, ...] = open_keyring().names()
        missing = ""
    except NoKeyring as error:
        kept, missing = (), str(error)
    if as_json:
        terminal.json({"environment": given, "keyring": list(kept), "error": missing})
        return Exit.OK
    terminal.table(
        ("secret", "from"), [*((name, "environment") for name in given), *((name, "keyring") for name in kept)]
    )
    if missing:
        terminal.warn(missing, "yellow")
    return Exit.OK


def delete_secret(terminal: Terminal, name: str) -> Exit:
    try:
        was_there = open_keyring().delete(name)
    except NoKeyring as error:
        return _refuse(terminal, error)
    if not was_there:
        terminal.error(f"the keyring has no secret {name}")
        return Exit.FAILED
    terminal.warn(f"forgotten: {name}", "dim")
    return Exit.OK


def _refuse(terminal: Terminal, error: NoKeyring) -> Exit:
    terminal.error(str(error))
    return Exit.FAILED
