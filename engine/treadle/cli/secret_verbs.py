"""Verbs about secrets: `secret set`, `secret list`, `secret delete`. No verb shows a secret's value."""

from __future__ import annotations

from typing import Annotated

import typer

from treadle.cli.application import PROJECTS, Json, terminal

__all__ = ["delete", "list_", "set_", "verbs"]

verbs = typer.Typer()
_secret = typer.Typer(no_args_is_help=True)
verbs.add_typer(
    _secret, name="secret", help="Keep secrets in the keyring, which nodes name as $secrets.NAME.",
    rich_help_panel=PROJECTS,
)  # fmt: skip

SecretName = Annotated[str, typer.Argument(metavar="NAME", help="As in $secrets.NAME.", show_default=False)]


@_secret.command("set")
def set_(name: SecretName) -> None:
    """Keep a secret: asked for without showing it, or read from stdin, less its last line break."""
    from treadle.cli.secrets import set_secret

    raise typer.Exit(set_secret(terminal(), name))


@_secret.command("list")
def list_(as_json: Json = False) -> None:
    """List the names of the secrets that there are, and where they come from."""
    from treadle.cli.secrets import list_secrets

    raise typer.Exit(list_secrets(terminal(), as_json))


@_secret.command("delete")
def delete(name: SecretName) -> None:
    """Forget a secret."""
    from treadle.cli.secrets import delete_secret

    raise typer.Exit(delete_secret(terminal(), name))
