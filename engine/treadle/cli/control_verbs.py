"""Verbs that ask something of a run, whichever process goes on with it: `cancel`, `rove`."""

from __future__ import annotations

from typing import Annotated

import typer

from treadle.cli import completing
from treadle.cli.application import RUNS, Json, NodeName, ProjectDir, RunName, project_of, terminal

__all__ = ["approve", "cancel", "verbs"]

verbs = typer.Typer()


@verbs.command(rich_help_panel=RUNS)
def cancel(
    run: RunName,
    node: Annotated[
        str | None,
        typer.Argument(help="Only this node of it.", show_default="all of it", autocompletion=completing.nodes_of_run),
    ] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Stop a run, or one node of it, whichever process holds it."""
    if node is not None:
        from treadle.cli.history import cancel_node

        raise typer.Exit(cancel_node(terminal(), project_of(project), run, node, as_json))
    from treadle.cli.history import cancel_run

    raise typer.Exit(cancel_run(terminal(), project_of(project), run, as_json))


@verbs.command(rich_help_panel=RUNS)
def approve(
    run: RunName,
    node: NodeName,
    reject: Annotated[bool, typer.Option("--reject", help="Say no.")] = False,
    note: Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept with the run.")] = "",
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who decides.", show_default="your user name")] = None,
    project: ProjectDir = None,
    as_json: Json = False,
) -> None:
    """Decide a node that waits for approval, whichever process holds its run. The first answer stands."""
    from treadle.cli.approving import answer_node

    raise typer.Exit(
        answer_node(terminal(), project_of(project), run, node, approved=not reject, note=note, by=by, as_json=as_json)
    )
